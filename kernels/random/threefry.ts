/**
 * Threefry-2x32 with 20 rounds, a counter-based generator: the same words on the CPU and on the GPU, in any order.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants as in Random123.
 * Twin of threefry.wgsl. It needs addition, rotation and xor only: WGSL has no 32 × 32 → 64 bit product, which Philox wants.
 */

/** Key parity of Threefry with 32-bit words. */
const PARITY = 0x1bd11bda;

/**
 * Encrypts the counter under the key. Written out round by round: with loops over rotations and keys it takes three times as
 * long.
 *
 * @param out receives two words of 32 bits, from `at` on
 * @example
 * const words = new Uint32Array(2);
 * threefry2x32(seed, stream, counter, 0, words);
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
  at = 0,
): void {
  const key2 = PARITY ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;

  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 13) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 15) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 26) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 6) ^ x0;
  x0 = (x0 + key1) | 0;
  x1 = (x1 + key2 + 1) | 0;

  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 17) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 29) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 16) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 24) ^ x0;
  x0 = (x0 + key2) | 0;
  x1 = (x1 + key0 + 2) | 0;

  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 13) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 15) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 26) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 6) ^ x0;
  x0 = (x0 + key0) | 0;
  x1 = (x1 + key1 + 3) | 0;

  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 17) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 29) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 16) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 24) ^ x0;
  x0 = (x0 + key1) | 0;
  x1 = (x1 + key2 + 4) | 0;

  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 13) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 15) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 26) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = rotate(x1, 6) ^ x0;
  x0 = (x0 + key2) | 0;
  x1 = (x1 + key0 + 5) | 0;

  out[at] = x0;
  out[at + 1] = x1;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
