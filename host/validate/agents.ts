import type { MixedSpace, Samples } from '../../agents/algorithms/cmaes/mixedCma.js';
import { RestartedCma } from '../../agents/algorithms/cmaes/restarts.js';
import { mean, quantile } from '../statistics/statistics.js';
import { AGENT_PROBLEMS, type AgentProblem, type Point } from './agentProblems.js';

/** Medians may exceed the reference by this share. */
export const AGENT_TOLERANCE = 0.15;

/** Runs of each problem, seeds 1, 2, 3 … */
export const AGENT_SEEDS = 15;

/** A problem is solved at this value. */
const TARGET = 1e-8;

/** A run that needs this many times the reference has failed. */
const PATIENCE = 10;

/** How our agent does on one problem. */
export interface AgentCase {
  readonly problem: string;
  readonly group: AgentProblem['group'];
  readonly references: AgentProblem['references'];
  /** Median evaluations of the runs that reached the target. */
  readonly evaluations: number;
  /** 10th and 90th percentile. */
  readonly p10: number;
  readonly p90: number;
  readonly successes: number;
  readonly runs: number;
  /** (median − reference) / reference for the nearest reference, 0 between two: negative where fewer are needed. */
  readonly relError: number;
  /** Why fewer are needed, where clearly fewer are. */
  readonly remark: string | undefined;
}

interface Statistics {
  readonly cases: number;
  /** Medians that are between the references, or equal to one. */
  readonly exact: number;
  readonly meanAbsRelError: number;
  readonly medianRelError: number;
  /** The largest excess over the references. */
  readonly maxRelError: number;
}

/** What {@link validateAgents} found. */
export interface AgentValidation extends Statistics {
  readonly tolerance: number;
  /** Every run succeeded, and no median exceeds its references by more than the tolerance. */
  readonly passed: boolean;
  readonly failures: readonly AgentCase[];
  readonly groups: readonly (Statistics & { readonly group: string })[];
  readonly results: readonly AgentCase[];
}

export interface AgentValidationRequest {
  readonly problems?: readonly AgentProblem[];
  readonly seeds?: number;
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Evaluations until a generation contains a value of 1e-8 or less, or undefined after ten times the reference.
 *
 * @param seed whole number, 0 … 2^32 − 1
 */
export function evaluationsToTarget(
  { space, start, value, references }: AgentProblem,
  seed: number,
): number | undefined {
  const cma = new RestartedCma(space, () => start, seed);
  const limit = PATIENCE * Math.max(...references.map((reference) => reference.evaluations));
  for (let evaluations = cma.population; evaluations <= limit; evaluations += cma.population) {
    const samples = cma.ask(cma.population);
    const values = Float64Array.from({ length: samples.count }, (_, k) => value(pointOf(cma, space, samples, k)));
    if (values.some((one) => one <= TARGET)) return evaluations;
    cma.tell(samples, values);
  }
  return undefined;
}

function pointOf(
  cma: RestartedCma,
  { continuous, integers, categories }: MixedSpace,
  samples: Samples,
  k: number,
): Point {
  const from = k * (continuous + integers.length);
  return {
    x: samples.raw.subarray(from, from + continuous),
    z: integers.map((_, i) => cma.integer(samples, k, i)),
    c: samples.categories.subarray(k * categories.length, (k + 1) * categories.length),
  };
}

/**
 * Counts the evaluations that our CMA-ES needs on standard problems, beside those of pycma and cmaes.
 *
 * @example
 * const { passed, maxRelError } = validateAgents();
 */
export function validateAgents(request: AgentValidationRequest = {}): AgentValidation {
  const { problems = AGENT_PROBLEMS, seeds = AGENT_SEEDS } = request;
  const results: AgentCase[] = [];
  for (const problem of problems) {
    if (request.signal?.aborted) break;
    results.push(caseOf(problem, seeds));
    request.onProgress?.(results.length);
  }
  const failures = results.filter(
    ({ relError, successes, runs }) => successes < runs || !(relError <= AGENT_TOLERANCE),
  );
  const groups = [...new Set(results.map(({ group }) => group))];
  return {
    tolerance: AGENT_TOLERANCE,
    passed: failures.length === 0,
    ...statistics(results),
    failures,
    groups: groups.map((group) => ({ group, ...statistics(results.filter((result) => result.group === group)) })),
    results,
  };
}

function caseOf(problem: AgentProblem, runs: number): AgentCase {
  const counts = Array.from(
    { length: runs },
    (_, i) => evaluationsToTarget(problem, i + 1) ?? Number.POSITIVE_INFINITY,
  );
  const solved = counts.filter(Number.isFinite);
  const evaluations = quantile(solved, 0.5) ?? 0;
  const relError = relativeError(
    evaluations,
    problem.references.map((reference) => reference.evaluations),
  );
  return {
    problem: problem.name,
    group: problem.group,
    references: problem.references,
    evaluations,
    p10: quantile(solved, 0.1) ?? 0,
    p90: quantile(solved, 0.9) ?? 0,
    successes: solved.length,
    runs,
    relError,
    remark: relError < -AGENT_TOLERANCE ? problem.remark : undefined,
  };
}

function relativeError(evaluations: number, references: readonly number[]): number {
  const nearest = Math.min(Math.max(evaluations, Math.min(...references)), Math.max(...references));
  return (evaluations - nearest) / nearest;
}

function statistics(results: readonly AgentCase[]): Statistics {
  const errors = results.map(({ relError }) => relError);
  return {
    cases: results.length,
    exact: errors.filter((error) => error === 0).length,
    meanAbsRelError: errors.length === 0 ? 0 : mean(errors.map(Math.abs)),
    medianRelError: quantile(errors, 0.5) ?? 0,
    maxRelError: Math.max(0, ...errors),
  };
}
