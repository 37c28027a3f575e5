import { z } from 'zod';
import { count } from '../../shared/savedState.js';
import { RandomStream } from '../../shared/stream.js';
import { temporaryNumbers } from '../../shared/temporary.js';
import { Categories, categoryState } from './categories.js';
import { Gaussian, gaussianState } from './gaussian.js';
import { type IntegerRange, Integers, integerState } from './integers.js';
import { defaultPopulation, type Strategy, strategyOf } from './strategy.js';

/** Where a search begins, coordinate by coordinate: the continuous ones, then the integers. */
export interface MixedStart {
  readonly mean: readonly number[];
  readonly deviations: readonly number[];
  /** Factor of all deviations that step-size control adapts. */
  readonly sigma: number;
}

export interface MixedSpace {
  /** Continuous variables, unbounded. */
  readonly continuous: number;
  readonly integers: readonly IntegerRange[];
  /** Categories of each categorical variable, at least 2. */
  readonly categories: readonly number[];
}

/** Samples of a generation, a row each. */
export interface Samples {
  readonly count: number;
  /** Continuous values, then the integers before they are rounded. */
  readonly raw: Float64Array;
  readonly categories: Uint32Array;
}

/** A state over a space. */
export function mixedState({ continuous, integers, categories }: MixedSpace) {
  const numeric = continuous + integers.length;
  return z.strictObject({
    drawn: count,
    gaussian: numeric === 0 ? z.null() : gaussianState(numeric),
    integers: integerState(integers.length),
    categories: categoryState(categories),
  });
}

export type MixedState = z.infer<ReturnType<typeof mixedState>>;

/**
 * CMA-ES over continuous, integer and categorical variables together: CatCMA with margin (Hamano et al., arXiv
 * 2504.07884). With continuous variables alone it is CMA-ES (Hansen, arXiv 1604.00772, with active updates).
 *
 * @example
 * const cma = new MixedCma({ continuous: 10, integers: [], categories: [] }, start, 1);
 * const samples = cma.ask(cma.population);
 * cma.tell(samples, order); // the places of the samples, best first
 */
export class MixedCma {
  /** The default number of samples a generation. */
  readonly population: number;
  private readonly stream: RandomStream;
  /** Undefined where all variables are categorical. */
  private gaussian: Gaussian | undefined;
  private integers!: Integers;
  private categories!: Categories;
  private readonly alpha: number;
  private strategy: Strategy | undefined;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly space: MixedSpace,
    start: MixedStart,
    seed: number,
  ) {
    const discrete = space.integers.length + space.categories.length;
    this.population = defaultPopulation(space.continuous + discrete);
    this.stream = new RandomStream(seed);
    this.alpha = 1 - 0.73 ** (1 / Math.max(1, discrete));
    this.restart(start);
  }

  /** Forgets all but its place in the random numbers. */
  restart({ mean, deviations, sigma }: MixedStart): void {
    const { continuous, integers, categories } = this.space;
    this.gaussian = mean.length === 0 ? undefined : Gaussian.start(mean, deviations, sigma);
    this.integers = new Integers(integers, continuous, this.alpha);
    this.categories = new Categories(categories, this.alpha);
  }

  /** @param used samples that nobody needs any more: where they are as many, the new ones are written over them */
  ask(count: number, used?: Samples): Samples {
    const { continuous, integers, categories } = this.space;
    const reused = used?.count === count ? used : undefined;
    const raw = reused?.raw ?? new Float64Array(count * (continuous + integers.length));
    const chosen = reused?.categories ?? new Uint32Array(count * categories.length);
    this.gaussian?.sample(raw, this.stream);
    this.categories.sample(chosen, this.stream);
    return { count, raw, categories: chosen };
  }

  /** The whole number that the i-th integer of the k-th sample stands for. */
  integer({ raw }: Samples, k: number, i: number): number {
    const { continuous, integers } = this.space;
    return this.integers.round(i, raw[k * (continuous + integers.length) + continuous + i]!);
  }

  /**
   * @param samples those of the last `ask`
   * @param order their places, best first; at least 4
   */
  tell({ raw, categories }: Samples, order: Uint32Array): void {
    const strategy = this.strategyFor(order.length);
    // In the samples' own order: to move them to their ranks would take longer than all that is done with them.
    const weights = temporaryNumbers(order.length);
    for (let rank = 0; rank < order.length; rank++) weights[order[rank]!] = strategy.weights[rank]!;
    if (this.gaussian !== undefined) {
      const steps = temporaryNumbers(raw.length);
      steps.set(raw);
      this.integers.center(steps, weights, this.gaussian);
      this.gaussian.update(steps, weights, strategy);
      this.integers.correct(this.gaussian);
    }
    if (this.space.categories.length > 0) this.categories.update(categories, weights);
  }

  /** The Gaussian is too narrow, too wide or too elongated to go on. */
  get degenerate(): boolean {
    if (this.gaussian === undefined) return false;
    const { spread, axisRatio } = this.gaussian;
    return spread < 1e-12 || spread > 1e12 || axisRatio > 1e7;
  }

  get state(): MixedState {
    return {
      drawn: this.stream.drawn,
      gaussian: this.gaussian?.state ?? null,
      integers: this.integers.state,
      categories: this.categories.state,
    };
  }

  restore(state: MixedState): void {
    const { continuous, integers, categories } = this.space;
    this.stream.drawn = state.drawn;
    this.gaussian = state.gaussian === null ? undefined : new Gaussian(state.gaussian);
    this.integers = new Integers(integers, continuous, this.alpha, state.integers);
    this.categories = new Categories(categories, this.alpha, state.categories);
  }

  private strategyFor(population: number): Strategy {
    if (this.strategy?.population !== population) {
      const { continuous, integers } = this.space;
      this.strategy = strategyOf(population, Math.max(1, continuous + integers.length));
    }
    return this.strategy;
  }
}
