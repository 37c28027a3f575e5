import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import { distinctPlaces } from '../../shared/designs.js';
import { Mutator } from '../../shared/neighbours.js';
import { Packing } from '../../shared/packing.js';
import {
  CROSSOVER,
  chosenParameters,
  MUTATIONS,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
} from '../../shared/parameters.js';
import { joined, numbersAt, rowsAt, rowsOfBoth } from '../../shared/population.js';
import { randomDigits } from '../../shared/randomDigits.js';
import { areRowsOf, count, digitRows, numbers, readState } from '../../shared/savedState.js';
import { StreamAgent } from '../../shared/streamAgent.js';
import { temporarily, temporaryWords } from '../../shared/temporary.js';
import { bestOfFronts } from './fronts.js';

const FRONT_PARAMETERS = {
  population: populationParameter({
    default: 200,
    min: 2,
    meaning: 'designs that survive a generation, and children of it',
  }),
  crossover: CROSSOVER,
  mutations: MUTATIONS,
} as const satisfies ParameterDeclarations;

type FrontParameters = ParametersOf<typeof FRONT_PARAMETERS>;

function savedState(genes: readonly AgentGene[]) {
  return z
    .strictObject({ drawn: count, digits: digitRows(genes), objectives: numbers, violations: numbers })
    .refine(
      ({ digits, objectives, violations: { length } }) =>
        areRowsOf(length, digits, genes) && (length === 0 ? objectives.length === 0 : objectives.length % length === 0),
      'each design has digits, objectives and a violation',
    );
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
class FrontAgent extends StreamAgent<FrontParameters> implements Agent {
  private readonly mutator = new Mutator(this.genes, this.stream);
  private readonly packing = new Packing(this.genes);
  /** By front, then by crowding: the best first. */
  private population: Survivors = NOBODY;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}) {
    super(genes, seed, chosenParameters(FRONT_PARAMETERS, options));
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
    return {
      drawn: this.stream.drawn,
      digits: [...this.packing.unpack(rows)],
      objectives: [...objectives],
      violations: [...violations],
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes), plain);
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

export const FRONT: AgentDefinition = {
  make: (...setUp) => new FrontAgent(...setUp),
  parameters: FRONT_PARAMETERS,
  objectives: 'all',
  islands: 'exchanging',
};
