import type { RandomStream } from '../../shared/stream.js';
import type { Layout } from './layout.js';
import type { Trials } from './trials.js';

/** Trials that are made together: all about them fits in the fastest cache. */
const BLOCK = 64;

/** Whom each trial descends from, by their rows: members and, of the second, also rows of the archive, which follow. */
export interface Parents {
  /** One of the best. */
  readonly best: Uint32Array;
  /** Two whose difference it moves by. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

/**
 * Makes trials: current-to-pbest/1 with binomial crossover (Tanabe & Fukunaga 2014, eqs. 4–5). For genes without an order a
 * step of length F to a value is that value with probability F, and a difference of two that is not zero leads to the first
 * of them or to any value. One random number decides all about a gene: within the bounds that it fell into, it is uniform
 * again.
 */
export class Mutation {
  /** A random word for each trial, and one for each of its genes. */
  private readonly words: Uint32Array;
  // Rows of a block, column by column: its trials' targets and parents.
  private readonly own: Float32Array;
  private readonly best: Float32Array;
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  /** Categories of a number about which more than a bit is to be said. */
  private readonly open: Uint32Array;

  constructor(private readonly layout: Layout) {
    const rows = () => new Float32Array(BLOCK * layout.width);
    [this.own, this.best, this.first, this.second] = [rows(), rows(), rows(), rows()];
    this.open = new Uint32Array(layout.categories.length + 1);
    this.words = new Uint32Array(BLOCK * (layout.last.length + 1));
  }

  /**
   * Writes the rows of trials whose targets and rates are set.
   *
   * @param rows those of members and behind them of the archive
   */
  write(trials: Trials, parents: Parents, rows: Float32Array, stream: RandomStream): void {
    const { words, layout } = this;
    const { width } = layout;
    for (let from = 0; from < trials.targets.length; from += BLOCK) {
      const to = Math.min(trials.targets.length, from + BLOCK);
      stream.words(words.subarray(0, (to - from) * (layout.last.length + 1)));
      gather(rows, width, trials.targets.subarray(from, to), this.own);
      gather(rows, width, parents.best.subarray(from, to), this.best);
      gather(rows, width, parents.first.subarray(from, to), this.first);
      gather(rows, width, parents.second.subarray(from, to), this.second);
      this.moveOrdered(trials, from, to);
      this.chooseCategories(trials, from, to);
    }
  }

  /** Genes with an order, of the trials from … to − 1. */
  private moveOrdered({ rows, f: fs, cr: crs }: Trials, from: number, to: number): void {
    const { words, own, best, first, second } = this;
    const { ordered, last, width } = this.layout;
    const numbers = last.length + 1;
    for (let k = 0; k < ordered.length; k++) {
      const g = ordered[k]!;
      const largest = last[g]!;
      for (let i = from, at = k * BLOCK, drawn = 0; i < to; i++, at++, drawn += numbers) {
        const here = own[at]!;
        const f = fs[i]!;
        const crosses = words[drawn + 1 + g]! * 2 ** -32 < crs[i]! || g === certainGene(words[drawn]!, last.length);
        const moved = here + f * (best[at]! - here) + f * (first[at]! - second[at]!);
        rows[i * width + k] = crosses ? within(largest, here, moved) : here;
      }
    }
  }

  /**
   * All other genes, of the trials from … to − 1. First without branches, which would be predicted wrongly half of the time:
   * most genes need no more than a bit that says whether the best one's value is taken.
   */
  private chooseCategories({ rows, f: fs, cr: crs }: Trials, from: number, to: number): void {
    const { words, own, best, first, second } = this;
    const open = this.open;
    const { ordered, categories, ends, shifts, fields, masks, last, width } = this.layout;
    const numbers = last.length + 1;
    for (let i = from, drawn = 0; i < to; i++, drawn += numbers) {
      const f = fs[i]!;
      const cr = crs[i]!;
      const certain = certainGene(words[drawn]!, last.length);
      // A word below the first crosses; below the second it takes from the best. Where values differ, those below the third
      // may come from further away, and so may as many behind the second as the fourth tells.
      const crossing = firstBehind(cr);
      const fromBest = firstBehind(cr * f);
      const bestOrFar = firstBehind(cr * f * f);
      const ownOrFar = firstBehind(cr * (f + f * (1 - f))) - fromBest;
      const bestScale = 2 / (cr * f * f);
      const ownScale = 2 / (cr * (1 - f) * f);
      const ownOffset = 2 / (1 - f);
      for (let k = 0, c = 0; k < ends.length; k++) {
        const at = (ordered.length + k) * BLOCK + i - from;
        const here = own[at]! | 0;
        const there = best[at]! | 0;
        const a = first[at]! | 0;
        const b = second[at]! | 0;
        let chosen = here;
        let count = 0;
        for (; c < ends[k]!; c++) {
          const word = words[drawn + 1 + categories[c]!]!;
          const field = fields[c]!;
          chosen ^= (here ^ there) & field & -Number(word < fromBest);
          const isFar = Number(word < bestOrFar) | Number((word - fromBest) >>> 0 < ownOrFar);
          const isForced = Number(categories[c] === certain) & Number(word >= crossing);
          open[count] = c;
          count += (isFar & Number(((a ^ b) & field) !== 0)) | isForced;
        }
        for (let q = 0; q < count; q++) {
          const c = open[q]!;
          const largest = last[categories[c]!]!;
          const word = words[drawn + 1 + categories[c]!]!;
          const u = word * 2 ** -32;
          const [shift, mask] = [shifts[c]!, masks[c]!];
          let value = (a >>> shift) & mask;
          if (word >= crossing) {
            const [own, best, other] = [(here >>> shift) & mask, (there >>> shift) & mask, (b >>> shift) & mask];
            value = category(largest, f, (u - cr) / (1 - cr), own, best, value, other);
          } else {
            value = further(largest, word < fromBest ? u * bestScale : u * ownScale - ownOffset, value);
          }
          chosen = (chosen & ~fields[c]!) | (value << shift);
        }
        rows[i * width + ordered.length + k] = chosen;
      }
    }
  }
}

/** Copies rows into columns, all before any is looked at: so they wait for memory side by side. */
function gather(rows: Float32Array, width: number, picked: Uint32Array, columns: Float32Array): void {
  for (let i = 0; i < picked.length; i++) {
    for (let k = 0, at = picked[i]! * width; k < width; k++) columns[k * BLOCK + i] = rows[at + k]!;
  }
}

/** The first word behind a share of all words. */
function firstBehind(share: number): number {
  return Math.min(2 ** 32 - 1, Math.ceil(share * 2 ** 32)) >>> 0;
}

/** Copies a row of numbers over another, by the places where they begin. */
export function copyRow(from: Float32Array, source: number, to: Float32Array, target: number, width: number): void {
  for (let k = 0; k < width; k++) to[target + k] = from[source + k]!;
}

/** The gene that crosses in any case: so a trial differs from its target. */
function certainGene(word: number, genes: number): number {
  return (word * 2 ** -32 * genes) | 0;
}

/** Half way to the border where it would cross it. */
function within(last: number, own: number, moved: number): number {
  return moved < 0 ? own / 2 : moved > last ? (own + last) / 2 : moved;
}

/** @param u uniform in [0, 1) */
function category(last: number, f: number, u: number, own: number, best: number, a: number, b: number): number {
  const nearer = u < f ? best : own;
  if (a === b) return nearer;
  const v = u < f ? u / f : (u - f) / (1 - f);
  return v < f ? further(last, (2 * v) / f, a) : nearer;
}

/** @param w uniform in [0, 2): below 1 for the first of two values that differ, else for any value */
function further(last: number, w: number, first: number): number {
  return w < 1 ? first : Math.min(last, Math.floor((w - 1) * (last + 1)));
}
