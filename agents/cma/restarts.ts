import { MixedCma, type MixedSpace, type MixedStart, type MixedState, type Sample } from './mixedCma.js';

/** Gains below this share of the best value are none. */
const LEAST_GAIN = 1e-12;

/** Generations that a continuous search may well go without a gain. */
const PATIENCE = 100;

/** The population does not grow beyond this multiple of the first. */
const LARGEST_GROWTH = 256;

/** A sample with its value; smaller is better, and violations come before it. */
export interface ScoredSample {
  readonly sample: Sample;
  readonly violation: number;
  readonly value: number;
}

export interface RestartState {
  readonly restarts: number;
  readonly bestViolation: number;
  readonly bestValue: number;
  readonly stagnant: number;
  readonly cma: MixedState;
}

/**
 * CMA-ES that starts again with twice the population when it no longer improves (Auger & Hansen, "A restart CMA evolution
 * strategy with increasing population size", CEC 2005).
 *
 * @example
 * const cma = new RestartedCma({ continuous: 5, integers: [], categories: [] }, () => start, 1);
 * const samples = cma.ask(cma.population);
 * cma.tell(samples.map((sample) => ({ sample, violation: 0, value: sphere(sample.raw) })));
 */
export class RestartedCma {
  private restarts = 0;
  private bestViolation = Number.MAX_VALUE;
  private bestValue = Number.MAX_VALUE;
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

  ask(count: number): Sample[] {
    return this.cma.ask(count);
  }

  /** The whole number that an integer of a sample stands for. */
  integer(sample: Sample, i: number): number {
    return this.cma.integer(sample, i);
  }

  /** @param scored samples of the last `ask`, at least 4; order does not matter */
  tell(scored: readonly ScoredSample[]): void {
    const ranked = [...scored].sort((a, b) => a.violation - b.violation || a.value - b.value);
    this.cma.tell(ranked.map(({ sample }) => sample));
    this.noteGain(ranked[0]!);
    const patience = (this.options.patience ?? PATIENCE) + (30 * this.variables) / scored.length;
    if (this.stagnant > patience || this.cma.degenerate) this.restart();
  }

  get state(): RestartState {
    return {
      restarts: this.restarts,
      bestViolation: this.bestViolation,
      bestValue: this.bestValue,
      stagnant: this.stagnant,
      cma: this.cma.state,
    };
  }

  restore(state: RestartState): void {
    this.restarts = state.restarts;
    this.bestViolation = state.bestViolation;
    this.bestValue = state.bestValue;
    this.stagnant = state.stagnant;
    this.cma.restore(state.cma);
  }

  private noteGain({ violation, value }: ScoredSample): void {
    const least = LEAST_GAIN * Math.abs(this.bestValue);
    const gains =
      violation < this.bestViolation || (violation === this.bestViolation && value < this.bestValue - least);
    this.stagnant = gains ? 0 : this.stagnant + 1;
    if (!gains) return;
    this.bestViolation = violation;
    this.bestValue = value;
  }

  private restart(): void {
    this.restarts++;
    this.bestViolation = Number.MAX_VALUE;
    this.bestValue = Number.MAX_VALUE;
    this.stagnant = 0;
    this.cma.restart(this.startOf(this.restarts));
  }
}
