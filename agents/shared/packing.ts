import { rowLayout } from '../../kernels/evolution/rows.js';
import type { AgentGene } from '../agent.js';
import type { RandomStream } from './stream.js';
import { temporaryWords } from './temporary.js';

/**
 * Rows of digits packed into words: of each digit as many bits as its gene's largest one has, and none across two words. So
 * the rows of a large population, from which parents are picked at random, fit in a fast cache.
 *
 * @example
 * const packing = new Packing([{ size: 4, scale: 'linear' }, { size: 2, scale: 'category' }]);
 * const rows = packing.pack(Uint32Array.of(3, 1, 0, 1)); // two designs, a word each: 0b111, 0b100
 * packing.unpack(rows); // 3, 1, 0, 1
 */
export class Packing {
  /** Words of a row. */
  readonly width: number;
  /** The gene behind the last one of each word. */
  private readonly ends: Uint32Array;
  /** Where the digit of each gene begins in its word, and its bits before they are shifted. */
  private readonly shifts: Uint8Array;
  private readonly masks: Uint32Array;

  constructor(private readonly genes: readonly AgentGene[]) {
    const { words, fields } = rowLayout(genes.map(({ size }) => size));
    this.shifts = new Uint8Array(genes.length);
    this.masks = new Uint32Array(genes.length);
    fields.forEach(({ shift, bits }, g) => {
      this.shifts[g] = shift;
      this.masks[g] = 2 ** bits - 1;
    });
    const lastOf = (k: number): number => fields.findLastIndex(({ word }) => word === k);
    this.ends = Uint32Array.from({ length: genes.length === 0 ? 0 : words }, (_, k) => lastOf(k) + 1);
    this.width = this.ends.length;
  }

  /** Packs rows of digits; temporary. */
  pack(digits: Uint32Array): Uint32Array {
    const { ends, shifts, width } = this;
    const rows = temporaryWords((digits.length / Math.max(1, this.genes.length)) * width);
    for (let row = 0, at = 0; row < rows.length; row += width, at += this.genes.length) {
      for (let k = 0, g = 0; k < width; k++) {
        let word = 0;
        for (; g < ends[k]!; g++) word |= digits[at + g]! << shifts[g]!;
        rows[row + k] = word;
      }
    }
    return rows;
  }

  /** The digits of packed rows. */
  unpack(rows: Uint32Array): Uint32Array {
    const digits = new Uint32Array((rows.length / Math.max(1, this.width)) * this.genes.length);
    for (let row = 0, to = 0; row < rows.length; row += this.width, to += this.genes.length) {
      this.unpackRow(rows, row, digits, to);
    }
    return digits;
  }

  /** Writes the digits of the row that begins at `row` from `to` on. */
  unpackRow(rows: Uint32Array, row: number, digits: Uint32Array, to: number): void {
    const { ends, shifts, masks } = this;
    for (let k = 0, g = 0; k < ends.length; k++) {
      const word = rows[row + k]!;
      for (; g < ends[k]!; g++) digits[to + g] = (word >>> shifts[g]!) & masks[g]!;
    }
  }

  /**
   * Writes the digits of a child of two rows, by the places where they begin, from `to` on: each gene from either, as a word
   * of random bits for 32 genes says (uniform crossover; Syswerda, ICGA 1989).
   */
  cross(rows: Uint32Array, first: number, second: number, digits: Uint32Array, to: number, stream: RandomStream): void {
    const { ends, shifts, masks, width } = this;
    let bits = 0;
    for (let k = 0, g = 0; k < width; k++) {
      const word = rows[first + k]!;
      const difference = word ^ rows[second + k]!;
      for (; g < ends[k]!; g++) {
        if ((g & 31) === 0) bits = stream.word();
        // Without a branch: it would be predicted wrongly half of the time.
        const chosen = word ^ (difference & -((bits >>> (g & 31)) & 1));
        digits[to + g] = (chosen >>> shifts[g]!) & masks[g]!;
      }
    }
  }
}
