import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import { crowding, type Solution, sortFronts } from './fronts.js';
import { distinct } from './individual.js';
import { Mutator } from './neighbours.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export interface FrontParameters {
  /** Designs that survive a generation, and children of it. */
  readonly population: number;
  /** Share of children with two parents. */
  readonly crossover: number;
  /** Genes of a child that mutate, on average. */
  readonly mutations: number;
}

export const FRONT_DEFAULTS: FrontParameters = { population: 200, crossover: 0.9, mutations: 1 };

interface FrontState {
  readonly drawn: number;
  readonly digits: readonly (readonly number[])[];
  readonly objectives: readonly (readonly number[])[];
  readonly violations: readonly number[];
}

/** A survivor; the population is ordered, so that a smaller place is better. */
interface Survivor extends Solution {
  readonly digits: Uint32Array;
}

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
  private population: Survivor[] = [];

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
    if (this.population.length === 0) return randomDigits(this.genes, n, this.stream);
    const digits = new Uint32Array(n * this.genes.length);
    for (let i = 0; i < n; i++) digits.set(this.newChild(), i * this.genes.length);
    return digits;
  }

  tell({ digits, objectives, violations }: Evaluated): void {
    const count = violations.length;
    const width = this.genes.length;
    const stride = objectives.length / count;
    const children = Array.from({ length: count }, (_, i) => ({
      digits: digits.slice(i * width, (i + 1) * width),
      objectives: [...objectives.subarray(i * stride, (i + 1) * stride)],
      violation: violations[i]!,
    }));
    // Copies would fill the fronts.
    this.population = select(distinct([...this.population, ...children]), this.parameters.population);
  }

  get state(): PlainData {
    const state: FrontState = {
      drawn: this.stream.drawn,
      digits: this.population.map(({ digits }) => [...digits]),
      objectives: this.population.map(({ objectives }) => objectives),
      violations: this.population.map(({ violation }) => violation),
    };
    return { ...state };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as FrontState;
    this.stream.drawn = state.drawn;
    this.population = state.digits.map((digits, i) => ({
      digits: Uint32Array.from(digits),
      objectives: state.objectives[i]!,
      violation: state.violations[i]!,
    }));
  }

  private newChild(): Uint32Array {
    const parent = this.tournament().digits;
    const child = parent.slice();
    if (this.stream.uniform() < this.parameters.crossover) {
      const other = this.tournament().digits;
      for (let g = 0; g < child.length; g++) if (this.stream.word() & 1) child[g] = other[g]!;
    }
    this.mutator.mutate(child, this.parameters.mutations / child.length);
    return child;
  }

  /** The better of two: the population is in order. */
  private tournament(): Survivor {
    const size = this.population.length;
    return this.population[Math.min(this.stream.below(size), this.stream.below(size))]!;
  }
}

function select(all: readonly Survivor[], size: number): Survivor[] {
  const chosen: Survivor[] = [];
  for (const front of sortFronts(all)) {
    if (chosen.length >= size) break;
    const distance = crowding(front);
    const order = front.map((_, i) => i).sort((a, b) => distance[b]! - distance[a]!);
    chosen.push(...order.slice(0, size - chosen.length).map((i) => front[i]!));
  }
  return chosen;
}
