import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import { distinctPlaces } from '../../shared/designs.js';
import { Mutator } from '../../shared/neighbours.js';
import { Packing } from '../../shared/packing.js';
import {
  CROSSOVER,
  chosenParameters,
  defaultsOf,
  MAX_POPULATION,
  type ParameterDeclarations,
  type ParametersOf,
} from '../../shared/parameters.js';
import { joined, numbersAt, rowsAt, rowsOfBoth } from '../../shared/population.js';
import { RandomStream } from '../../shared/stream.js';
import { temporarily, temporaryWords } from '../../shared/temporary.js';
import { randomDigits } from '../random.js';
import { bestOfFronts } from './fronts.js';

export const FRONT_PARAMETERS = {
  population: {
    default: 200,
    min: 2,
    max: MAX_POPULATION,
    whole: true,
    meaning: 'designs that survive a generation, and children of it',
  },
  crossover: { ...CROSSOVER, tries: [] },
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

/** Evaluated designs. */
interface Survivors {
  /** A packed row per design. */
  readonly rows: Uint32Array;
  readonly objectives: Float64Array;
  readonly violations: Float64Array;
}

const NOBODY: Survivors = { rows: new Uint32Array(), objectives: new Float64Array(), violations: new Float64Array() };

/**
 * NSGA-II for several objectives (Deb, Pratap, Agarwal & Meyarivan, IEEE TEVC 6(2), 2002): survivors are the first fronts,
 * of the last one the least crowded; constraints by their rule of constrained domination.
 */
export class FrontAgent implements Agent {
  readonly name = 'nsga2';
  private readonly stream: RandomStream;
  private readonly mutator: Mutator;
  private readonly packing: Packing;
  private readonly parameters: FrontParameters;
  /** By front, then by crowding: the best first. */
  private population: Survivors = NOBODY;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    options: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    this.mutator = new Mutator(genes, this.stream);
    this.packing = new Packing(genes);
    this.parameters = chosenParameters(FRONT_DEFAULTS, options);
  }

  get batchSize(): number {
    return this.parameters.population;
  }

  ask(n: number): Uint32Array {
    if (this.population.violations.length === 0) return randomDigits(this.genes, n, this.stream);
    const width = this.genes.length;
    const digits = new Uint32Array(n * width);
    temporarily(() => this.recombine(this.drawParents(n), digits));
    const rate = this.parameters.mutations / width;
    for (let row = 0; row < digits.length; row += width) this.mutator.mutate(digits, rate, row, width);
    return digits;
  }

  tell(batch: Evaluated): void {
    this.population = temporarily(() => this.survivors(batch));
  }

  private survivors(batch: Evaluated): Survivors {
    const { width } = this.packing;
    const before = { rows: this.population.rows, size: this.population.violations.length };
    const children = { rows: this.packing.pack(batch.digits), size: batch.violations.length };
    const objectives = joined(this.population.objectives, batch.objectives);
    const violations = joined(this.population.violations, batch.violations);
    // Copies would fill the fronts.
    const different = distinctPlaces(before, children, width);
    const survivors = bestOfFronts({ objectives, violations }, this.parameters.population, different);
    return {
      rows: rowsOfBoth(before, children, survivors, width),
      objectives: numbersAt(objectives, survivors, objectives.length / violations.length),
      violations: numbersAt(violations, survivors),
    };
  }

  /** One that would become a parent: islands that send the same end of the front all the time would all have it. */
  emigrant(): Evaluated | undefined {
    const { rows, objectives, violations } = this.population;
    if (violations.length === 0) return undefined;
    const place = Uint32Array.of(this.tournament());
    return {
      digits: this.packing.unpack(rowsAt(rows, place, this.packing.width)),
      objectives: numbersAt(objectives, place, objectives.length / violations.length),
      violations: numbersAt(violations, place),
    };
  }

  /** In the last place, the worst, until the next generation shows what it is worth. */
  immigrate(newcomer: Evaluated): void {
    const { rows, objectives, violations } = this.population;
    if (violations.length === 0) return;
    rows.set(this.packing.pack(newcomer.digits), rows.length - this.packing.width);
    objectives.set(newcomer.objectives, objectives.length - newcomer.objectives.length);
    violations.set(newcomer.violations, violations.length - 1);
  }

  get state(): PlainData {
    const { rows, objectives, violations } = this.population;
    const state: FrontState = {
      drawn: this.stream.drawn,
      digits: [...this.packing.unpack(rows)],
      objectives: [...objectives],
      violations: [...violations],
    };
    return { ...state };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as FrontState;
    this.stream.drawn = state.drawn;
    this.population = {
      rows: this.packing.pack(Uint32Array.from(state.digits)),
      objectives: Float64Array.from(state.objectives),
      violations: Float64Array.from(state.violations),
    };
  }

  /** Two parents of each child, or one twice. Drawn before they are looked at: so their rows wait for memory side by side. */
  private drawParents(count: number): Uint32Array {
    const parents = temporaryWords(2 * count);
    for (let i = 0; i < parents.length; i += 2) {
      parents[i] = this.tournament();
      parents[i + 1] = this.stream.uniform() < this.parameters.crossover ? this.tournament() : parents[i]!;
    }
    return parents;
  }

  private recombine(parents: Uint32Array, digits: Uint32Array): void {
    const { packing, stream } = this;
    const { width } = packing;
    const { rows } = this.population;
    for (let i = 0, row = 0; i < parents.length; i += 2, row += this.genes.length) {
      packing.cross(rows, parents[i]! * width, parents[i + 1]! * width, digits, row, stream);
    }
  }

  /** The better of two: the population is in order. */
  private tournament(): number {
    const size = this.population.violations.length;
    return Math.min(this.stream.below(size), this.stream.below(size));
  }
}
