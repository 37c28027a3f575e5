/** What decides between designs with several objectives. */
export interface Solution {
  /** Smaller is better. */
  readonly objectives: readonly number[];
  /** 0 is feasible. */
  readonly violation: number;
}

/** Feasible before infeasible, of infeasible ones the smaller violation, else no worse in any objective and better in one. */
export function dominates(a: Solution, b: Solution): boolean {
  if (a.violation !== b.violation) return a.violation < b.violation;
  if (a.violation > 0) return false;
  let better = false;
  for (let k = 0; k < a.objectives.length; k++) {
    if (a.objectives[k]! > b.objectives[k]!) return false;
    if (a.objectives[k]! < b.objectives[k]!) better = true;
  }
  return better;
}

/**
 * Sorts into fronts: the first are those that none dominates, the second those that only the first dominate, and so on.
 * Efficient non-dominated sort with binary search (Zhang, Tian, Cheng & Jin, IEEE TEVC 19(2), 2015).
 */
export function sortFronts<T extends Solution>(all: readonly T[]): T[][] {
  const fronts: T[][] = [];
  for (const solution of [...all].sort(lexicographic)) {
    let low = 0;
    let high = fronts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fronts[middle]!.some((member) => dominates(member, solution))) low = middle + 1;
      else high = middle;
    }
    if (low === fronts.length) fronts.push([]);
    fronts[low]!.push(solution);
  }
  return fronts;
}

/** No solution comes before one that dominates it. */
function lexicographic(a: Solution, b: Solution): number {
  if (a.violation !== b.violation || a.violation > 0) return a.violation - b.violation;
  for (let k = 0; k < a.objectives.length; k++) {
    const difference = a.objectives[k]! - b.objectives[k]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Crowding distance within a front (Deb et al. 2002, section III-B): infinite at the ends of each objective. */
export function crowding(front: readonly Solution[]): number[] {
  const distance = front.map(() => 0);
  const objectives = front[0]?.objectives.length ?? 0;
  for (let k = 0; k < objectives; k++) {
    const order = front.map((_, i) => i).sort((a, b) => front[a]!.objectives[k]! - front[b]!.objectives[k]!);
    const value = (place: number) => front[order[place]!]!.objectives[k]!;
    const last = order.length - 1;
    const range = value(last) - value(0) || 1;
    distance[order[0]!] = Number.POSITIVE_INFINITY;
    distance[order[last]!] = Number.POSITIVE_INFINITY;
    for (let i = 1; i < last; i++) distance[order[i]!]! += (value(i + 1) - value(i - 1)) / range;
  }
  return distance;
}
