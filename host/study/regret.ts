import type { AgentName } from '../../agents/agent.js';
import type { Objective } from '../../kernels/objective/objective.js';
import type { Evaluator } from '../evaluator.js';
import { type SearchState, search } from '../search.js';
import type { Optimum } from './optimum.js';

/** What is repeated with many seeds. */
export interface Trial {
  readonly agent: AgentName;
  readonly budget: number;
  /** The agent's parameters, where they are not its defaults. */
  readonly parameters?: Readonly<Record<string, number>> | undefined;
}

/** How far from the optimum searches ended, relative to it: 0.01 is one percent worse. */
export interface Regret extends Trial {
  readonly seeds: number;
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  /** Searches that found the optimum. */
  readonly solved: number;
  /** Median regret after some numbers of evaluations. */
  readonly curve: readonly (readonly [evaluations: number, regret: number])[];
}

/** Smaller regrets are rounding: f32 backends tell designs apart to about this. */
const NOTHING = 1e-6;

/** Numbers of evaluations in a curve for each factor of ten. */
const POINTS_PER_DECADE = 8;

/**
 * The regret of one agent over some seeds, 1, 2, 3 …
 *
 * @param signal ends the study; regret of the seeds so far
 */
export async function regretOf(
  evaluator: Evaluator,
  objective: Objective,
  optimum: Optimum,
  trial: Trial,
  seeds: number,
  signal?: AbortSignal,
): Promise<Regret> {
  const states: SearchState[] = [];
  for (let seed = 1; seed <= seeds && signal?.aborted !== true; seed++) {
    states.push(await searchUntil(evaluator, objective, optimum, trial, seed));
  }
  const at = (evaluations: number) =>
    states.map(({ history }) => regretAfter(history, evaluations, optimum)).sort(ascending);
  const last = at(trial.budget);
  return {
    ...trial,
    seeds: states.length,
    median: quantile(last, 0.5),
    p10: quantile(last, 0.1),
    p90: quantile(last, 0.9),
    solved: last.filter((regret) => regret === 0).length,
    curve: curvePoints(trial.budget).map((evaluations) => [evaluations, quantile(at(evaluations), 0.5)] as const),
  };
}

/** Searches until the budget is spent or the optimum is found. */
async function searchUntil(evaluator: Evaluator, objective: Objective, { value }: Optimum, trial: Trial, seed: number) {
  const found = new AbortController();
  const { agent, budget, parameters } = trial;
  const request = { agent, evaluations: budget, parameters, seed, objective, top: 1 };
  return search(evaluator, request, {
    signal: found.signal,
    onGeneration: ({ best }) => {
      if (best !== undefined && relative(best, value) === 0) found.abort();
    },
  });
}

function regretAfter(history: SearchState['history'], evaluations: number, { value }: Optimum): number {
  let best = Number.POSITIVE_INFINITY;
  for (const [done, objective] of history) if (done <= evaluations) best = objective;
  return relative(best, value);
}

function relative(value: number, optimum: number): number {
  const regret = value / optimum - 1;
  return regret <= NOTHING ? 0 : regret;
}

function curvePoints(budget: number): number[] {
  const points = new Set<number>([budget]);
  for (let i = 0; ; i++) {
    const point = Math.round(10 ** (1 + i / POINTS_PER_DECADE));
    if (point >= budget) break;
    points.add(point);
  }
  return [...points].sort(ascending);
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Of sorted values; infinite where there are none. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.POSITIVE_INFINITY;
}
