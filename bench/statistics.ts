import { median } from '../host/statistics/statistics.js';

/** Median and spread of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly slowest: number;
  readonly fastest: number;
}

/** Rates as whole numbers. */
export function spreadOf(rates: readonly number[]): Spread {
  return {
    median: Math.round(median(rates)),
    slowest: Math.round(Math.min(...rates)),
    fastest: Math.round(Math.max(...rates)),
  };
}
