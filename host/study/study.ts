/** How good the search agents are, against the truth: regret on spaces whose optimum is certain. */
import { AGENT_NAMES, AGENTS, type AgentName } from '../../agents/agents.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createEvaluator, type EvaluatorOptions } from '../backends/createEvaluator.js';
import { Journal } from './journal.js';
import { certify, type Optimum, optimumOf, stillHolds } from './optimum.js';
import { type Regret, regretOf } from './regret.js';
import { LARGEST_TABLE, type ScoreTable, tabulate } from './scores.js';
import type { StudySpace } from './spaces.js';
import { createTrialRunner, type TrialRunner } from './trialRunner.js';
import type { History, SeededTrial, Trial } from './trials.js';

/** All agents for one objective. */
export const STUDY_AGENTS: readonly AgentName[] = AGENT_NAMES.filter((name) => AGENTS[name].objectives === 'first');

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
  /** Optima of an earlier study; of large spaces, those that still hold are not proved anew. */
  readonly known?: readonly Optimum[];
  /** Spaces up to this size are evaluated once, and searched without further evaluations; 2^24 designs unless given. */
  readonly largestTable?: bigint;
  /** File that keeps finished searches until the study is finished: after an interrupt it goes on with the others. */
  readonly journal?: string;
}

export interface StudyControl {
  /** Called now and then, with what is under way. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** Ends the study after the search in progress, or the wave of a proof; it returns what it has. */
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

/** A space that is studied, with what is certain about it. */
export interface Subject {
  readonly name: string;
  readonly space: CompiledSpace;
  readonly optimum: Optimum;
  /** Of small spaces, whose searches need no evaluation any more. */
  readonly table: ScoreTable | undefined;
}

/** Where the work of a study is done. */
export interface StudySite {
  /**
   * A space with its certified optimum.
   *
   * @returns undefined where the signal ended it
   */
  subject(
    of: StudySpace,
    request: Pick<StudyRequest, 'objective' | 'known' | 'largestTable'>,
    control: StudyControl,
  ): Promise<Subject | undefined>;
  runner(subject: Subject, objective: Objective): TrialRunner;
}

/** In this process: what a study is given in place of a site. */
export function siteHere(options: EvaluatorOptions): StudySite {
  return {
    subject: (of, request, control) => subjectOf(of, request, options, control),
    runner: ({ space, optimum, table }, { label }) =>
      createTrialRunner({ space, objective: label, optimum: optimum.value, table }, options.threads),
  };
}

/**
 * Certifies the optimum of each space, of small ones by the evaluation of all designs, of others by proof, then lets each agent search it with each budget
 * and seed, as many searches side by side as there are threads. Searches run on the CPU, whatever the backend: their batches
 * are small.
 *
 * @throws CosmicError SPACE_EMPTY, DISK_WRITE, and what the evaluator throws
 * @example
 * const [workload] = await studyAgents(
 *   { spaces: STUDY_SPACES.slice(0, 1), agents: ['random', 'ga'], seeds: 20, budgets: [100], objective, sensitivity: false },
 *   { backend: 'auto' },
 * );
 */
export async function studyAgents(
  request: StudyRequest,
  where: EvaluatorOptions | StudySite,
  control: StudyControl = {},
): Promise<SpaceStudy[]> {
  const site = 'runner' in where ? where : siteHere(where);
  const journal = new Journal(request.journal);
  const studies: SpaceStudy[] = [];
  for (const [i, of] of request.spaces.entries()) {
    const subject = await site.subject(of, request, control);
    if (subject === undefined) break;
    const varies = request.sensitivity && i === request.spaces.length - 1;
    studies.push(await studySpace(subject, request, varies, site, journal, control));
  }
  if (control.signal?.aborted !== true) journal.remove();
  return studies;
}

/** Undefined where the study is ended before the optimum is certain. */
async function subjectOf(
  { name, preset, set }: StudySpace,
  { objective, known = [], largestTable = LARGEST_TABLE }: Pick<StudyRequest, 'objective' | 'known' | 'largestTable'>,
  options: EvaluatorOptions,
  { onProgress, signal }: StudyControl,
): Promise<Subject | undefined> {
  const space = compilePsa(loadPsa(preset, { set: [...set] }));
  const fitsTable = space.count <= largestTable;
  const before = fitsTable ? undefined : known.find((optimum) => stillHolds(space, objective, optimum));
  if (before !== undefined) return { name, space, optimum: before, table: undefined };
  const evaluator = await createEvaluator(space, options);
  const onDone = (done: number) => onProgress?.(`${name}: all designs`, done, Number(space.count));
  try {
    if (!fitsTable) {
      const optimum = await certify(evaluator, objective, { onProgress: onDone, signal });
      return optimum && { name, space, optimum, table: undefined };
    }
    const table = await tabulate(evaluator, objective, onDone, signal);
    return table && { name, space, optimum: optimumOf(space, objective, table), table };
  } finally {
    await evaluator.close();
  }
}

async function studySpace(
  subject: Subject,
  request: StudyRequest,
  varies: boolean,
  site: StudySite,
  journal: Journal,
  control: StudyControl,
): Promise<SpaceStudy> {
  const { space, optimum } = subject;
  const { agents, budgets, seeds } = request;
  const trials = trialsOf(agents, budgets, space.count);
  const variations = varies ? variationsOf(agents, budgets, space.count) : [];
  const all = [...trials, ...variations];
  const searches = all.flatMap((trial) => Array.from({ length: seeds }, (_, i) => ({ ...trial, seed: i + 1 })));
  const histories = await runAll(subject, searches, request.objective, site, journal, control);
  const regrets = all.map((trial, i) => {
    const own = searches.slice(i * seeds, (i + 1) * seeds).map((search) => histories.get(search));
    return regretOf(
      trial,
      own.filter((history) => history !== undefined),
      optimum,
    );
  });
  const finished = ({ seeds: done }: Regret) => done > 0;
  return {
    space: subject.name,
    optimum,
    regrets: regrets.slice(0, trials.length).filter(finished),
    varied: regrets.slice(trials.length).filter(finished),
  };
}

/** The histories of all searches, those of an earlier study included; fewer where the study is ended. */
async function runAll(
  subject: Subject,
  searches: readonly SeededTrial[],
  objective: Objective,
  site: StudySite,
  journal: Journal,
  { onProgress, signal }: StudyControl,
): Promise<ReadonlyMap<SeededTrial, History>> {
  const { name, optimum } = subject;
  const histories = new Map<SeededTrial, History>();
  for (const search of searches) {
    const before = journal.find(optimum, search);
    if (before !== undefined) histories.set(search, before);
  }
  const runner = site.runner(subject, objective);
  const onDone = (search: SeededTrial, history: History) => {
    histories.set(search, history);
    journal.add(optimum, search, history);
    onProgress?.(`${name}: ${search.agent}, ${search.budget} evaluations`, histories.size, searches.length);
  };
  try {
    await runner.run(
      searches.filter((search) => !histories.has(search)),
      onDone,
      signal,
    );
  } finally {
    await runner.close();
  }
  return histories;
}

/** Does the agent suit a budget? */
function suits(agent: AgentName, budget: number): boolean {
  return budget <= (AGENTS[agent].largestBudget ?? Number.POSITIVE_INFINITY);
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
    Object.entries(AGENTS[agent].parameters).flatMap(([parameter, { tries = [] }]) =>
      tries.map((value) => ({ agent, budget, parameters: { [parameter]: value } })),
    ),
  );
}
