import type { RandomStream } from './stream.js';

/** Parts of a guide for each value, at most: the more there are, the fewer draws fall into a part that values share. */
const PARTS = 8;

/**
 * A distribution over 0 … n − 1 that is drawn from many times: the sums of its probabilities, and for each of many parts of
 * [0, 1) the place to begin at, so that most draws take no step however many values there are (indexed search; Chen & Asau,
 * AIIE Transactions 6(2), 1974).
 */
class Distribution {
  private readonly sums: Float64Array;
  private readonly guide: Uint32Array;
  /** Bits of a word below those that tell its part. */
  private readonly shift: number;

  /**
   * @param probabilities they sum to 1
   * @param draws how many there will be: for few, a long guide takes longer than what it saves
   */
  constructor(probabilities: ArrayLike<number>, draws: number) {
    const count = probabilities.length;
    const parts = Math.max(2, count, Math.min(PARTS * count, draws));
    const bits = Math.ceil(Math.log2(parts));
    this.sums = new Float64Array(count);
    this.guide = new Uint32Array(2 ** bits);
    this.shift = 32 - bits;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += probabilities[i]!;
      this.sums[i] = sum;
    }
    // Rounding must not leave a gap at the end.
    this.sums[count - 1] = Number.POSITIVE_INFINITY;
    let value = 0;
    for (let part = 0; part < this.guide.length; part++) {
      while (this.sums[value]! <= part / this.guide.length) value++;
      this.guide[part] = value;
    }
  }

  /** Draws a value from each word into every `stride`-th place of an array, from `from` on. */
  fill(out: Uint32Array, from: number, stride: number, words: Uint32Array, begin: number, end: number): void {
    const { sums, guide } = this;
    const shift = this.shift;
    for (let at = begin, i = from; at < end; at++, i += stride) {
      const word = words[at]!;
      const place = word * 2 ** -32;
      let value = guide[word >>> shift]!;
      while (place >= sums[value]!) value++;
      out[i] = value;
    }
  }
}

/** Rows that are drawn together: column by column they still fit in the fastest cache. */
const BLOCK = 128;

/** Draws rows of values, one by each distribution. */
export function fillRows(probabilities: readonly ArrayLike<number>[], rows: Uint32Array, stream: RandomStream): void {
  const width = probabilities.length;
  const distributions = probabilities.map((one) => new Distribution(one, rows.length / width));
  const words = new Uint32Array(BLOCK * width);
  for (let from = 0; from < rows.length; from += BLOCK * width) {
    const count = Math.min(BLOCK, (rows.length - from) / width);
    const drawn = words.subarray(0, count * width);
    stream.words(drawn);
    for (let g = 0; g < width; g++) distributions[g]!.fill(rows, from + g, width, drawn, g * count, (g + 1) * count);
  }
}
