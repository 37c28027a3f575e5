import type { RandomStream } from './stream.js';

/**
 * A distribution over 0 … n − 1 that is drawn from many times: the sums of its probabilities, and for each n-th of [0, 1) the
 * place to begin at, so that a draw takes a step or two however many values there are (indexed search; Chen & Asau, AIIE
 * Transactions 6(2), 1974).
 */
class Distribution {
  private readonly sums: Float64Array;
  private readonly guide: Uint32Array;

  /** @param probabilities they sum to 1 */
  constructor(probabilities: ArrayLike<number>) {
    const count = probabilities.length;
    this.sums = new Float64Array(count);
    this.guide = new Uint32Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += probabilities[i]!;
      this.sums[i] = sum;
    }
    // Rounding must not leave a gap at the end.
    this.sums[count - 1] = Number.POSITIVE_INFINITY;
    let value = 0;
    for (let part = 0; part < count; part++) {
      while (this.sums[value]! <= part / count) value++;
      this.guide[part] = value;
    }
  }

  /** Draws a value into every `stride`-th place of an array, from `from` to before `to`. */
  fill(out: Uint32Array, from: number, to: number, stride: number, stream: RandomStream): void {
    const { sums, guide } = this;
    for (let i = from; i < to; i += stride) {
      const place = stream.uniform();
      let value = guide[(place * guide.length) | 0]!;
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
  const distributions = probabilities.map((one) => new Distribution(one));
  for (let from = 0; from < rows.length; from += BLOCK * width) {
    const to = Math.min(rows.length, from + BLOCK * width);
    for (let g = 0; g < width; g++) distributions[g]!.fill(rows, from + g, to, width, stream);
  }
}
