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

/** The case of the largest error, signed. */
export interface WorstCase {
  readonly id: string;
  readonly relError: number;
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

/** Of cases, the one with the largest error, the first of equal ones; undefined of none. */
export function worstOf(cases: readonly Case[]): WorstCase | undefined {
  const [first, ...others] = cases;
  if (first === undefined) return undefined;
  const worst = others.reduce((most, one) => (Math.abs(relError(one)) > Math.abs(relError(most)) ? one : most), first);
  return { id: worst.id, relError: relError(worst) };
}

/** How often each text stands among others, in the order in which they first do. */
export function occurrences(texts: readonly string[]): [text: string, times: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts];
}

/** Predictions without a number, by their reasons in the order of these. */
export function countStops(cases: readonly Case[]): StopCount[] {
  return occurrences(cases.flatMap(({ stop }) => stop ?? []).sort()).map(([reason, times]) => ({
    reason,
    cases: times,
  }));
}

function failureOf(one: Case): CaseFailure {
  const { id, expected = NO_OUTCOME, got = NO_OUTCOME } = one;
  return { id, expected, got, relError: relError(one) };
}

/** Statistics of cases, and of each of their groups in the order of the groups' names. */
export function summarize(cases: readonly Case[]): CaseResults {
  const names = [...new Set(cases.map(({ group }) => group))].sort();
  const failures = cases.filter(({ expected, got }) => expected !== got).map(failureOf);
  return {
    ...errorsOf(cases),
    failures: failures.sort((a, b) => Math.abs(b.relError) - Math.abs(a.relError)),
    groups: names.map((group) => ({ group, ...errorsOf(cases.filter((one) => one.group === group)) })),
    stops: countStops(cases),
  };
}
