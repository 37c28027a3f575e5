/** Non-dominated sorting and crowding of many designs in flat arrays. */
import { argsort, groupBy } from './order.js';

/** Designs with several objectives, a row each; smaller is better. */
export interface Solutions {
  readonly objectives: Float64Array;
  /** 0 is feasible; objectives of others mean nothing. */
  readonly violations: Float64Array;
}

/** The front of each design, 0 is the first, and how many fronts there are. */
export interface Fronts {
  readonly of: Uint32Array;
  readonly count: number;
}

/**
 * Sorts into fronts: the first are those that none dominates, the second those that only the first dominate, and so on.
 * A feasible design dominates the feasible ones that it beats in one objective without losing in another, and all infeasible
 * ones; among these the smaller violation decides.
 */
export function sortFronts({ objectives, violations }: Solutions): Fronts {
  const stride = objectives.length / Math.max(1, violations.length);
  const of = new Uint32Array(violations.length);
  const feasible = lexicographic(objectives, stride, violations);
  const count = stride === 2 ? sweepFronts(objectives, feasible, of) : searchFronts(objectives, stride, feasible, of);
  return { of, count: count + infeasibleFronts(violations, count, of) };
}

/** Feasible designs by the first objective, then the second and so on: none comes before one that dominates it. */
function lexicographic(objectives: Float64Array, stride: number, violations: Float64Array): Uint32Array {
  let order = Uint32Array.from(violations, (_, i) => i).filter((i) => violations[i] === 0);
  for (let k = stride - 1; k >= 0; k--) {
    const values = Float64Array.from(order, (i) => objectives[i * stride + k]!);
    order = argsort(values).map((place) => order[place]!);
  }
  return order;
}

/**
 * Two objectives: as the first only grows, what a front dominates is told by its last member, which has its smallest second
 * objective (Jensen, IEEE TEVC 7(5), 2003); a binary search finds the first front that does not.
 */
function sweepFronts(objectives: Float64Array, order: Uint32Array, of: Uint32Array): number {
  const last = new Uint32Array(order.length);
  let count = 0;
  for (const design of order) {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (dominates(objectives, 2, last[middle]!, design)) low = middle + 1;
      else high = middle;
    }
    if (low === count) count++;
    last[low] = design;
    of[design] = low;
  }
  return count;
}

/** Any number of objectives: efficient non-dominated sort with binary search (Zhang, Tian, Cheng & Jin, IEEE TEVC 19(2), 2015). */
function searchFronts(objectives: Float64Array, stride: number, order: Uint32Array, of: Uint32Array): number {
  const fronts: number[][] = [];
  for (const design of order) {
    let low = 0;
    let high = fronts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (dominatesAny(objectives, stride, fronts[middle]!, design)) low = middle + 1;
      else high = middle;
    }
    if (low === fronts.length) fronts.push([]);
    fronts[low]!.push(design);
    of[design] = low;
  }
  return fronts.length;
}

/** The latest members are the likeliest to dominate. */
function dominatesAny(objectives: Float64Array, stride: number, members: readonly number[], design: number): boolean {
  for (let i = members.length - 1; i >= 0; i--) if (dominates(objectives, stride, members[i]!, design)) return true;
  return false;
}

/** Is `a` no worse than `b` in any objective and better in one? */
function dominates(objectives: Float64Array, stride: number, a: number, b: number): boolean {
  let better = false;
  for (let k = 0; k < stride; k++) {
    const difference = objectives[a * stride + k]! - objectives[b * stride + k]!;
    if (difference > 0) return false;
    if (difference < 0) better = true;
  }
  return better;
}

/** A front for each violation, behind the feasible ones; returns their number. */
function infeasibleFronts(violations: Float64Array, first: number, of: Uint32Array): number {
  let count = 0;
  let before = 0;
  for (const design of argsort(violations)) {
    const violation = violations[design]!;
    if (violation === 0) continue;
    if (violation !== before) count++;
    before = violation;
    of[design] = first + count - 1;
  }
  return count;
}

/** Crowding distance within each front (Deb et al. 2002, section III-B): infinite at the ends of each objective. */
export function crowding({ objectives, violations }: Solutions, fronts: Fronts): Float64Array {
  const stride = objectives.length / Math.max(1, violations.length);
  const distance = new Float64Array(violations.length);
  for (let k = 0; k < stride; k++) {
    const values = violations.map((violation, i) => (violation === 0 ? objectives[i * stride + k]! : 0));
    addDistances(values, fronts.of, groupBy(fronts.of, fronts.count, argsort(values)), distance);
  }
  return distance;
}

/** @param order designs by front, then by value */
function addDistances(values: Float64Array, of: Uint32Array, order: Uint32Array, distance: Float64Array): void {
  let from = 0;
  while (from < order.length) {
    const front = of[order[from]!]!;
    let to = from + 1;
    while (to < order.length && of[order[to]!] === front) to++;
    const range = values[order[to - 1]!]! - values[order[from]!]! || 1;
    distance[order[from]!] = Number.POSITIVE_INFINITY;
    distance[order[to - 1]!] = Number.POSITIVE_INFINITY;
    for (let i = from + 1; i < to - 1; i++) {
      distance[order[i]!]! += (values[order[i + 1]!]! - values[order[i - 1]!]!) / range;
    }
    from = to;
  }
}
