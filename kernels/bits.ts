/** Number of the lowest bit that is set in a word, which is not 0; `firstTrailingBit` in WGSL. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Smallest L with 2^L ≥ n. */
export function ceilLog2(n: number): number {
  return n <= 1 ? 0 : 32 - Math.clz32(n - 1);
}
