/** Median and spread of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly slowest: number;
  readonly fastest: number;
}

/** The middle value; the upper one of two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Rates as whole numbers. */
export function spreadOf(rates: readonly number[]): Spread {
  return {
    median: Math.round(median(rates)),
    slowest: Math.round(Math.min(...rates)),
    fastest: Math.round(Math.max(...rates)),
  };
}
