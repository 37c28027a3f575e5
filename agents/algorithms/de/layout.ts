import type { AgentGene } from '../../agent.js';

/** Whole numbers of so many bits are exact in f32. */
const EXACT_BITS = 24;

/**
 * How a row of places is laid out: first a number for each gene with an order, between its values, then the values of all
 * other genes, packed into as few numbers as hold them. f32, and few of them: parents are picked at random, and each costs as
 * many fetches from memory as its row is long; the fractions only say where a gene was on its way.
 */
export class Layout {
  /** Numbers of a row. */
  readonly width: number;
  /** Genes with an order; their places come first. */
  readonly ordered: Uint32Array;
  /** All other genes, of at most 2^24 values. */
  readonly categories: Uint32Array;
  /** For each number that is packed, the place in `categories` behind the last one in it. */
  readonly ends: Uint32Array;
  /** For each of `categories`, where its bits begin, the bits themselves, and the bits before they are shifted. */
  readonly shifts: Uint8Array;
  readonly fields: Uint32Array;
  readonly masks: Uint32Array;
  /** The largest digit of each gene. */
  readonly last: Float64Array;

  constructor(genes: readonly AgentGene[]) {
    const isOrdered = ({ scale }: AgentGene) => scale === 'linear' || scale === 'log';
    this.ordered = Uint32Array.from(genes.flatMap((gene, g) => (isOrdered(gene) ? [g] : [])));
    this.categories = Uint32Array.from(genes.flatMap((gene, g) => (isOrdered(gene) ? [] : [g])));
    this.last = Float64Array.from(genes, ({ size }) => size - 1);
    this.shifts = new Uint8Array(this.categories.length);
    this.fields = new Uint32Array(this.categories.length);
    this.masks = new Uint32Array(this.categories.length);
    const ends: number[] = [];
    let used = 0;
    this.categories.forEach((g, c) => {
      const bits = 32 - Math.clz32(this.last[g]!);
      if (used + bits > EXACT_BITS) {
        ends.push(c);
        used = 0;
      }
      this.shifts[c] = used;
      this.masks[c] = 2 ** bits - 1;
      this.fields[c] = this.masks[c]! << used;
      used += bits;
    });
    if (this.categories.length > 0) ends.push(this.categories.length);
    this.ends = Uint32Array.from(ends);
    this.width = this.ordered.length + this.ends.length;
  }

  /** Rows of places, gene by gene, as they are laid out. */
  pack(places: ArrayLike<number>): Float32Array {
    const { ordered, categories, ends, shifts, last } = this;
    const rows = new Float32Array((places.length / Math.max(1, last.length)) * this.width);
    for (let to = 0, from = 0; to < rows.length; from += last.length) {
      for (let i = 0; i < ordered.length; i++) rows[to++] = places[from + ordered[i]!]!;
      for (let k = 0, c = 0; k < ends.length; k++) {
        let word = 0;
        for (; c < ends[k]!; c++) word |= places[from + categories[c]!]! << shifts[c]!;
        rows[to++] = word;
      }
    }
    return rows;
  }

  /** The places of rows, gene by gene. */
  unpack(rows: Float32Array): number[] {
    const { ordered, categories, ends, shifts, masks, last } = this;
    const places = new Array<number>((rows.length / Math.max(1, this.width)) * last.length);
    for (let from = 0, to = 0; from < rows.length; to += last.length) {
      for (let i = 0; i < ordered.length; i++) places[to + ordered[i]!] = rows[from++]!;
      for (let k = 0, c = 0; k < ends.length; k++) {
        const word = rows[from++]!;
        for (; c < ends[k]!; c++) places[to + categories[c]!] = (word >>> shifts[c]!) & masks[c]!;
      }
    }
    return places;
  }

  /** The digits that rows stand for. */
  round(rows: Float32Array): Uint32Array {
    const { ordered, categories, ends, shifts, masks, last } = this;
    const digits = new Uint32Array((rows.length / Math.max(1, this.width)) * last.length);
    for (let from = 0, to = 0; from < rows.length; to += last.length) {
      for (let i = 0; i < ordered.length; i++) digits[to + ordered[i]!] = rows[from++]! + 0.5;
      for (let k = 0, c = 0; k < ends.length; k++) {
        const word = rows[from++]! >>> 0;
        for (; c < ends[k]!; c++) digits[to + categories[c]!] = (word >>> shifts[c]!) & masks[c]!;
      }
    }
    return digits;
  }
}
