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
    meanAbsRelError: cases === 0 ? 0 : sorted.reduce((sum, error) => sum + error, 0) / cases,
    medianRelError: cases === 0 ? 0 : sorted[Math.floor((cases - 1) / 2)]!,
    maxRelError: sorted.at(-1) ?? 0,
  };
}

/** The value below which a share lies of values that are sorted; the upper one of two, undefined where there are none. */
export function quantile(sorted: ArrayLike<number>, share: number): number | undefined {
  return sorted[Math.round(share * (sorted.length - 1))];
}
