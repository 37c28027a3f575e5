import type { AgentGene } from '../agent.js';

/** Places of genes as differential evolution moves them: between the values of ordered ones, at a value of the others. */
export class Mutation {
  private readonly ordered: readonly boolean[];
  /** The largest digit of each gene. */
  private readonly last: readonly number[];

  constructor(genes: readonly AgentGene[]) {
    this.ordered = genes.map(({ scale }) => scale === 'linear' || scale === 'log');
    this.last = genes.map(({ size }) => size - 1);
  }

  /**
   * A gene's place, moved by F towards the best one's and along the difference of two others (current-to-pbest/1). For
   * genes without an order a step of length F to a value is that value with probability F, and a difference of two that is
   * not zero leads to the first of them or to any value.
   *
   * @param u uniform in [0, 1), for what chance decides
   */
  move(g: number, f: number, u: number, own: number, best: number, first: number, second: number): number {
    const last = this.last[g]!;
    if (!this.ordered[g]) return chooseCategory(last, f, u, own, best, first, second);
    const moved = own + f * (best - own) + f * (first - second);
    // Half way to the border where it would cross it.
    return moved < 0 ? own / 2 : moved > last ? (own + last) / 2 : moved;
  }
}

/** One uniform number decides it all, as it is uniform again after each decision. */
function chooseCategory(
  last: number,
  f: number,
  u: number,
  own: number,
  best: number,
  first: number,
  second: number,
): number {
  const isNearer = u < f;
  const nearer = isNearer ? best : own;
  if (first === second) return nearer;
  const v = isNearer ? u / f : (u - f) / (1 - f);
  if (v >= f) return nearer;
  const w = (2 * v) / f;
  return w < 1 ? first : Math.min(last, Math.floor((w - 1) * (last + 1)));
}
