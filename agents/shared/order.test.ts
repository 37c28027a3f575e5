import fc from 'fast-check';
import { expect, it } from 'vitest';
import { argsort, groupBy, smallestPlaces } from './order.js';
import { RandomStream } from './stream.js';

/** Few distinct values make many ties; the others are of all magnitudes. */
function valuesOf(count: number, seed: number): Float64Array {
  const stream = new RandomStream(seed);
  return Float64Array.from({ length: count }, () => {
    if (stream.below(2) === 0) return stream.below(5) - 2;
    return (stream.uniform() - 0.5) * 2 ** (stream.below(2000) - 1000);
  });
}

/** As long as what is sorted by comparing, and as what is not. */
const COUNTS = [0, 1, 2, 1000, 1024, 5000];

it.each(COUNTS)('argsort of %i values is the stable order of Array.sort', (count) => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const values = valuesOf(count, seed);
      const expected = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
      expect([...argsort(values)]).toEqual(expected);
      const backwards = Uint32Array.from(values, (_, i) => count - 1 - i);
      const given = backwards.slice();
      expect([...argsort(values, given)]).toEqual([...backwards].sort((a, b) => values[a]! - values[b]!));
      expect(given).toEqual(backwards);
    }),
    { numRuns: 10 },
  );
});

it('sorts infinities, and takes −0 for 0', () => {
  const few = [3, Number.POSITIVE_INFINITY, 0, -0, Number.NEGATIVE_INFINITY, -0, 0];
  const values = Float64Array.from({ length: 1100 }, (_, i) => few[i] ?? 7);
  expect([...argsort(values).subarray(0, 6)]).toEqual([4, 2, 3, 5, 6, 0]);
  expect(argsort(values).at(-1)).toBe(1);
});

it('groups stably', () => {
  expect([...groupBy(Uint32Array.of(1, 0, 1, 0, 2), 3, Uint32Array.of(4, 3, 2, 1, 0))]).toEqual([3, 1, 2, 0, 4]);
});

it('takes the smallest values, of equal ones the first, in the order of places', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), fc.nat(), (size, count, seed) => {
      const values = valuesOf(size, seed);
      const expected = [...argsort(values).subarray(0, count)].sort((a, b) => a - b);
      expect([...smallestPlaces(values, count)]).toEqual(expected);
    }),
  );
});
