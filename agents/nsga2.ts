import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import { crossover } from './crossover.js';
import { distinctPlaces } from './designs.js';
import { bestOfFronts } from './fronts.js';
import { Mutator } from './neighbours.js';
import { defaultsOf, MAX_POPULATION, type ParameterDeclarations, type ParametersOf } from './parameters.js';
import { joined, numbersAt, rowsAt, rowsOfBoth } from './population.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export const FRONT_PARAMETERS = {
  population: {
    default: 200,
    min: 2,
    max: MAX_POPULATION,
    whole: true,
    meaning: 'designs that survive a generation, and children of it',
  },
  crossover: { default: 0.9, min: 0, max: 1, meaning: 'share of children with two parents' },
  mutations: { default: 1, min: 0, max: 1000, meaning: 'genes of a child that mutate, on average' },
} as const satisfies ParameterDeclarations;

export type FrontParameters = ParametersOf<typeof FRONT_PARAMETERS>;

export const FRONT_DEFAULTS: FrontParameters = defaultsOf(FRONT_PARAMETERS);

interface FrontState {
  readonly drawn: number;
  readonly digits: readonly number[];
  readonly objectives: readonly number[];
  readonly violations: readonly number[];
}

/** Digits of no design. */
const NOBODY: Evaluated = { digits: new Uint32Array(), objectives: new Float64Array(), violations: new Float64Array() };

/**
 * NSGA-II for several objectives (Deb, Pratap, Agarwal & Meyarivan, IEEE TEVC 6(2), 2002): survivors are the first fronts,
 * of the last one the least crowded; constraints by their rule of constrained domination.
 */
export class FrontAgent implements Agent {
  readonly name = 'nsga2';
  private readonly stream: RandomStream;
  private readonly mutator: Mutator;
  private readonly parameters: FrontParameters;
  /** By front, then by crowding: the best first. */
  private population: Evaluated = NOBODY;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    { population = FRONT_DEFAULTS.population, parameters = {} }: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    this.mutator = new Mutator(genes, this.stream);
    this.parameters = { ...FRONT_DEFAULTS, population, ...parameters };
  }

  get batchSize(): number {
    return this.parameters.population;
  }

  ask(n: number): Uint32Array {
    if (this.population.violations.length === 0) return randomDigits(this.genes, n, this.stream);
    const width = this.genes.length;
    const digits = new Uint32Array(n * width);
    this.recombine(this.drawParents(n), digits);
    const rate = this.parameters.mutations / width;
    for (let row = 0; row < digits.length; row += width) this.mutator.mutate(digits, rate, row, width);
    return digits;
  }

  tell(batch: Evaluated): void {
    const width = this.genes.length;
    const before = { digits: this.population.digits, size: this.population.violations.length };
    const children = { digits: batch.digits, size: batch.violations.length };
    const objectives = joined(this.population.objectives, batch.objectives);
    const violations = joined(this.population.violations, batch.violations);
    // Copies would fill the fronts.
    const different = distinctPlaces(before, children, width);
    const stride = objectives.length / Math.max(1, violations.length);
    const candidates = {
      objectives: numbersAt(objectives, different, stride),
      violations: numbersAt(violations, different),
    };
    const survivors = rowsAt(different, bestOfFronts(candidates, this.parameters.population), 1);
    this.population = {
      digits: rowsOfBoth(before, children, survivors, width),
      objectives: numbersAt(objectives, survivors, stride),
      violations: numbersAt(violations, survivors),
    };
  }

  /** One that would become a parent: islands that send the same end of the front all the time would all have it. */
  emigrant(): Evaluated | undefined {
    const { digits, objectives, violations } = this.population;
    if (violations.length === 0) return undefined;
    const place = Uint32Array.of(this.tournament());
    return {
      digits: rowsAt(digits, place, this.genes.length),
      objectives: numbersAt(objectives, place, objectives.length / violations.length),
      violations: numbersAt(violations, place),
    };
  }

  /** In the last place, the worst, until the next generation shows what it is worth. */
  immigrate(newcomer: Evaluated): void {
    const { digits, objectives, violations } = this.population;
    if (violations.length === 0) return;
    digits.set(newcomer.digits, digits.length - newcomer.digits.length);
    objectives.set(newcomer.objectives, objectives.length - newcomer.objectives.length);
    violations.set(newcomer.violations, violations.length - 1);
  }

  get state(): PlainData {
    const { digits, objectives, violations } = this.population;
    const state: FrontState = {
      drawn: this.stream.drawn,
      digits: [...digits],
      objectives: [...objectives],
      violations: [...violations],
    };
    return { ...state };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as FrontState;
    this.stream.drawn = state.drawn;
    this.population = {
      digits: Uint32Array.from(state.digits),
      objectives: Float64Array.from(state.objectives),
      violations: Float64Array.from(state.violations),
    };
  }

  /** Two parents of each child, or one twice. Drawn before they are looked at: so their rows wait for memory side by side. */
  private drawParents(count: number): Uint32Array {
    const parents = new Uint32Array(2 * count);
    for (let i = 0; i < parents.length; i += 2) {
      parents[i] = this.tournament();
      parents[i + 1] = this.stream.uniform() < this.parameters.crossover ? this.tournament() : parents[i]!;
    }
    return parents;
  }

  private recombine(parents: Uint32Array, digits: Uint32Array): void {
    const width = this.genes.length;
    const rows = this.population.digits;
    for (let i = 0; i < parents.length; i += 2) {
      crossover(rows, parents[i]! * width, parents[i + 1]! * width, digits, (i / 2) * width, width, this.stream);
    }
  }

  /** The better of two: the population is in order. */
  private tournament(): number {
    const size = this.population.violations.length;
    return Math.min(this.stream.below(size), this.stream.below(size));
  }
}
