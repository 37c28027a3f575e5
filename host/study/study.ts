/** How good the search agents are, against the truth: regret on spaces whose optimum a sweep has certified. */
import { AGENT_NAMES, type AgentName } from '../../agents/agent.js';
import { AGENT_PARAMETERS } from '../../agents/index.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { createEvaluator, type EvaluatorOptions } from '../createEvaluator.js';
import type { Evaluator } from '../evaluator.js';
import { certify, type Optimum, stillHolds } from './optimum.js';
import { type Regret, regretOf, type Trial } from './regret.js';
import { suits } from './settings.js';
import type { StudySpace } from './spaces.js';

/** All agents for one objective. */
export const STUDY_AGENTS: readonly AgentName[] = AGENT_NAMES.filter((name) => name !== 'nsga2');

export interface StudyRequest {
  readonly spaces: readonly StudySpace[];
  readonly agents: readonly AgentName[];
  /** Searches of each kind. */
  readonly seeds: number;
  /** Evaluations; more than a space has designs are none. */
  readonly budgets: readonly number[];
  readonly objective: Objective;
  /** Whether to vary the agents' parameters, on the last space. */
  readonly sensitivity: boolean;
  /** Optima of an earlier study; those that no longer hold are certified anew. */
  readonly known?: readonly Optimum[];
}

export interface StudyControl {
  /** Called now and then, with what is under way. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** Ends the study after the search or sweep in progress; it returns what it has. */
  readonly signal?: AbortSignal;
}

/** One space's results. */
export interface SpaceStudy {
  readonly space: string;
  readonly optimum: Optimum;
  /** By agent, then budget. */
  readonly regrets: readonly Regret[];
  /** With one parameter changed; empty unless asked for. */
  readonly varied: readonly Regret[];
}

/**
 * Certifies the optimum of each space by a sweep, then lets each agent search it with each budget and seed.
 *
 * @throws CosmicError SPACE_EMPTY, and what the evaluator throws
 * @example
 * const [workload] = await studyAgents(
 *   { spaces: STUDY_SPACES.slice(0, 1), agents: ['random', 'ga'], seeds: 20, budgets: [100], objective, sensitivity: false },
 *   { backend: 'auto' },
 * );
 */
export async function studyAgents(
  request: StudyRequest,
  options: EvaluatorOptions,
  control: StudyControl = {},
): Promise<SpaceStudy[]> {
  const studies: SpaceStudy[] = [];
  for (const [i, { name, preset, set }] of request.spaces.entries()) {
    const evaluator = await createEvaluator(compilePsa(loadPsa(preset, { set: [...set] })), options);
    const varies = request.sensitivity && i === request.spaces.length - 1;
    try {
      const optimum = await optimumOf(evaluator, name, request, control);
      if (optimum === undefined) break;
      studies.push(await studySpace(evaluator, name, optimum, request, varies, control));
    } finally {
      await evaluator.close();
    }
  }
  return studies;
}

/** Undefined where the study is ended before the sweep is. */
async function optimumOf(
  evaluator: Evaluator,
  name: string,
  { objective, known = [] }: StudyRequest,
  { onProgress, signal }: StudyControl,
): Promise<Optimum | undefined> {
  const before = known.find((optimum) => stillHolds(evaluator, objective, optimum));
  if (before !== undefined) return before;
  const total = Number(evaluator.space.count);
  return certify(evaluator, objective, {
    onChunk: ({ evaluated }) => onProgress?.(`${name}: all designs`, Number(evaluated), total),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function studySpace(
  evaluator: Evaluator,
  name: string,
  optimum: Optimum,
  { agents, budgets, seeds, objective, sensitivity }: StudyRequest,
  varies: boolean,
  { onProgress, signal }: StudyControl,
): Promise<SpaceStudy> {
  const trials = trialsOf(agents, budgets, evaluator.space.count);
  const variations = varies && sensitivity ? variationsOf(agents, budgets, evaluator.space.count) : [];
  const all = [...trials, ...variations];
  const regrets: Regret[] = [];
  for (const [i, trial] of all.entries()) {
    if (signal?.aborted === true) break;
    onProgress?.(`${name}: ${trial.agent}, ${trial.budget} evaluations`, i, all.length);
    regrets.push(await regretOf(evaluator, objective, optimum, trial, seeds, signal));
  }
  return { space: name, optimum, regrets: regrets.slice(0, trials.length), varied: regrets.slice(trials.length) };
}

/** Budgets below the space's size; of a small space the first all the same. */
function budgetsWithin(budgets: readonly number[], designs: bigint): number[] {
  return budgets
    .filter((budget, i) => i === 0 || BigInt(budget) < designs)
    .map((budget) => Math.min(budget, Number(designs)));
}

function trialsOf(agents: readonly AgentName[], budgets: readonly number[], designs: bigint): Trial[] {
  return agents.flatMap((agent) =>
    budgetsWithin(budgets, designs)
      .filter((budget) => suits(agent, budget))
      .map((budget) => ({ agent, budget })),
  );
}

/** One parameter changed at a time, at the smallest budget: with large ones most settings find the optimum. */
function variationsOf(agents: readonly AgentName[], budgets: readonly number[], designs: bigint): Trial[] {
  const budget = budgetsWithin(budgets, designs)[0]!;
  return agents.flatMap((agent) =>
    Object.entries(AGENT_PARAMETERS[agent]).flatMap(([parameter, { tries = [] }]) =>
      tries.map((value) => ({ agent, budget, parameters: { [parameter]: value } })),
    ),
  );
}
