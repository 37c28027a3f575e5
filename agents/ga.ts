import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import {
  compare,
  type Individual,
  type IndividualsState,
  individualsFromPlain,
  individualsToPlain,
  readBatch,
} from './individual.js';
import { Mutator } from './neighbours.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export interface GeneticParameters {
  /** Designs that survive a generation. */
  readonly population: number;
  /** Survivors of earlier generations that stay however good the children are, as a share of the population. */
  readonly elite: number;
  /** Designs drawn for each parent; the best becomes the parent. */
  readonly tournament: number;
  /** Share of children with two parents. */
  readonly crossover: number;
  /** Genes of a child that mutate, on average. */
  readonly mutations: number;
  /** Share of a generation that is drawn at random, against early convergence (Grefenstette 1992). */
  readonly immigrants: number;
}

export const GENETIC_DEFAULTS: GeneticParameters = {
  population: 256,
  elite: 0.1,
  tournament: 3,
  crossover: 0.9,
  mutations: 1,
  immigrants: 0.05,
};

/** How often a child that repeats a known design is mutated anew: small spaces have no other children. */
const MUTATION_TRIES = 4;

interface GeneticState {
  readonly drawn: number;
  readonly population: IndividualsState;
}

/**
 * A genetic algorithm with tournament selection, uniform crossover (Syswerda 1989), elitism, and about one mutation a
 * child (Mühlenbein 1992: rate 1/genes). Constraints by Deb's rules.
 */
export class GeneticAgent implements Agent {
  readonly name = 'ga';
  private readonly stream: RandomStream;
  private readonly mutator: Mutator;
  private readonly parameters: GeneticParameters;
  /** Best first. */
  private population: Individual[] = [];

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    { population = GENETIC_DEFAULTS.population, parameters = {} }: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    this.mutator = new Mutator(genes, this.stream);
    this.parameters = { ...GENETIC_DEFAULTS, population, ...parameters };
  }

  get batchSize(): number {
    return this.parameters.population;
  }

  ask(n: number): Uint32Array {
    if (this.population.length === 0) return randomDigits(this.genes, n, this.stream);
    const immigrants = Math.floor(n * this.parameters.immigrants);
    const digits = new Uint32Array(n * this.genes.length);
    digits.set(randomDigits(this.genes, immigrants, this.stream));
    const known = new Set(this.population.map((individual) => individual.digits.join()));
    for (let i = immigrants; i < n; i++) {
      const child = this.newChild(known);
      known.add(child.join());
      digits.set(child, i * this.genes.length);
    }
    return digits;
  }

  tell(batch: Evaluated): void {
    const { population, elite } = this.parameters;
    const kept = Math.max(1, Math.round(elite * population), population - batch.violations.length);
    const survivors = [...this.population.slice(0, kept), ...readBatch(batch)];
    this.population = survivors.sort(compare).slice(0, population);
  }

  get state(): PlainData {
    const state: GeneticState = { drawn: this.stream.drawn, population: individualsToPlain(this.population) };
    return { drawn: state.drawn, population: { ...state.population } };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as GeneticState;
    this.stream.drawn = state.drawn;
    this.population = individualsFromPlain(state.population);
  }

  private newChild(known: ReadonlySet<string>): Uint32Array {
    const child = this.cross();
    this.mutator.mutate(child, this.parameters.mutations / child.length);
    for (let tries = 1; tries < MUTATION_TRIES && known.has(child.join()); tries++) this.mutator.mutateOne(child);
    return child;
  }

  private cross(): Uint32Array {
    const child = this.select().digits.slice();
    if (this.stream.uniform() >= this.parameters.crossover) return child;
    const other = this.select().digits;
    for (let g = 0; g < child.length; g++) if (this.stream.word() & 1) child[g] = other[g]!;
    return child;
  }

  /** The population is sorted, so the best of a tournament is the smallest index. */
  private select(): Individual {
    let best = this.population.length;
    for (let round = 0; round < this.parameters.tournament; round++) {
      best = Math.min(best, this.stream.below(this.population.length));
    }
    return this.population[best]!;
  }
}
