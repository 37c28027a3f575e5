/** How far numbers lie apart, as a few quantiles. */
import { type Weighted, weightedQuantiles } from '../statistics/statistics.js';

/** 5, 10, …, 95 %. */
export const LEVELS: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Values at {@link LEVELS}. */
export type Spread = readonly number[];

/**
 * @param numbers at least one
 * @example
 * spreadOf([1, 2, 3].map((value) => ({ value, weight: 1 })))[9]; // 2, the median
 */
export function spreadOf(numbers: readonly Weighted[]): Spread {
  return weightedQuantiles(numbers, LEVELS);
}

/** The middle 90 %. */
export function middle(spread: Spread): readonly [number, number] {
  return [spread[0]!, spread.at(-1)!];
}
