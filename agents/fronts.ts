/** Non-dominated sorting and crowding of many designs in flat arrays. */
import { argsort, groupBy, places } from './order.js';
import { numbersAt } from './population.js';

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
  /** Each objective of all designs. */
  readonly columns: readonly Float64Array[];
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
  const columns = Array.from({ length: stride }, (_, k) => valuesOf(solutions, k));
  const orders = sortEach(columns, feasible);
  // By the first objective, of equals by the second and so on: none comes before one that dominates it.
  const order = orders[0] ?? feasible;
  const count = stride === 2 ? sweepFronts(columns, order, of) : searchFronts(objectives, stride, order, of);
  return { of, count: count + infeasibleFronts(violations, infeasible, count, of), orders, columns };
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
function sortEach(columns: readonly Float64Array[], feasible: Uint32Array): Uint32Array[] {
  const orders: Uint32Array[] = [];
  for (let k = columns.length - 1; k >= 0; k--) orders.unshift(argsort(columns[k]!, orders[0] ?? feasible));
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
function sweepFronts(columns: readonly Float64Array[], order: Uint32Array, of: Uint32Array): number {
  // Before the sweep: so the look-ups wait for memory side by side.
  const xs = numbersAt(columns[0]!, order);
  const ys = numbersAt(columns[1]!, order);
  const lastX = new Float64Array(order.length);
  const lastY = new Float64Array(order.length);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const x = xs[i]!;
    const y = ys[i]!;
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

/** The best designs, at most `count`: by front, within a front the least crowded first. */
export function bestOfFronts(solutions: Solutions, count: number): Uint32Array {
  const fronts = sortFronts(solutions);
  const { of } = fronts;
  const byFront = groupBy(of, fronts.count, places(of.length));
  // Of the last front that comes in, all are in question.
  let end = Math.min(count, byFront.length);
  while (end < byFront.length && of[byFront[end]!] === of[byFront[end - 1]!]) end++;
  const distances = crowding(fronts);
  for (let i = 0; i < distances.length; i++) distances[i] = -distances[i]!;
  return groupBy(of, fronts.count, argsort(distances, byFront.subarray(0, end))).subarray(0, count);
}

/** Crowding distance within each front (Deb et al. 2002, section III-B): infinite at the ends of each objective; of infeasible designs 0. */
export function crowding({ of, count, orders, columns }: Fronts): Float64Array {
  const distance = new Float64Array(of.length);
  // Of two objectives, one falls in a front while the other grows: one order serves both.
  const needed = orders.length === 2 ? orders.slice(0, 1) : orders;
  const grouped = needed.map((order) => groupBy(of, count, order));
  orders.forEach((_, k) => {
    addDistances(columns[k]!, of, grouped[k] ?? grouped[0]!, distance);
  });
  return distance;
}

/** @param order designs by front, then by value, whether up or down */
function addDistances(values: Float64Array, of: Uint32Array, order: Uint32Array, distance: Float64Array): void {
  let from = 0;
  while (from < order.length) {
    const front = of[order[from]!]!;
    let to = from + 1;
    while (to < order.length && of[order[to]!] === front) to++;
    const range = Math.abs(values[order[to - 1]!]! - values[order[from]!]!) || 1;
    distance[order[from]!] = Number.POSITIVE_INFINITY;
    distance[order[to - 1]!] = Number.POSITIVE_INFINITY;
    for (let i = from + 1; i < to - 1; i++) {
      distance[order[i]!]! += Math.abs(values[order[i + 1]!]! - values[order[i - 1]!]!) / range;
    }
    from = to;
  }
}
