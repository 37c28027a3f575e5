/** Non-dominated sorting and crowding of many designs in flat, temporary arrays. */
import { argsort, groupBy, places, sortTies } from '../../shared/order.js';
import { numbersAt } from '../../shared/population.js';
import { temporaryNumbers, temporaryWords } from '../../shared/temporary.js';

/** Designs with several objectives, a row each; smaller is better. */
export interface Solutions {
  readonly objectives: Float64Array;
  /** 0 is feasible; objectives of others mean nothing. */
  readonly violations: Float64Array;
}

export interface Fronts {
  /** The front of each design that was sorted; 0 is the first. */
  readonly of: Uint32Array;
  readonly count: number;
  /** The feasible designs by each objective, smallest first; of two objectives by the first alone. */
  readonly orders: readonly Uint32Array[];
  /** Each objective of all designs. */
  readonly columns: readonly Float64Array[];
}

/**
 * Sorts into fronts: the first are those that none dominates, the second those that only the first dominate, and so on.
 * A feasible design dominates the feasible ones that it beats in one objective without losing in another, and all infeasible
 * ones; among these the smaller violation decides.
 *
 * @param designs the places of those to sort, in ascending order; all unless given
 */
export function sortFronts(solutions: Solutions, designs = places(solutions.violations.length)): Fronts {
  const { objectives, violations } = solutions;
  const stride = strideOf(solutions);
  const of = temporaryWords(violations.length);
  const { feasible, infeasible } = separate(violations, designs);
  const columns = Array.from({ length: stride }, (_, k) => valuesOf(solutions, k));
  const orders = sortEach(columns, feasible);
  // By the first objective, of equals by the second and so on: none comes before one that dominates it.
  const order = orders[0] ?? feasible;
  const count = stride === 2 ? sweepFronts(columns, order, of) : searchFronts(objectives, stride, order, of);
  return { of, count: count + infeasibleFronts(violations, infeasible, count, of), orders, columns };
}

/** The feasible designs in their order, the others in reverse. */
function separate(
  violations: Float64Array,
  designs: Uint32Array,
): { readonly feasible: Uint32Array; readonly infeasible: Uint32Array } {
  const separated = temporaryWords(designs.length);
  const count = feasibleFirst(violations, designs, separated);
  return { feasible: separated.subarray(0, count), infeasible: separated.subarray(count) };
}

/** Returns how many are feasible. */
function feasibleFirst(violations: Float64Array, designs: Uint32Array, separated: Uint32Array): number {
  let feasible = 0;
  let infeasible = designs.length;
  for (let i = 0; i < designs.length; i++) {
    const design = designs[i]!;
    separated[violations[design] === 0 ? feasible++ : --infeasible] = design;
  }
  return feasible;
}

function strideOf({ objectives, violations }: Solutions): number {
  return objectives.length / Math.max(1, violations.length);
}

/** By each objective; what is equal there by the next. Of two objectives by the first alone: it serves both. */
function sortEach(columns: readonly Float64Array[], feasible: Uint32Array): Uint32Array[] {
  const [first, second] = columns;
  if (columns.length === 2) return [sortTies(first!, argsort(first!, feasible), second!)];
  const orders: Uint32Array[] = [];
  for (let k = columns.length - 1; k >= 0; k--) orders.unshift(argsort(columns[k]!, orders[0] ?? feasible));
  return orders;
}

/** One objective of all designs. */
function valuesOf(solutions: Solutions, k: number): Float64Array {
  const stride = strideOf(solutions);
  const values = temporaryNumbers(solutions.violations.length);
  for (let i = 0; i < values.length; i++) values[i] = solutions.objectives[i * stride + k]!;
  return values;
}

/**
 * Two objectives: as the first only grows, what a front dominates is told by its last member, which has its smallest second
 * objective (Jensen, IEEE TEVC 7(5), 2003); a binary search finds the first front that does not. Equal designs follow one
 * another and share a front, so what else is not above in the second objective dominates.
 */
function sweepFronts(columns: readonly Float64Array[], order: Uint32Array, of: Uint32Array): number {
  // Before the sweep: so the look-ups wait for memory side by side.
  const xs = numbersAt(columns[0]!, order, 1, temporaryNumbers(order.length));
  const ys = numbersAt(columns[1]!, order, 1, temporaryNumbers(order.length));
  /** The second objective of the last member of each front, in ascending order. */
  const lasts = temporaryNumbers(order.length + 1).fill(Number.POSITIVE_INFINITY);
  let count = 0;
  let reach = 1;
  for (let i = 0; i < order.length; i++) {
    const y = ys[i]!;
    if (i > 0 && y === ys[i - 1] && xs[i] === xs[i - 1]) {
      of[order[i]!] = of[order[i - 1]!]!;
      continue;
    }
    let front = 0;
    // Without a branch: it would be predicted wrongly half of the time.
    for (let half = reach >> 1; half > 0; half >>= 1) front += half & -Number(lasts[front + half - 1]! <= y);
    front = Math.min(front, count);
    lasts[front] = y;
    of[order[i]!] = front;
    if (front === count) count++;
    if (count === reach) reach *= 2;
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

/**
 * The best designs, at most `count`: by front, within a front the least crowded first.
 *
 * @param designs the places of those in question, in ascending order; all unless given
 */
export function bestOfFronts(
  solutions: Solutions,
  count: number,
  designs = places(solutions.violations.length),
): Uint32Array {
  const fronts = sortFronts(solutions, designs);
  const { of } = fronts;
  const byFront = groupBy(of, fronts.count, designs);
  // Of the last front that comes in, all are in question.
  let end = Math.min(count, byFront.length);
  while (end < byFront.length && of[byFront[end]!] === of[byFront[end - 1]!]) end++;
  const candidates = byFront.subarray(0, end);
  const distances = crowding(fronts, end === 0 ? 0 : of[byFront[end - 1]!]! + 1);
  for (let i = 0; i < distances.length; i++) distances[i] = -distances[i]!;
  return groupBy(of, fronts.count, argsort(distances, candidates)).subarray(0, count);
}

/**
 * Crowding distance within each of the first fronts (Deb et al. 2002, section III-B): infinite at the ends of each objective;
 * of infeasible designs 0.
 */
export function crowding({ of, count, orders, columns }: Fronts, fronts = count): Float64Array {
  const distance = temporaryNumbers(of.length).fill(0);
  // Of two objectives, one falls in a front while the other grows: one order serves both.
  const grouped = orders.map((order) => groupBy(of, fronts, within(order, of, fronts)));
  columns.forEach((column, k) => {
    addDistances(column, of, grouped[k] ?? grouped[0]!, distance);
  });
  return distance;
}

/** Those of the first fronts, in their order. */
function within(order: Uint32Array, of: Uint32Array, fronts: number): Uint32Array {
  const inside = temporaryWords(order.length);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    inside[count] = order[i]!;
    count += Number(of[order[i]!]! < fronts);
  }
  return inside.subarray(0, count);
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
