import { z } from 'zod';
import { argsort } from '../../shared/order.js';
import { count } from '../../shared/savedState.js';
import { MixedCma, type MixedSpace, type MixedStart, mixedState, type Samples } from './mixedCma.js';

/** Gains below this share of the best value are none. */
const LEAST_GAIN = 1e-12;

/** Generations that a continuous search may well go without a gain. */
const PATIENCE = 100;

/** The population does not grow beyond this multiple of the first. */
const LARGEST_GROWTH = 256;

/** A state over a space. */
export function restartState(space: MixedSpace) {
  return z.strictObject({ restarts: count, best: z.number(), stagnant: count, cma: mixedState(space) });
}

type RestartState = z.infer<ReturnType<typeof restartState>>;

/**
 * CMA-ES that starts again with twice the population when it no longer improves (Auger & Hansen, "A restart CMA evolution
 * strategy with increasing population size", CEC 2005).
 *
 * @example
 * const cma = new RestartedCma({ continuous: 5, integers: [], categories: [] }, () => start, 1);
 * const samples = cma.ask(cma.population);
 * cma.tell(samples, spheres(samples.raw)); // a value for each sample
 */
export class RestartedCma {
  private restarts = 0;
  private best = Number.MAX_VALUE;
  /** Generations without a gain. */
  private stagnant = 0;
  private cma: MixedCma;
  private readonly variables: number;

  /**
   * @param startOf where each run begins: run 0, then the restarts
   * @param seed whole number, 0 … 2^32 − 1
   * @param options base: samples of a generation in the first run, by default what suits the space; patience: generations
   *   without a gain that are not yet a reason to start again, beside 30 for each variable and sample
   */
  constructor(
    space: MixedSpace,
    private readonly startOf: (run: number) => MixedStart,
    seed: number,
    private readonly options: { readonly base?: number; readonly patience?: number } = {},
  ) {
    this.variables = space.continuous + space.integers.length + space.categories.length;
    this.cma = new MixedCma(space, startOf(0), seed);
  }

  /** Samples of a generation. */
  get population(): number {
    return (this.options.base ?? this.cma.population) * Math.min(2 ** this.restarts, LARGEST_GROWTH);
  }

  /** @param used samples that nobody needs any more: where they are as many, the new ones are written over them */
  ask(count: number, used?: Samples): Samples {
    return this.cma.ask(count, used);
  }

  /** The whole number that the i-th integer of the k-th sample stands for. */
  integer(samples: Samples, k: number, i: number): number {
    return this.cma.integer(samples, k, i);
  }

  /**
   * @param samples those of the last `ask`, at least 4
   * @param values one for each; smaller is better
   */
  tell(samples: Samples, values: Float64Array): void {
    const order = argsort(values);
    this.cma.tell(samples, order);
    this.noteGain(values[order[0]!]!);
    const patience = (this.options.patience ?? PATIENCE) + (30 * this.variables) / samples.count;
    if (this.stagnant > patience || this.cma.degenerate) this.restart();
  }

  get state(): RestartState {
    return {
      restarts: this.restarts,
      best: this.best,
      stagnant: this.stagnant,
      cma: this.cma.state,
    };
  }

  restore(state: RestartState): void {
    this.restarts = state.restarts;
    this.best = state.best;
    this.stagnant = state.stagnant;
    this.cma.restore(state.cma);
  }

  private noteGain(value: number): void {
    const gains = value < this.best - LEAST_GAIN * Math.abs(this.best);
    this.stagnant = gains ? 0 : this.stagnant + 1;
    if (gains) this.best = value;
  }

  private restart(): void {
    this.restarts++;
    this.best = Number.MAX_VALUE;
    this.stagnant = 0;
    this.cma.restart(this.startOf(this.restarts));
  }
}
