import { expect, it } from 'vitest';
import { mean, median, quantile, weightedQuantiles } from './statistics.js';

it('quantiles are values that are there, the lower one of two', () => {
  expect(median([4, 1, 3, 2])).toBe(2);
  expect(median([3, 1, 2])).toBe(2);
  expect(quantile([5, 1, 4, 2, 3], 0)).toBe(1);
  expect(quantile([5, 1, 4, 2, 3], 1)).toBe(5);
  // 0.55 · 20 is 11.000000000000002.
  expect(
    quantile(
      Array.from({ length: 20 }, (_, i) => i + 1),
      0.55,
    ),
  ).toBe(11);
  expect(median([1, Number.POSITIVE_INFINITY])).toBe(1);
  expect(quantile([], 0.5)).toBeUndefined();
});

it('numbers that count alike have the same quantiles', () => {
  const values = [7, 3, 9, 1, 4, 4, 8];
  const shares = [0.05, 0.25, 0.5, 0.75, 0.95];
  const weighted = values.map((value) => ({ value, weight: 1 / 3 }));
  expect(weightedQuantiles(weighted, shares)).toEqual(shares.map((share) => quantile(values, share)));
  expect(weightedQuantiles([...weighted, { value: 0, weight: 3 }], [0.5])).toEqual([0]);
});

it('means are of all values alike', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(mean([])).toBeNaN();
});
