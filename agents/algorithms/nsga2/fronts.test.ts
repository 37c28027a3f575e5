import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RandomStream } from '../../shared/stream.js';
import { crowding, type Solutions, sortFronts } from './fronts.js';

/** Few distinct values, so that designs tie in one objective or in all. */
function random(count: number, stride: number, seed: number): Solutions {
  const stream = new RandomStream(seed);
  return {
    objectives: Float64Array.from({ length: count * stride }, () => stream.below(7)),
    violations: Float64Array.from({ length: count }, () => Math.max(0, stream.below(6) - 3)),
  };
}

/** Constrained domination by its definition (Deb et al. 2002, section VI). */
function dominates({ objectives, violations }: Solutions, stride: number, a: number, b: number): boolean {
  if (violations[a] !== violations[b]) return violations[a]! < violations[b]!;
  if (violations[a]! > 0) return false;
  const differences = Array.from(
    { length: stride },
    (_, k) => objectives[a * stride + k]! - objectives[b * stride + k]!,
  );
  return differences.every((difference) => difference <= 0) && differences.some((difference) => difference < 0);
}

/** Peels front after front. */
function peel(solutions: Solutions, stride: number): number[] {
  const of = new Array<number>(solutions.violations.length).fill(-1);
  for (let front = 0; of.includes(-1); front++) {
    const rest = of.flatMap((value, i) => (value === -1 ? [i] : []));
    const first = rest.filter((b) => !rest.some((a) => dominates(solutions, stride, a, b)));
    for (const i of first) of[i] = front;
  }
  return of;
}

it.each([1, 2, 3])('sorts into fronts of %i objectives as the definition peels them', (stride) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.nat(), (count, seed) => {
      const solutions = random(count, stride, seed);
      const expected = peel(solutions, stride);
      const { of, count: fronts } = sortFronts(solutions);
      expect([...of]).toEqual(expected);
      expect(fronts).toBe(Math.max(-1, ...expected) + 1);
    }),
  );
});

it('measures crowding by the sides of the box around a design; ends are alone', () => {
  const objectives = Float64Array.of(0, 10, 1, 8, 3, 6, 10, 0, 5, 9);
  const solutions = { objectives, violations: new Float64Array(5) };
  const distance = crowding(sortFronts(solutions));
  expect(distance[0]).toBe(Number.POSITIVE_INFINITY);
  expect(distance[3]).toBe(Number.POSITIVE_INFINITY);
  expect(distance[1]).toBeCloseTo(3 / 10 + 4 / 10, 12);
  expect(distance[2]).toBeCloseTo(9 / 10 + 8 / 10, 12);
  // Alone on the second front.
  expect(distance[4]).toBe(Number.POSITIVE_INFINITY);
});
