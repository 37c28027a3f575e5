import type { Agent, AgentGene, Evaluated, PlainData } from './agent.js';
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
  population: 2048,
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
  readonly digits: readonly number[];
  readonly objectives: readonly number[];
  readonly violations: readonly number[];
}

/** One member of the population. */
interface Individual {
  readonly digits: Uint32Array;
  readonly objective: number;
  /** Number of violated conditions; 0 is feasible. */
  readonly violations: number;
}

/**
 * A genetic algorithm with tournament selection, uniform crossover (Syswerda 1989), elitism, and about one mutation a
 * child (Mühlenbein 1992: rate 1/genes). Genes with an order step to a neighbour, others are drawn anew. Constraints by
 * Deb's rules ("An efficient constraint handling method for genetic algorithms", CMAME 186, 2000): feasible beats
 * infeasible, then fewer violations, then the smaller objective.
 */
export class GeneticAgent implements Agent {
  readonly name = 'ga';
  private readonly stream: RandomStream;
  private readonly parameters: GeneticParameters;
  /** Best first. */
  private population: Individual[] = [];

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    parameters: Partial<GeneticParameters> = {},
  ) {
    this.stream = new RandomStream(seed);
    this.parameters = { ...GENETIC_DEFAULTS, ...parameters };
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
    const width = this.genes.length;
    const { population, elite } = this.parameters;
    const kept = Math.max(1, Math.round(elite * population), population - batch.status.length);
    const survivors = this.population.slice(0, kept);
    for (let i = 0; i < batch.status.length; i++) {
      const violations = bitCount(batch.status[i]!);
      survivors.push({
        digits: batch.digits.slice(i * width, (i + 1) * width),
        objective: violations === 0 ? batch.objectives[i]! : 0,
        violations,
      });
    }
    this.population = survivors.sort(compare).slice(0, population);
  }

  get state(): PlainData {
    const state: GeneticState = {
      drawn: this.stream.drawn,
      digits: this.population.flatMap((individual) => [...individual.digits]),
      objectives: this.population.map((individual) => individual.objective),
      violations: this.population.map((individual) => individual.violations),
    };
    return { ...state };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as GeneticState;
    const width = this.genes.length;
    this.stream.drawn = state.drawn;
    this.population = state.objectives.map((objective, i) => ({
      digits: Uint32Array.from(state.digits.slice(i * width, (i + 1) * width)),
      objective,
      violations: state.violations[i]!,
    }));
  }

  private newChild(known: ReadonlySet<string>): Uint32Array {
    const child = this.cross();
    this.mutate(child);
    for (let tries = 1; tries < MUTATION_TRIES && known.has(child.join()); tries++) this.mutate(child);
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

  private mutate(digits: Uint32Array): void {
    const rate = this.parameters.mutations / digits.length;
    for (let g = 0; g < digits.length; g++) {
      if (this.stream.uniform() < rate) digits[g] = this.mutateDigit(digits[g]!, this.genes[g]!);
    }
  }

  /** Another value: the one before or behind for genes with an order, else any. */
  private mutateDigit(digit: number, { size, scale }: AgentGene): number {
    if (size === 1) return digit;
    if (scale === 'category' || scale === 'tuple') return (digit + 1 + this.stream.below(size - 1)) % size;
    if (digit === 0) return 1;
    if (digit === size - 1) return size - 2;
    return digit + (this.stream.word() & 1 ? 1 : -1);
  }
}

/** Deb's rules; equals keep their order, since sorting is stable. */
function compare(a: Individual, b: Individual): number {
  return a.violations - b.violations || a.objective - b.objective;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
