import {
  emptyIslands,
  type IslandsState,
  islandsFromPlain,
  islandsToPlain,
} from '../../agents/algorithms/islandGa/islandsState.js';
import { distinctPlaces } from '../../agents/shared/designs.js';
import { argsort } from '../../agents/shared/order.js';
import type { Breeding } from '../../kernels/evolution/breeding.js';
import { INFEASIBLE_F32 } from '../../kernels/evolution/layout.js';
import type { Goal } from '../../kernels/objective/goal.js';
import { digitsToOrdinal } from '../../psa/ordinals.js';
import type { Evaluator } from '../backends/evaluator.js';
import type { Epoch, ResidentIslands } from '../backends/residentIslands.js';
import { Scoreboard } from './scoreboard.js';
import { isAtEnd, type SearchControl, type SearchRequest, type SearchState } from './searchState.js';

/** An evaluator that keeps designs where it evaluates them. */
export type EvolvingEvaluator = Evaluator & Required<Pick<Evaluator, 'evolve'>>;

export function canEvolve(evaluator: Evaluator): evaluator is EvolvingEvaluator {
  return evaluator.evolve !== undefined;
}

/**
 * A search by an agent whose designs never leave the device: after each generation its counts and its best come back, all
 * islands only where the state is saved and at the end. Like `search`, but that the budget and patience are looked at
 * between epochs of generations, of which one runs ahead.
 */
export async function residentSearch(
  evaluator: EvolvingEvaluator,
  breeding: Breeding,
  goal: Goal,
  request: SearchRequest,
  control: SearchControl,
  resumeFrom: SearchState | undefined,
): Promise<SearchState> {
  // When a device is lost, the designs on it are gone: the search goes on from the state that was saved last.
  let saved = resumeFrom;
  const save = (state: SearchState): void => {
    saved = state;
  };
  return evaluator.evolve(
    { breeding, goal },
    (resident) => new ResidentSearch(evaluator, goal, request, resident, breeding, saved).run(control, save),
    () => BigInt(saved?.evaluations ?? 0),
  );
}

/** One go at the search, on one device. */
class ResidentSearch {
  private readonly scores: Scoreboard;
  private readonly slots: number;
  /** Designs that are evaluated or will be. */
  private begun: number;
  private read: () => Promise<IslandsState>;

  constructor(
    private readonly evaluator: Evaluator,
    goal: Goal,
    private readonly request: SearchRequest,
    private readonly resident: ResidentIslands,
    breeding: Breeding,
    from: SearchState | undefined,
  ) {
    this.scores = new Scoreboard(goal, request.top, from);
    this.begun = this.scores.evaluations;
    const state = from === undefined ? emptyIslands(breeding) : islandsFromPlain(from.agent, breeding);
    this.slots = state.fitness.length;
    this.read = async () => state;
    resident.populate(state);
  }

  async run({ onGeneration, signal }: SearchControl, save: (state: SearchState) => void): Promise<SearchState> {
    const { scores } = this;
    let ahead = this.begin();
    while (this.goesOn() && signal?.aborted !== true) {
      const current = ahead!;
      ahead = this.begin();
      const epoch = await current;
      for (const tally of epoch.tallies) scores.addGeneration(tally, () => this.ordinalOf(tally.digits, 0));
      let copy: Promise<IslandsState> | undefined;
      this.read = () => {
        copy ??= epoch.read();
        return copy;
      };
      const snapshot = async () => {
        const state = await this.state();
        save(state);
        return state;
      };
      const { evaluations, smallest, feasibleShare } = scores;
      await onGeneration?.({ evaluations, best: smallest, feasibleShare, snapshot });
    }
    if (!this.goesOn()) this.keepInhabitants(await this.read());
    return this.state();
  }

  private goesOn(): boolean {
    return !isAtEnd(this.request, this.scores);
  }

  /** Begins the next epoch, unless the budget is spent. */
  private begin(): Promise<Epoch> | undefined {
    const left = this.request.evaluations - this.begun;
    const generations = Math.min(this.resident.epochGenerations, Math.ceil(left / this.slots));
    if (generations <= 0) return undefined;
    const children = Array.from({ length: generations }, (_, i) => Math.min(this.slots, left - i * this.slots));
    this.begun += children.reduce((sum, count) => sum + count, 0);
    const epoch = this.resident.advance(children);
    // If it fails, it does so when it is waited for, and the last may not be.
    epoch.catch(() => undefined);
    return epoch;
  }

  private async state(): Promise<SearchState> {
    return { ...this.scores.snapshot(), agent: islandsToPlain(await this.read()) };
  }

  /** Keeps the best designs of all islands: of each generation, only one was told of. */
  private keepInhabitants({ digits, fitness }: IslandsState): void {
    const width = this.evaluator.space.genes.length;
    const different = distinctPlaces({ rows: digits, size: fitness.length }, { rows: digits, size: 0 }, width);
    for (const slot of argsort(fitness, different)) {
      if (fitness[slot]! >= INFEASIBLE_F32) return;
      if (!this.scores.keep(fitness[slot]!, () => this.ordinalOf(digits, slot * width))) return;
    }
  }

  private ordinalOf(digits: Uint32Array, from: number): string {
    return digitsToOrdinal(this.evaluator.space, digits, from).toString();
  }
}
