import { type Errors, statistics } from './statistics.js';

/** One prediction beside what is known. */
export interface Case {
  readonly id: string;
  /** What it is counted with, beside all. */
  readonly group: string;
  /** Undefined where the reference has no number. */
  readonly expected: number | undefined;
  readonly got?: number | undefined;
  /** Why the prediction has no number. */
  readonly stop?: string;
}

/** Predictions without a number, by their reason. */
export interface StopCount {
  readonly reason: string;
  readonly cases: number;
}

/** A prediction that is not the known number. */
export interface CaseFailure {
  readonly id: string;
  readonly expected: number | string;
  readonly got: number | string;
  /** Signed, relative to what is known; 1 where one of the two has no number. */
  readonly relError: number;
}

export interface CaseGroup extends Errors {
  readonly group: string;
}

/** What a file of cases came to. */
export interface CaseResults extends Errors {
  /** Every case that is not exact, the worst first. */
  readonly failures: readonly CaseFailure[];
  readonly groups: readonly CaseGroup[];
  readonly stops: readonly StopCount[];
}

/** What stands where a run has no number: it deadlocks, aborts, or has no defined outcome. */
export const NO_OUTCOME = 'does not finish';

/** Signed error relative to what is known; two runs that do not finish agree. */
export function relError({ expected, got }: Pick<Case, 'expected' | 'got'>): number {
  if (expected === got) return 0;
  if (expected === undefined || got === undefined) return 1;
  return (got - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
}

/** Statistics of the errors of cases. */
export function errorsOf(cases: readonly Case[]): Errors {
  const errors = Float64Array.from(cases, (one) => Math.abs(relError(one)));
  return statistics(errors, cases.filter(({ expected, got }) => expected === got).length);
}

function failureOf(one: Case): CaseFailure {
  const { id, expected = NO_OUTCOME, got = NO_OUTCOME } = one;
  return { id, expected, got, relError: relError(one) };
}

/** Statistics of cases, and of each of their groups in the order of the groups' names. */
export function summarize(cases: readonly Case[]): CaseResults {
  const names = [...new Set(cases.map(({ group }) => group))].sort();
  const reasons = cases.flatMap(({ stop }) => stop ?? []);
  const failures = cases.filter(({ expected, got }) => expected !== got).map(failureOf);
  return {
    ...errorsOf(cases),
    failures: failures.sort((a, b) => Math.abs(b.relError) - Math.abs(a.relError)),
    groups: names.map((group) => ({ group, ...errorsOf(cases.filter((one) => one.group === group)) })),
    stops: [...new Set(reasons)].sort().map((reason) => ({
      reason,
      cases: reasons.filter((other) => other === reason).length,
    })),
  };
}
