/** The study of COSMIC's paper: full-stack co-design beside single-stack optimisation, over models, systems and rewards. */
import type { AgentName } from '../../agents/agent.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { type ComparedStack, type Comparison, compareStacks, gainOf } from '../compare.js';
import type { EvaluatorOptions } from '../createEvaluator.js';
import { type Explanation, explainDesign } from '../report/explanation.js';
import type { Winner } from '../winners.js';
import { type AstraCheck, astraCheck } from './astraCheck.js';
import { type ChangeEffect, changeEffects, stackedObjective } from './interactions.js';
import { REWARDS, type StudyCase } from './paperCases.js';

export interface StudyRequest {
  readonly cases: readonly StudyCase[];
  readonly agent: AgentName;
  /** Of each full-stack search. */
  readonly evaluations: number;
  readonly population: number;
  readonly seed: number;
}

/** One case under one reward. */
export interface StudyResult {
  readonly case: StudyCase;
  readonly comparison: Comparison;
  /** How many times better the full stack is; undefined where either has no feasible design. */
  readonly gains: Readonly<Record<Exclude<ComparedStack, 'full'>, number | undefined>>;
  /** The same against the three single-stack optima put together. */
  readonly stackedGain: number | undefined;
  /** Undefined where the full stack or the default has no feasible design. */
  readonly best: StudiedDesign | undefined;
}

export interface StudiedDesign {
  readonly winner: Winner;
  readonly effects: readonly ChangeEffect[];
  readonly explanation: Explanation;
  /** The same two designs under the astra-sim profile, where it can express them. */
  readonly astra: AstraCheck | undefined;
}

const SINGLE = ['workload', 'collective', 'network'] as const;

function studiedDesign({ objective, baseline, optima }: Comparison): StudiedDesign | undefined {
  const { space, best } = optima.at(-1)!;
  if (best === undefined || baseline?.objectives === undefined) return undefined;
  return {
    winner: best,
    effects: changeEffects(space, best.design, baseline.design, objective),
    explanation: explainDesign(space, best, objective, baseline),
    astra: astraCheck(space, baseline.design, best.design),
  };
}

function stackedGainOf({ objective, baseline, optima }: Comparison): number | undefined {
  const full = optima.at(-1)!;
  if (baseline === undefined || full.best === undefined) return undefined;
  const singles = optima.slice(0, -1).flatMap(({ space, best }) => (best ? [{ space, design: best.design }] : []));
  const stacked = stackedObjective(full.space, baseline.design, singles, objective);
  return stacked === undefined ? undefined : stacked / full.best.objectives[0]!;
}

function resultOf(of: StudyCase, comparison: Comparison): StudyResult {
  const [workload, collective, network] = SINGLE.map((stack) => gainOf(comparison, stack));
  return {
    case: of,
    comparison,
    gains: { workload, collective, network },
    stackedGain: stackedGainOf(comparison),
    best: studiedDesign(comparison),
  };
}

/**
 * Runs the study: of each case and reward the single-stack optima by exhaustive sweep, the full stack by search.
 *
 * @param onCase called before each case, with its place and the results so far: worth a page
 */
export async function paperStudy(
  request: StudyRequest,
  options: EvaluatorOptions,
  onCase: (of: StudyCase, place: number, results: readonly StudyResult[]) => void = () => {},
): Promise<StudyResult[]> {
  const objectives = REWARDS.map(parseObjective);
  const results: StudyResult[] = [];
  for (const [place, of] of request.cases.entries()) {
    onCase(of, place, results);
    const { agent, evaluations, population, seed } = request;
    const comparisons = await compareStacks({ ...of, objectives, agent, evaluations, population, seed }, options);
    results.push(...comparisons.map((comparison) => resultOf(of, comparison)));
  }
  return results;
}
