/** Number of the lowest bit that is set in a word, which is not 0; `firstTrailingBit` in WGSL. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
