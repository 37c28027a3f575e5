/** What is told of many numbers. */

type Numbers = readonly number[] | Float64Array;

/** NaN of none. */
export function mean(values: Numbers): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Of sums of shares, which rounding may leave a digit above a whole number. */
const ROUNDING = 1 - 1e-12;

/**
 * The least value that so large a share of all does not exceed: of two in the middle the lower one (Hyndman and Fan, "Sample Quantiles in
 * Statistical Packages", The American Statistician 50(4), 1996, their first definition). Undefined of none.
 *
 * @example
 * quantile([3, 1, 2, 4], 0.5); // 2
 */
export function quantile(values: Numbers, share: number): number | undefined {
  const place = Math.ceil(share * values.length * ROUNDING) - 1;
  return Float64Array.from(values).sort()[Math.max(0, place)];
}

/** A number, and how much it counts. */
export interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/**
 * The same of numbers that do not count alike, of several shares at once.
 *
 * @param numbers at least one
 * @param shares rising
 */
export function weightedQuantiles(numbers: readonly Weighted[], shares: readonly number[]): number[] {
  const sorted = [...numbers].sort((a, b) => a.value - b.value);
  const all = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  let next = 0;
  const quantiles: number[] = [];
  for (const { value, weight } of sorted) {
    reached += weight;
    for (; next < shares.length && reached >= shares[next]! * all * ROUNDING; next++) quantiles.push(value);
  }
  return quantiles;
}

/** @param values at least one */
export function median(values: Numbers): number {
  return quantile(values, 0.5)!;
}
