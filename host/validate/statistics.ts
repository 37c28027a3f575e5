import { mean, quantile } from '../statistics/statistics.js';

/** Statistics of relative differences: what every `validate` command tells. */
export interface Errors {
  readonly cases: number;
  /** Values that are equal to those expected. */
  readonly exact: number;
  readonly meanAbsRelError: number;
  readonly medianRelError: number;
  readonly maxRelError: number;
}

/** Statistics of errors that are not negative. */
export function statistics(errors: Float64Array, exact: number): Errors {
  const sorted = errors.slice().sort();
  const cases = sorted.length;
  return {
    cases,
    exact,
    meanAbsRelError: cases === 0 ? 0 : mean(sorted),
    medianRelError: quantile(sorted, 0.5) ?? 0,
    maxRelError: sorted.at(-1) ?? 0,
  };
}

/** Errors from here on count with their size, smaller ones with their square: some runs were disturbed. */
const HUBER_DELTA = 0.03;

/** Pseudo-Huber loss of a logarithmic error (Charbonnier et al., IEEE TIP 6(2), 1997). */
export function pseudoHuber(error: number): number {
  return Math.sqrt(1 + (error / HUBER_DELTA) ** 2) - 1;
}
