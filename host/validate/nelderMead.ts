/** A vertex of the simplex and its value. */
interface Vertex {
  readonly point: readonly number[];
  readonly value: number;
}

/** Relative size of the first simplex, and of its last. */
const FIRST_STEP = -0.1;
const LAST_SPREAD = 1e-4;

/**
 * Minimises a function of a few variables without derivatives: the simplex method of Nelder and Mead (The Computer Journal
 * 7(4), 1965) with its usual coefficients. The function may return Infinity where a point is not allowed.
 *
 * @param start no element may be 0: the first simplex is relative to it
 * @param limit most evaluations
 * @returns the best point
 * @example
 * nelderMead(([x, y]) => (x! - 3) ** 2 + (y! + 1) ** 2, [1, 1], 200); // near [3, -1]
 */
export function nelderMead(
  evaluate: (point: readonly number[]) => number,
  start: readonly number[],
  limit: number,
): readonly number[] {
  let evaluations = 0;
  const vertex = (point: readonly number[]): Vertex => {
    evaluations++;
    return { point, value: evaluate(point) };
  };
  const between = (from: readonly number[], to: readonly number[], share: number) =>
    from.map((x, i) => x + share * (to[i]! - x));
  let simplex = [start, ...start.map((_, i) => start.map((x, j) => (i === j ? x * (1 + FIRST_STEP) : x)))].map(vertex);
  while (evaluations < limit) {
    simplex.sort((a, b) => a.value - b.value);
    const [best, worst] = [simplex[0]!, simplex.at(-1)!];
    if (worst.value - best.value <= LAST_SPREAD * Math.abs(best.value)) break;
    const others = simplex.slice(0, -1);
    const centre = start.map((_, i) => others.reduce((sum, { point }) => sum + point[i]!, 0) / others.length);
    let next = vertex(between(centre, worst.point, -1));
    if (next.value < best.value) {
      const further = vertex(between(centre, worst.point, -2));
      if (further.value < next.value) next = further;
    } else if (next.value >= others.at(-1)!.value) {
      next = vertex(between(centre, next.value < worst.value ? next.point : worst.point, 0.5));
    }
    simplex =
      next.value < worst.value ? [...others, next] : simplex.map((one) => vertex(between(best.point, one.point, 0.5)));
  }
  return simplex.reduce((best, one) => (one.value < best.value ? one : best)).point;
}
