import { quantile } from '../host/validate/statistics.js';

/** Median and spread of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly slowest: number;
  readonly fastest: number;
}

/** The middle value, of at least one; the upper one of two. */
export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )!;
}

/** Rates as whole numbers. */
export function spreadOf(rates: readonly number[]): Spread {
  return {
    median: Math.round(median(rates)),
    slowest: Math.round(Math.min(...rates)),
    fastest: Math.round(Math.max(...rates)),
  };
}
