import type { Agent, AgentGene, AgentOptions, Evaluated, PlainData } from './agent.js';
import {
  compare,
  distinct,
  type Individual,
  type IndividualsState,
  individualsFromPlain,
  individualsToPlain,
  readBatch,
} from './individual.js';
import { Mutator } from './neighbours.js';
import { randomDigits } from './random.js';
import { RandomStream } from './stream.js';

export interface EvolutionParameters {
  /** Children of a generation, λ. */
  readonly population: number;
  /** Parents μ, as a share of λ. */
  readonly parents: number;
  /** How fast mutation rates change, γ. */
  readonly learningRate: number;
}

export const EVOLUTION_DEFAULTS: EvolutionParameters = { population: 64, parents: 0.25, learningRate: 0.22 };

/** A parent with the mutation rate that made it. */
interface Parent extends Individual {
  readonly rate: number;
}

interface EvolutionState {
  readonly drawn: number;
  readonly parents: IndividualsState;
  readonly parentRates: readonly number[];
  readonly childRates: readonly number[];
}

/**
 * A (μ+λ) evolution strategy over genes: each child is a mutated parent, the best of parents and children survive. Each
 * design carries its own mutation rate, which mutates first (Bäck & Schütz, "Intelligent mutation rate control in
 * canonical genetic algorithms", ISMIS 1996, eq. 1), so that good rates survive with the designs that they made.
 */
export class EvolutionAgent implements Agent {
  readonly name = 'evolution';
  private readonly stream: RandomStream;
  private readonly mutator: Mutator;
  private readonly parameters: EvolutionParameters;
  /** Best first. */
  private parents: Parent[] = [];
  /** Mutation rates of the designs that were asked for last. */
  private childRates: number[] = [];

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    { population = EVOLUTION_DEFAULTS.population, parameters = {} }: AgentOptions = {},
  ) {
    this.stream = new RandomStream(seed);
    this.mutator = new Mutator(genes, this.stream);
    this.parameters = { ...EVOLUTION_DEFAULTS, population, ...parameters };
  }

  get batchSize(): number {
    return this.parameters.population;
  }

  ask(n: number): Uint32Array {
    const width = this.genes.length;
    this.childRates = Array.from({ length: n }, () => 1 / Math.max(1, width));
    if (this.parents.length === 0) return randomDigits(this.genes, n, this.stream);
    const digits = new Uint32Array(n * width);
    for (let i = 0; i < n; i++) {
      const parent = this.parents[this.stream.below(this.parents.length)]!;
      this.childRates[i] = this.mutateRate(parent.rate);
      digits.set(this.childOf(parent, this.childRates[i]!), i * width);
    }
    return digits;
  }

  tell(batch: Evaluated): void {
    const children = readBatch(batch).map((child, i) => ({ ...child, rate: this.childRates[i]! }));
    const survivors = Math.max(1, Math.round(this.parameters.parents * this.parameters.population));
    // Of equals the younger: neutral steps lead across plateaus. Copies would crowd out all others.
    const all = [...children, ...this.parents].sort(compare);
    this.parents = distinct(all, survivors);
  }

  get state(): PlainData {
    return {
      drawn: this.stream.drawn,
      parents: { ...individualsToPlain(this.parents) },
      parentRates: this.parents.map(({ rate }) => rate),
      childRates: [...this.childRates],
    };
  }

  restore(plain: PlainData): void {
    const state = plain as unknown as EvolutionState;
    this.stream.drawn = state.drawn;
    this.parents = individualsFromPlain(state.parents).map((parent, i) => ({ ...parent, rate: state.parentRates[i]! }));
    this.childRates = [...state.childRates];
  }

  /** At least one gene changes. */
  private childOf(parent: Parent, rate: number): Uint32Array {
    const child = parent.digits.slice();
    this.mutator.mutate(child, rate);
    if (child.every((digit, g) => digit === parent.digits[g])) this.mutator.mutateOne(child);
    return child;
  }

  private mutateRate(rate: number): number {
    const changed = 1 / (1 + ((1 - rate) / rate) * Math.exp(-this.parameters.learningRate * this.stream.normal()));
    return Math.min(0.5, Math.max(1 / (this.genes.length + 1) / 2, changed));
  }
}
