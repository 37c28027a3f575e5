import type { Agent, AgentName, PlainData } from '../agents/agent.js';
import { createIslands } from '../agents/index.js';
import { IslandGeneticAgent } from '../agents/islandGa.js';
import { MAX_LIMITS } from '../kernels/objective/fitness.js';
import type { Objective } from '../kernels/objective/objective.js';
import { OUTPUT_COUNT } from '../kernels/outputs.js';
import { CosmicError } from '../psa/errors.js';
import { digitsToOrdinal } from '../psa/ordinals.js';
import type { CompiledSpace } from '../psa/space.js';
import type { Evaluator } from './evaluator.js';
import type { Limit } from './limits.js';
import { canEvolve, residentSearch } from './residentSearch.js';
import { createScorer } from './score.js';
import { type FrontMember, Scoreboard } from './scoreboard.js';

export interface SearchRequest {
  readonly agent: AgentName;
  /** Designs to evaluate, repeated ones included. */
  readonly evaluations: number;
  /** Designs per generation and island; by default what suits the agent. Thousands keep a GPU busy. */
  readonly population?: number | undefined;
  /** The agent's own parameters, where they are not its defaults. */
  readonly parameters?: Readonly<Record<string, number>> | undefined;
  /** Independent agents that share each batch; 1 unless given, but with island-ga what suits the budget. */
  readonly islands?: number | undefined;
  /** Generations after which islands send each other designs, 0 for never; by default what suits the agent. */
  readonly migration?: number | undefined;
  /** Whole number, 0 … 2^32 − 1. */
  readonly seed: number;
  readonly objective: Objective;
  /** More of them: then the search keeps the Pareto front of all, which is what the agent nsga2 looks for. */
  readonly moreObjectives?: readonly Objective[] | undefined;
  /** Beside what makes a design infeasible anyhow; at most 32. */
  readonly limits?: readonly Limit[] | undefined;
  /** Ends the search when so many evaluations have brought no gain in the first objective. */
  readonly patience?: number | undefined;
  /** Best designs to show, of distinct tiers. */
  readonly top: number;
}

/** Designs that score the same, as tiers round: parameters with little or no effect make many of them. */
export interface Tier {
  /** The rounded objective. */
  readonly objective: number;
  /** In order of discovery, without repetition, at most 100. */
  readonly ordinals: readonly string[];
}

/** A search so far, as plain data: all that is needed to go on with it. */
export interface SearchState {
  readonly evaluations: number;
  readonly feasible: number;
  /** Designs with each status bit, in the order of STATUSES. */
  readonly byReason: readonly number[];
  /** Designs that break each limit. */
  readonly byLimit: readonly number[];
  /** Best first. */
  readonly best: readonly Tier[];
  /** Each improvement: evaluations done, objective reached. */
  readonly history: readonly (readonly [evaluations: number, objective: number])[];
  /** With several objectives: the designs that none beats in all. */
  readonly front: readonly FrontMember[];
  readonly agent: PlainData;
}

/** Where a search is after a generation. */
export interface Generation {
  readonly evaluations: number;
  /** Smallest objective so far; undefined before the first feasible design. */
  readonly best: number | undefined;
  /** Share of the designs so far that are feasible. */
  readonly feasibleShare: number;
  /** Copies the state, to save it; while the callback runs. */
  readonly snapshot: () => Promise<SearchState>;
}

export interface SearchControl {
  /** Called after each generation, which is worth a checkpoint. */
  readonly onGeneration?: (generation: Generation) => void | Promise<void>;
  /** Ends the search after the generation in progress; `search` then returns what it has. */
  readonly signal?: AbortSignal;
}

/** @throws CosmicError BACKEND_LIMIT where the backend does not tell which designs are feasible */
function checkCovers({ backend, covers }: Evaluator): void {
  if (covers.length === OUTPUT_COUNT) return;
  throw new CosmicError('BACKEND_LIMIT', `${backend} covers ${covers.join(', ')} only, a search needs all outputs`, {
    remedy: 'use --backend webgpu or cpu',
  });
}

/** @throws CosmicError ARGUMENT */
function checkLimits(count: number): void {
  if (count <= MAX_LIMITS) return;
  throw new CosmicError('ARGUMENT', `a search cannot have ${count} limits`, { remedy: `give at most ${MAX_LIMITS}` });
}

/**
 * Searches a space for the smallest objective. The same request on the same backend gives the same result, also when it
 * was interrupted and went on from a state.
 *
 * @throws CosmicError BACKEND_LIMIT, ARGUMENT, and what the evaluator throws
 * @example
 * const evaluator = await createEvaluator(space, { backend: 'auto' });
 * const found = await search(evaluator, {
 *   agent: 'ga', evaluations: 200_000, population: 2048, seed: 0, objective: parseObjective('time'), top: 10,
 * });
 * found.best[0]?.ordinals[0]; // '1234567890'
 */
export async function search(
  evaluator: Evaluator,
  request: SearchRequest,
  control: SearchControl = {},
  resumeFrom?: SearchState,
): Promise<SearchState> {
  const { space } = evaluator;
  checkCovers(evaluator);
  const { limits = [], moreObjectives = [], patience = Number.POSITIVE_INFINITY } = request;
  const objectives = [request.objective, ...moreObjectives];
  checkLimits(limits.length);
  const agent = agentOf(request, space);
  if (agent instanceof IslandGeneticAgent && canEvolve(evaluator) && objectives.length === 1) {
    return residentSearch(evaluator, agent.breeding, request, control, resumeFrom);
  }
  if (resumeFrom !== undefined) agent.restore(resumeFrom.agent);
  const score = createScorer(space, objectives, limits);
  const counts = { top: request.top, objectiveCount: objectives.length, limitCount: limits.length };
  const scores = new Scoreboard(counts, resumeFrom);
  const snapshot = async (): Promise<SearchState> => ({ ...scores.snapshot(), agent: agent.state });
  const goesOn = () => scores.evaluations < request.evaluations && scores.sinceGain < patience;
  while (goesOn() && control.signal?.aborted !== true) {
    const count = Math.min(agent.batchSize, request.evaluations - scores.evaluations);
    const digits = agent.ask(count);
    const scored = score(digits, await evaluator.evaluate({ kind: 'digits', digits, count }));
    agent.tell({ digits, objectives: scored.objectives, violations: scored.violations });
    scores.add(scored, (row) => digitsToOrdinal(space, digits, row * space.genes.length).toString());
    const { evaluations, smallest, feasibleShare } = scores;
    await control.onGeneration?.({ evaluations, best: smallest, feasibleShare, snapshot });
  }
  return snapshot();
}

/** @throws CosmicError ARGUMENT where the agent cannot be set up so */
function agentOf(request: SearchRequest, { genes }: CompiledSpace): Agent {
  const { agent, seed, islands, migration, population, evaluations, parameters = {} } = request;
  const options = {
    evaluations,
    parameters,
    ...(population === undefined ? {} : { population }),
    ...(migration === undefined ? {} : { migration }),
  };
  return createIslands(agent, genes, seed, islands, options);
}
