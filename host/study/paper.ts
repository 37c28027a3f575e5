/** The study of COSMIC's paper: full-stack co-design beside single-stack optimisation, over models, systems and rewards. */
import type { AgentName } from '../../agents/agents.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { CosmicError } from '../../psa/errors.js';
import { loadPsa } from '../../psa/load.js';
import type { Profile } from '../../psa/space.js';
import type { EvaluatorOptions } from '../backends/createEvaluator.js';
import { RULES } from '../profiles/profiles.js';
import { type Explanation, explainDesign } from '../report/explanation.js';
import type { Winner } from '../search/winners.js';
import {
  COMPARED_SPACES,
  type ComparedStack,
  type CompareRequest,
  type Comparison,
  compareStacks,
  gainOf,
} from './compare.js';
import { type ChangeEffect, changeEffects, stackedObjective } from './interactions.js';
import { caseName, REWARDS, type StudyCase } from './paperCases.js';

export interface StudyRequest {
  readonly cases: readonly StudyCase[];
  readonly profiles: readonly Profile[];
  readonly agent: AgentName;
  /** Of each full-stack search, by profile. */
  readonly evaluations: Readonly<Record<Profile, number>>;
  readonly population: number;
  readonly seed: number;
}

/** One case under one reward and one profile. */
export interface StudyResult {
  readonly case: StudyCase;
  readonly profile: Profile;
  readonly comparison: Comparison;
  /** How many times better the full stack is; undefined where either has no feasible design. */
  readonly gains: Readonly<Record<Exclude<ComparedStack, 'full'>, number | undefined>>;
  /** The same against the three single-stack optima put together. */
  readonly stackedGain: number | undefined;
  /** Undefined where the full stack or the default has no feasible design. */
  readonly best: StudiedDesign | undefined;
}

/** A case that a profile does not cover. */
export interface Refusal {
  readonly case: StudyCase;
  readonly profile: Profile;
  readonly reason: string;
}

export interface Study {
  readonly results: readonly StudyResult[];
  readonly refusals: readonly Refusal[];
}

export interface StudiedDesign {
  readonly winner: Winner;
  readonly effects: readonly ChangeEffect[];
  readonly explanation: Explanation;
}

const SINGLE = ['workload', 'collective', 'network'] as const;

function studiedDesign({ objective, baseline, optima }: Comparison): StudiedDesign | undefined {
  const { space, best } = optima.at(-1)!;
  if (best === undefined || baseline?.objectives === undefined) return undefined;
  return {
    winner: best,
    effects: changeEffects(space, best.design, baseline.design, objective),
    explanation: explainDesign(space, best, objective, baseline),
  };
}

function stackedGainOf({ objective, baseline, optima }: Comparison): number | undefined {
  const full = optima.at(-1)!;
  if (baseline === undefined || full.best === undefined) return undefined;
  const singles = optima.slice(0, -1).flatMap(({ space, best }) => (best ? [{ space, design: best.design }] : []));
  const stacked = stackedObjective(full.space, baseline.design, singles, objective);
  return stacked === undefined ? undefined : stacked / full.best.objectives[0]!;
}

function resultOf(of: StudyCase, profile: Profile, comparison: Comparison): StudyResult {
  const [workload, collective, network] = SINGLE.map((stack) => gainOf(comparison, stack));
  return {
    case: of,
    profile,
    comparison,
    gains: { workload, collective, network },
    stackedGain: stackedGainOf(comparison),
    best: studiedDesign(comparison),
  };
}

/** Why a profile does not cover a case; undefined where it does. */
function refusalOf(of: StudyCase, profile: Profile): string | undefined {
  try {
    loadPsa(COMPARED_SPACES.full, { ...of, profile });
    return undefined;
  } catch (error) {
    if (error instanceof CosmicError && error.code === 'ARGUMENT') return error.message;
    throw error;
  }
}

/** Who compares the stacks of single cases. */
export interface CaseSolver {
  /** Cases that are given to it at a time. */
  readonly atOnce: number;
  /** A comparison per objective. @param name the case, for people */
  solve(request: CompareRequest, name: string): Promise<readonly Comparison[]>;
}

/** What evaluates the cases of a profile: the backend that is asked for, or where the profile does not have it the CPU. */
export function backendOf(asked: EvaluatorOptions['backend'], profile: Profile): EvaluatorOptions['backend'] {
  const { backends } = RULES[profile];
  return asked === 'auto' || backends === undefined || backends.includes(asked) ? asked : 'cpu';
}

/** This process does, one after the other. */
export function solverHere(options: EvaluatorOptions): CaseSolver {
  return {
    atOnce: 1,
    solve: (request) =>
      compareStacks(request, { ...options, backend: backendOf(options.backend, request.profile ?? 'default') }),
  };
}

/** The backends of a study in words. */
export function backendsText(asked: EvaluatorOptions['backend'], profiles: readonly Profile[]): string {
  const [own, ...others] = profiles.map((profile) => ({ profile, backend: backendOf(asked, profile) }));
  if (others.every(({ backend }) => backend === own!.backend)) return `backend ${own!.backend}`;
  return [own!, ...others].map(({ profile, backend }) => `backend ${backend} in the ${profile} profile`).join(', ');
}

/** One case and profile, in the order of the study. */
interface Job {
  readonly of: StudyCase;
  readonly place: number;
  readonly profile: Profile;
  readonly reason: string | undefined;
}

/** For people: `gpt3-175b on cosmic-1024, default profile`. */
export function jobName(of: StudyCase, profile: Profile): string {
  return `${caseName(of)} on ${of.system}, ${profile} profile`;
}

/**
 * Runs the study: of each case, profile and reward the single-stack optima, proven, and the full stack by search.
 *
 * @param onCase called before each case and profile, with the case's place and the study so far: worth a page
 * @returns once all cases are done, or threw what the first of them throws
 */
export async function paperStudy(
  request: StudyRequest,
  where: EvaluatorOptions | CaseSolver,
  onCase: (of: StudyCase, profile: Profile, place: number, study: Study) => void = () => {},
): Promise<Study> {
  const solver = 'solve' in where ? where : solverHere(where);
  const { agent, evaluations, population, seed } = request;
  const objectives = REWARDS.map((text) => parseObjective(text));
  const jobs: Job[] = request.cases.flatMap((of, place) =>
    request.profiles.map((profile) => ({ of, place, profile, reason: refusalOf(of, profile) })),
  );
  const given = new Map<Job, Promise<readonly Comparison[]>>();
  const give = (job: Job) => {
    const { of, profile, reason } = job;
    if (reason !== undefined || given.has(job)) return;
    const search = { agent, evaluations: evaluations[profile], population, seed };
    const solved = solver.solve({ ...of, profile, objectives, ...search }, jobName(of, profile));
    // A failure is met when its turn comes.
    solved.catch(() => undefined);
    given.set(job, solved);
  };
  const results: StudyResult[] = [];
  const refusals: Refusal[] = [];
  try {
    for (const [i, job] of jobs.entries()) {
      const { of, place, profile, reason } = job;
      onCase(of, profile, place, { results, refusals });
      jobs.slice(i, i + solver.atOnce).forEach(give);
      if (reason !== undefined) refusals.push({ case: of, profile, reason });
      else results.push(...(await given.get(job)!).map((comparison) => resultOf(of, profile, comparison)));
    }
    return { results, refusals };
  } finally {
    await Promise.allSettled(given.values());
  }
}
