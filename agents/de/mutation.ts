import type { AgentGene } from '../agent.js';
import type { RandomStream } from '../stream.js';

/** A row of places: where it begins in which array. */
export interface Row {
  readonly places: Float32Array;
  readonly at: number;
}

/** How a trial is made. */
export interface TrialRates {
  /** Scaling factor, above 0 and at most 1. */
  readonly f: number;
  /** Crossover rate, 0 … 1. */
  readonly cr: number;
}

/**
 * Places of genes as differential evolution moves them: between the values of ordered ones, at a value of the others. They
 * are f32, half as much to fetch from memory: their fractions only say where a gene was on its way.
 */
export class Mutation {
  private readonly ordered: Uint8Array;
  /** The largest digit of each gene. */
  private readonly last: Float64Array;

  constructor(genes: readonly AgentGene[]) {
    this.ordered = Uint8Array.from(genes, ({ scale }) => (scale === 'linear' || scale === 'log' ? 1 : 0));
    this.last = Float64Array.from(genes, ({ size }) => size - 1);
  }

  /**
   * Writes a trial: current-to-pbest/1 with binomial crossover (eqs. 4–5). For genes without an order a step of length F to
   * a value is that value with probability F, and a difference of two that is not zero leads to the first of them or to any
   * value. One random number decides all about a gene: within the bounds that it fell into, it is uniform again.
   */
  write(trial: Row, own: Row, best: Row, first: Row, second: Row, { f, cr }: TrialRates, stream: RandomStream): void {
    const last = this.last;
    const ordered = this.ordered;
    const certain = stream.below(Math.max(1, last.length));
    for (let g = 0; g < last.length; g++) {
      const here = own.places[own.at + g]!;
      const u = stream.uniform();
      if (u >= cr && g !== certain) {
        trial.places[trial.at + g] = here;
        continue;
      }
      const there = best.places[best.at + g]!;
      const a = first.places[first.at + g]!;
      const b = second.places[second.at + g]!;
      trial.places[trial.at + g] =
        ordered[g] === 1
          ? within(last[g]!, here, here + f * (there - here) + f * (a - b))
          : category(last[g]!, f, u < cr ? u / cr : (u - cr) / (1 - cr), here, there, a, b);
    }
  }

  /** The digits that a row of places stands for; both rows begin at `from`. */
  round(places: Float32Array, from: number, digits: Uint32Array): void {
    const last = this.last;
    for (let g = 0; g < last.length; g++) digits[from + g] = Math.min(last[g]!, places[from + g]! + 0.5);
  }
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
  if (v >= f) return nearer;
  const w = (2 * v) / f;
  return w < 1 ? a : Math.min(last, Math.floor((w - 1) * (last + 1)));
}
