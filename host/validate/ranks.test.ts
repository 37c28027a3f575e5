import { expect, it } from 'vitest';
import { spearman } from './ranks.js';

it('is 1 for the same order, −1 for the reverse, whatever the distances', () => {
  expect(spearman([1, 2, 3, 4], [1, 10, 11, 1000])).toBe(1);
  expect(spearman([1, 2, 3, 4], [9, 8, 7, -50])).toBe(-1);
});

it('gives ties the mean of their ranks', () => {
  // Pearson's correlation of (1, 2.5, 2.5, 4) and (1, 2, 3, 4).
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
});

it('is undefined where there is no order to compare', () => {
  expect(spearman([1, 2], [1, 2])).toBeUndefined();
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeUndefined();
});
