import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../agent.js';
import { distinctPlaces } from '../shared/designs.js';
import { Mutator } from '../shared/neighbours.js';
import { smallestPlaces } from '../shared/order.js';
import { Packing } from '../shared/packing.js';
import {
  chosenParameters,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
} from '../shared/parameters.js';
import { joined, numbersAt, Population, populationState, rowsAt, rowsOfBoth } from '../shared/population.js';
import { randomDigits } from '../shared/randomDigits.js';
import { count, numbers, readState } from '../shared/savedState.js';
import { StreamAgent } from '../shared/streamAgent.js';
import { temporarily } from '../shared/temporary.js';

const EVOLUTION_PARAMETERS = {
  population: populationParameter({ default: 64, min: 1, meaning: 'children of a generation, λ', tries: [16, 256] }),
  parents: { default: 0.25, min: 0, max: 1, meaning: 'parents μ, as a share of λ', tries: [0.1, 0.5] },
  learningRate: { default: 0.22, min: 0, max: 10, meaning: 'how fast mutation rates change, γ', tries: [0.1, 0.5] },
} as const satisfies ParameterDeclarations;

type EvolutionParameters = ParametersOf<typeof EVOLUTION_PARAMETERS>;

function savedState(genes: readonly AgentGene[]) {
  return z
    .strictObject({ drawn: count, parents: populationState(genes), parentRates: numbers, childRates: numbers })
    .refine(({ parents, parentRates }) => parents.fitness.length === parentRates.length, 'each parent has a rate');
}

/**
 * A (μ+λ) evolution strategy over genes: each child is a mutated parent, the best of parents and children survive. Each
 * design carries its own mutation rate, which mutates first (Bäck & Schütz, "Intelligent mutation rate control in
 * canonical genetic algorithms", ISMIS 1996, eq. 1), so that good rates survive with the designs that they made.
 */
class EvolutionAgent extends StreamAgent<EvolutionParameters> implements Agent {
  private readonly mutator = new Mutator(this.genes, this.stream);
  private readonly packing = new Packing(this.genes);
  private parents = new Population(this.packing);
  private parentRates: Float64Array = new Float64Array();
  /** Mutation rates of the designs that were asked for last. */
  private childRates: Float64Array = new Float64Array();

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}) {
    super(genes, seed, chosenParameters(EVOLUTION_PARAMETERS, options));
  }

  ask(n: number): Uint32Array {
    const { parents, genes } = this;
    const width = genes.length;
    this.childRates = new Float64Array(n).fill(1 / Math.max(1, width));
    if (parents.size === 0) return randomDigits(genes, n, this.stream);
    const digits = new Uint32Array(n * width);
    for (let i = 0; i < n; i++) {
      const parent = this.stream.below(parents.size);
      this.childRates[i] = this.mutateRate(this.parentRates[parent]!);
      this.writeChild(parent, this.childRates[i]!, digits, i * width);
    }
    return digits;
  }

  tell(batch: Evaluated): void {
    temporarily(() => this.select(batch));
  }

  emigrant(): Evaluated | undefined {
    return this.parents.emigrant;
  }

  /** A newcomer mutates at the rate of the one that it replaces. */
  immigrate(newcomer: Evaluated): void {
    this.parents = this.parents.withNewcomer(newcomer);
  }

  /** The best of children and parents become parents. */
  private select(batch: Evaluated): void {
    const { parents, population } = this.parameters;
    const { width } = this.packing;
    // Of equals the younger: neutral steps lead across plateaus. Copies would crowd out all others.
    const children = Population.of(batch, this.packing);
    const fitness = joined(children.fitness, this.parents.fitness);
    const rates = joined(this.childRates, this.parentRates);
    const different = distinctPlaces(children, this.parents, width);
    const survivors = smallestPlaces(numbersAt(fitness, different), Math.max(1, Math.round(parents * population)));
    const places = rowsAt(different, survivors, 1);
    const rows = rowsOfBoth(children, this.parents, places, width);
    this.parents = new Population(this.packing, rows, numbersAt(fitness, places));
    this.parentRates = numbersAt(rates, places);
  }

  get state(): PlainData {
    return {
      drawn: this.stream.drawn,
      parents: this.parents.state,
      parentRates: [...this.parentRates],
      childRates: [...this.childRates],
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes), plain);
    this.stream.drawn = state.drawn;
    this.parents = Population.restore(state.parents, this.packing);
    this.parentRates = Float64Array.from(state.parentRates);
    this.childRates = Float64Array.from(state.childRates);
  }

  /** At least one gene differs from the parent's. */
  private writeChild(parent: number, rate: number, digits: Uint32Array, row: number): void {
    this.packing.unpackRow(this.parents.rows, parent * this.packing.width, digits, row);
    // A step leads to another value, always.
    if (this.mutator.mutate(digits, rate, row, this.genes.length) === 0) this.mutator.mutateOne(digits, row);
  }

  private mutateRate(rate: number): number {
    const changed = 1 / (1 + ((1 - rate) / rate) * Math.exp(-this.parameters.learningRate * this.stream.normal()));
    return Math.min(0.5, Math.max(1 / (this.genes.length + 1) / 2, changed));
  }
}

export const EVOLUTION: AgentDefinition = {
  make: (...setUp) => new EvolutionAgent(...setUp),
  parameters: EVOLUTION_PARAMETERS,
  objectives: 'first',
  islands: 'exchanging',
};
