import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../agent.js';
import { DesignFilter } from '../shared/designs.js';
import { Mutator } from '../shared/neighbours.js';
import { Packing } from '../shared/packing.js';
import {
  CROSSOVER,
  chosenParameters,
  defaultsOf,
  MUTATIONS,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
  TOURNAMENT,
} from '../shared/parameters.js';
import { Population, populationState } from '../shared/population.js';
import { randomDigits } from '../shared/randomDigits.js';
import { count, readState } from '../shared/savedState.js';
import { StreamAgent } from '../shared/streamAgent.js';
import { temporarily } from '../shared/temporary.js';

const GENETIC_PARAMETERS = {
  population: populationParameter({
    default: 256,
    min: 2,
    meaning: 'designs that survive a generation; by default fewer where the budget is below 32 generations of so many',
    tries: [32, 64, 1024],
  }),
  elite: {
    default: 0.1,
    min: 0,
    max: 1,
    meaning: 'survivors of earlier generations that stay however good the children are, as a share of the population',
    tries: [0, 0.5],
  },
  tournament: TOURNAMENT,
  crossover: CROSSOVER,
  mutations: MUTATIONS,
  immigrants: {
    default: 0.05,
    min: 0,
    max: 1,
    meaning: 'share of a generation that is drawn at random, against early convergence (Grefenstette 1992)',
    tries: [0, 0.2],
  },
} as const satisfies ParameterDeclarations;

export type GeneticParameters = ParametersOf<typeof GENETIC_PARAMETERS>;

export const GENETIC_DEFAULTS: GeneticParameters = defaultsOf(GENETIC_PARAMETERS);

/** How often a child that repeats a known design is mutated anew: small spaces have no other children. */
const MUTATION_TRIES = 4;

/** With few evaluations, generations matter more than their size. */
function suitedPopulation(evaluations = Number.POSITIVE_INFINITY): number {
  return Math.max(32, Math.min(GENETIC_DEFAULTS.population, Math.round(evaluations / 32)));
}

function savedState(genes: readonly AgentGene[]) {
  return z.strictObject({ drawn: count, population: populationState(genes) });
}

/**
 * A genetic algorithm with tournament selection, uniform crossover (Syswerda 1989), elitism, and about one mutation a
 * child (Mühlenbein 1992: rate 1/genes). Constraints by Deb's rules.
 */
export class GeneticAgent extends StreamAgent<GeneticParameters> implements Agent {
  private readonly mutator = new Mutator(this.genes, this.stream);
  private readonly packing = new Packing(this.genes);
  private population = new Population(this.packing);

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}) {
    const suited = { population: suitedPopulation(options.evaluations) };
    super(genes, seed, chosenParameters(GENETIC_PARAMETERS, options, suited));
  }

  ask(n: number): Uint32Array {
    const { population, genes } = this;
    if (population.size === 0) return randomDigits(genes, n, this.stream);
    const width = genes.length;
    const immigrants = Math.floor(n * this.parameters.immigrants);
    const digits = new Uint32Array(n * width);
    digits.set(randomDigits(genes, immigrants, this.stream));
    temporarily(() => {
      const known = this.knownDesigns(n);
      for (let i = immigrants; i < n; i++) this.breed(digits, i * width, known);
    });
    return digits;
  }

  tell(batch: Evaluated): void {
    const { population, elite } = this.parameters;
    const kept = Math.max(1, Math.round(elite * population), population - batch.violations.length);
    this.population = temporarily(() =>
      this.population.best(kept).bestWith(Population.of(batch, this.packing), population),
    );
  }

  emigrant(): Evaluated | undefined {
    return this.population.emigrant;
  }

  immigrate(newcomer: Evaluated): void {
    this.population = this.population.withNewcomer(newcomer);
  }

  get state(): PlainData {
    return { drawn: this.stream.drawn, population: this.population.state };
  }

  restore(plain: PlainData): void {
    const { drawn, population } = readState(savedState(this.genes), plain);
    this.stream.drawn = drawn;
    this.population = Population.restore(population, this.packing);
  }

  /** The population, with room for so many others. */
  private knownDesigns(others: number): DesignFilter {
    const { packing, population } = this;
    const known = new DesignFilter(population.size + others);
    const digits = new Uint32Array(this.genes.length);
    for (let i = 0; i < population.size; i++) {
      packing.unpackRow(population.rows, i * packing.width, digits, 0);
      known.add(digits, 0, digits.length);
    }
    return known;
  }

  /** Writes a child into the row that begins at `row`. */
  private breed(digits: Uint32Array, row: number, known: DesignFilter): void {
    const { parameters, packing, stream } = this;
    const { rows } = this.population;
    const width = this.genes.length;
    const crosses = stream.uniform() < parameters.crossover;
    const first = this.select() * packing.width;
    if (crosses) packing.cross(rows, first, this.select() * packing.width, digits, row, stream);
    else packing.unpackRow(rows, first, digits, row);
    this.mutator.mutate(digits, parameters.mutations / width, row, width);
    for (let tries = 1; tries <= MUTATION_TRIES && !known.add(digits, row, width); tries++) {
      if (tries < MUTATION_TRIES) this.mutator.mutateOne(digits, row);
    }
  }

  /** The best of some designs, drawn at random. */
  private select(): number {
    const { fitness, size } = this.population;
    let best = this.stream.below(size);
    for (let round = 1; round < this.parameters.tournament; round++) {
      const rival = this.stream.below(size);
      if (fitness[rival]! < fitness[best]!) best = rival;
    }
    return best;
  }
}

export const GENETIC: AgentDefinition = {
  make: (...setUp) => new GeneticAgent(...setUp),
  parameters: GENETIC_PARAMETERS,
  objectives: 'first',
  islands: 'exchanging',
};
