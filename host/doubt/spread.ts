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

/**
 * Of a number as spread out as this plus any one of the shifts, all as likely and independent of it. With none it is as it was.
 *
 * @param shifts such as what publications differ by, each from the predictions
 */
export function shifted(spread: Spread, shifts: readonly number[]): Spread {
  if (shifts.length === 0) return spread;
  return spreadOf(shifts.flatMap((shift) => spread.map((value) => ({ value: value + shift, weight: 1 }))));
}

/** The middle 90 or 80 %. */
export function middle(spread: Spread, share: 0.9 | 0.8): readonly [number, number] {
  const cut = share === 0.9 ? 0 : 1;
  return [spread[cut]!, spread[spread.length - 1 - cut]!];
}

/**
 * Share of the numbers that lie below a value: between quantiles in a straight line; beyond the outermost what these leave.
 *
 * @returns 0.05 to 0.95, as a spread says no more
 */
export function shareBelow(spread: Spread, value: number): number {
  const above = spread.findIndex((quantile) => quantile > value);
  if (above === 0) return LEVELS[0]!;
  if (above < 0) return LEVELS.at(-1)!;
  const [from, to] = [spread[above - 1]!, spread[above]!];
  return LEVELS[above - 1]! + ((value - from) / (to - from)) * (LEVELS[above]! - LEVELS[above - 1]!);
}
