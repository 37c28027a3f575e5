/**
 * Threefry-2x32 with 20 rounds, a counter-based generator: the same words on the CPU and on the GPU, in any order.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants as in Random123.
 * Twin of threefry.wgsl. It needs addition, rotation and xor only: WGSL has no 32 × 32 → 64 bit product, which Philox wants.
 */

/** Rotations of rounds 0–3 and 4–7; later rounds repeat them. */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Key parity of Threefry with 32-bit words. */
const PARITY = 0x1bd11bda;

const GROUPS = 5;

/**
 * Encrypts the counter under the key.
 *
 * @param out receives two words of 32 bits
 * @example
 * const words = new Uint32Array(2);
 * threefry2x32(seed, stream, counter, 0, words);
 */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number, out: Uint32Array): void {
  const key2 = PARITY ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < GROUPS; group++) {
    for (let round = 0; round < 4; round++) {
      const rotation = ROTATIONS[(group % 2) * 4 + round]!;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    }
    const injected = group + 1;
    x0 = (x0 + subkey(injected, key0, key1, key2)) | 0;
    x1 = (x1 + subkey(injected + 1, key0, key1, key2) + injected) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

function subkey(place: number, key0: number, key1: number, key2: number): number {
  const third = place % 3;
  return third === 0 ? key0 : third === 1 ? key1 : key2;
}
