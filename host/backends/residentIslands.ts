/** Searches whose designs live where they are evaluated: what a backend offers for them. */
import type { IslandsState } from '../../agents/algorithms/islandGa/islandsState.js';
import type { Breeding } from '../../kernels/evolution/breeding.js';
import type { Goal } from '../../kernels/objective/goal.js';

export interface EvolutionRequest {
  readonly breeding: Breeding;
  /** With one objective. */
  readonly goal: Goal;
}

/** What is told of a generation. */
export interface GenerationTally {
  /** Designs that were made and evaluated. */
  readonly children: number;
  /** How many of them are feasible, have each status bit that counts, break each limit. */
  readonly feasible: number;
  readonly byReason: readonly number[];
  readonly byLimit: readonly number[];
  /** The smallest objective so far, undefined before the first feasible design, and the digits of its design. */
  readonly objective: number | undefined;
  readonly digits: Uint32Array;
}

/** Some generations that were run together. */
export interface Epoch {
  readonly tallies: readonly GenerationTally[];
  /** Copies the islands as this epoch left them; possible until the next but one begins. */
  read(): Promise<IslandsState>;
}

/** The islands of one evolution on a device. */
export interface ResidentIslands {
  /** Generations that an epoch has at most: so many that submitting them is no matter. */
  readonly epochGenerations: number;
  /** Puts designs into the slots. */
  populate(from: IslandsState): void;
  /**
   * Runs generations; a second epoch may begin before the first is told of.
   *
   * @param children designs to make in each, at most one for each slot; a slot without a child keeps its design
   */
  advance(children: readonly number[]): Promise<Epoch>;
}
