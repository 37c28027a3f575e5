/** What a search is asked for, and where it is. */
import type { PlainData } from '../../agents/agent.js';
import type { AgentName } from '../../agents/agents.js';
import type { Limit } from '../../kernels/objective/limits.js';
import type { Objective } from '../../kernels/objective/objective.js';

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
  /** Ends the search when a feasible design's first objective is at most this. */
  readonly target?: number | undefined;
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

/** A member of the Pareto front. */
export interface FrontMember {
  readonly objectives: readonly number[];
  readonly ordinal: string;
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

/** How far a search is. */
export interface SearchProgress {
  readonly evaluations: number;
  /** Evaluations since the last gain in the first objective. */
  readonly sinceGain: number;
  /** Smallest first objective of feasible designs. */
  readonly smallest: number | undefined;
}

/** Has a search come to its end: by its budget, for lack of gains, or at its target? */
export function isAtEnd(
  {
    evaluations,
    patience = Number.POSITIVE_INFINITY,
    target,
  }: Pick<SearchRequest, 'evaluations' | 'patience' | 'target'>,
  done: SearchProgress,
): boolean {
  const reached = target !== undefined && done.smallest !== undefined && done.smallest <= target;
  return done.evaluations >= evaluations || done.sinceGain >= patience || reached;
}
