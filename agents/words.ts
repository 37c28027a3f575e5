/** Key parity of Threefry with 32-bit words. */
const PARITY = 0x1bd11bda;

/**
 * Fills an array with words of a stream: Threefry-2x32 with 20 rounds, as {@link threefry2x32} for one counter after
 * another. Two counters at a time, whose rounds a processor does side by side: a round waits for the one before.
 *
 * @param begin place of the first word in the stream; a multiple of the array's length
 * @param out its length is a power of two, 4 or more: so the upper words of all its counters are the same
 * @example
 * fillWords(seed, stream, 0, words);
 */
export function fillWords(key0: number, key1: number, begin: number, out: Uint32Array): void {
  const key2 = PARITY ^ key0 ^ key1;
  const low = (begin / 2 + key0) | 0;
  const high = (Math.floor(begin / 2 ** 33) + key1) | 0;
  for (let i = 0; i < out.length; i += 4) {
    let a0 = (low + (i >>> 1)) | 0;
    let a1 = high;
    let b0 = (a0 + 1) | 0;
    let b1 = high;

    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 13) ^ a0;
    b1 = rotate(b1, 13) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 15) ^ a0;
    b1 = rotate(b1, 15) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 26) ^ a0;
    b1 = rotate(b1, 26) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 6) ^ a0;
    b1 = rotate(b1, 6) ^ b0;
    a0 = (a0 + key1) | 0;
    b0 = (b0 + key1) | 0;
    a1 = (a1 + key2 + 1) | 0;
    b1 = (b1 + key2 + 1) | 0;

    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 17) ^ a0;
    b1 = rotate(b1, 17) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 29) ^ a0;
    b1 = rotate(b1, 29) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 16) ^ a0;
    b1 = rotate(b1, 16) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 24) ^ a0;
    b1 = rotate(b1, 24) ^ b0;
    a0 = (a0 + key2) | 0;
    b0 = (b0 + key2) | 0;
    a1 = (a1 + key0 + 2) | 0;
    b1 = (b1 + key0 + 2) | 0;

    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 13) ^ a0;
    b1 = rotate(b1, 13) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 15) ^ a0;
    b1 = rotate(b1, 15) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 26) ^ a0;
    b1 = rotate(b1, 26) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 6) ^ a0;
    b1 = rotate(b1, 6) ^ b0;
    a0 = (a0 + key0) | 0;
    b0 = (b0 + key0) | 0;
    a1 = (a1 + key1 + 3) | 0;
    b1 = (b1 + key1 + 3) | 0;

    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 17) ^ a0;
    b1 = rotate(b1, 17) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 29) ^ a0;
    b1 = rotate(b1, 29) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 16) ^ a0;
    b1 = rotate(b1, 16) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 24) ^ a0;
    b1 = rotate(b1, 24) ^ b0;
    a0 = (a0 + key1) | 0;
    b0 = (b0 + key1) | 0;
    a1 = (a1 + key2 + 4) | 0;
    b1 = (b1 + key2 + 4) | 0;

    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 13) ^ a0;
    b1 = rotate(b1, 13) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 15) ^ a0;
    b1 = rotate(b1, 15) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 26) ^ a0;
    b1 = rotate(b1, 26) ^ b0;
    a0 = (a0 + a1) | 0;
    b0 = (b0 + b1) | 0;
    a1 = rotate(a1, 6) ^ a0;
    b1 = rotate(b1, 6) ^ b0;
    a0 = (a0 + key2) | 0;
    b0 = (b0 + key2) | 0;
    a1 = (a1 + key0 + 5) | 0;
    b1 = (b1 + key0 + 5) | 0;

    out[i] = a0;
    out[i + 1] = a1;
    out[i + 2] = b0;
    out[i + 3] = b1;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
