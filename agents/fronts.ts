/** Non-dominated sorting and crowding of many designs in flat arrays. */
import { argsort, groupBy } from './order.js';

/** Designs with several objectives, a row each; smaller is better. */
export interface Solutions {
  readonly objectives: Float64Array;
  /** 0 is feasible; objectives of others mean nothing. */
  readonly violations: Float64Array;
}

export interface Fronts {
  /** The front of each design; 0 is the first. */
  readonly of: Uint32Array;
  readonly count: number;
  /** The feasible designs by each objective, smallest first. */
  readonly orders: readonly Uint32Array[];
}

/**
 * Sorts into fronts: the first are those that none dominates, the second those that only the first dominate, and so on.
 * A feasible design dominates the feasible ones that it beats in one objective without losing in another, and all infeasible
 * ones; among these the smaller violation decides.
 */
export function sortFronts(solutions: Solutions): Fronts {
  const { objectives, violations } = solutions;
  const stride = strideOf(solutions);
  const of = new Uint32Array(violations.length);
  const { feasible, infeasible } = separate(violations);
  const orders = sortEach(solutions, feasible);
  // By the first objective, of equals by the second and so on: none comes before one that dominates it.
  const order = orders[0] ?? feasible;
  const count = stride === 2 ? sweepFronts(objectives, order, of) : searchFronts(objectives, stride, order, of);
  return { of, count: count + infeasibleFronts(violations, infeasible, count, of), orders };
}

function separate(violations: Float64Array): { readonly feasible: Uint32Array; readonly infeasible: Uint32Array } {
  const sorted = new Uint32Array(violations.length);
  let feasible = 0;
  let infeasible = sorted.length;
  for (let i = 0; i < violations.length; i++) sorted[violations[i] === 0 ? feasible++ : --infeasible] = i;
  return { feasible: sorted.subarray(0, feasible), infeasible: sorted.subarray(feasible) };
}

function strideOf({ objectives, violations }: Solutions): number {
  return objectives.length / Math.max(1, violations.length);
}

/** By each objective; what is equal there by the next. */
function sortEach(solutions: Solutions, feasible: Uint32Array): Uint32Array[] {
  const stride = strideOf(solutions);
  const orders: Uint32Array[] = [];
  for (let k = stride - 1; k >= 0; k--) orders.unshift(argsort(valuesOf(solutions, k), orders[0] ?? feasible));
  return orders;
}

/** One objective of all designs. */
function valuesOf(solutions: Solutions, k: number): Float64Array {
  const stride = strideOf(solutions);
  const values = new Float64Array(solutions.violations.length);
  for (let i = 0; i < values.length; i++) values[i] = solutions.objectives[i * stride + k]!;
  return values;
}

/**
 * Two objectives: as the first only grows, what a front dominates is told by its last member, which has its smallest second
 * objective (Jensen, IEEE TEVC 7(5), 2003); a binary search finds the first front that does not.
 */
function sweepFronts(objectives: Float64Array, order: Uint32Array, of: Uint32Array): number {
  const lastX = new Float64Array(order.length);
  const lastY = new Float64Array(order.length);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const x = objectives[2 * order[i]!]!;
    const y = objectives[2 * order[i]! + 1]!;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lastY[middle]! < y || (lastY[middle] === y && lastX[middle]! < x)) low = middle + 1;
      else high = middle;
    }
    if (low === count) count++;
    lastX[low] = x;
    lastY[low] = y;
    of[order[i]!] = low;
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
function infeasibleFronts(violations: Float64Array, designs: Uint32Array, first: number, of: Uint32Array): number {
  let count = 0;
  let before = 0;
  for (const design of argsort(violations, designs)) {
    const violation = violations[design]!;
    if (violation !== before) count++;
    before = violation;
    of[design] = first + count - 1;
  }
  return count;
}

/** Crowding distance within each front (Deb et al. 2002, section III-B): infinite at the ends of each objective; of infeasible designs 0. */
export function crowding(solutions: Solutions, { of, count, orders }: Fronts): Float64Array {
  const distance = new Float64Array(of.length);
  orders.forEach((order, k) => {
    addDistances(valuesOf(solutions, k), of, groupBy(of, count, order), distance);
  });
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
