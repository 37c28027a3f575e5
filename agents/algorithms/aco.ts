import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../agent.js';
import { fillRows } from '../shared/distribution.js';
import {
  batchOf,
  bestOfBatch,
  type Individual,
  individualsFromPlain,
  individualsState,
  individualsToPlain,
  isBetter,
} from '../shared/individual.js';
import {
  chosenParameters,
  type ParameterDeclarations,
  type ParametersOf,
  populationParameter,
} from '../shared/parameters.js';
import { count, numbers, readState } from '../shared/savedState.js';
import { StreamAgent } from '../shared/streamAgent.js';

const ANT_PARAMETERS = {
  population: populationParameter({ default: 32, min: 1, meaning: 'ants of a generation', tries: [8, 128] }),
  evaporation: {
    default: 0.1,
    min: 0,
    max: 1,
    meaning: 'share of the pheromone that is replaced in a generation, ρ',
    tries: [0.02, 0.3],
  },
  greediness: {
    default: 0,
    min: 0,
    max: 1,
    meaning: 'chance that an ant takes the value with the most pheromone instead of drawing, q0',
    tries: [0.25, 0.5],
  },
  convergence: {
    default: 0.05,
    min: 1e-9,
    max: 1,
    meaning: 'chance that a converged colony builds its best design again: decides the lower bound of pheromone',
    tries: [0.005, 0.3],
  },
  patience: {
    default: 60,
    min: 0,
    max: 1e9,
    meaning: 'generations without a gain after which all pheromone is laid anew',
  },
} as const satisfies ParameterDeclarations;

type AntParameters = ParametersOf<typeof ANT_PARAMETERS>;

function savedState(genes: readonly AgentGene[]) {
  const isOfGenes = (pheromone: readonly (readonly number[])[]) =>
    pheromone.length === genes.length && genes.every(({ size }, g) => pheromone[g]!.length === size);
  return z.strictObject({
    drawn: count,
    pheromone: z.array(numbers).refine(isOfGenes, 'each value of each gene has pheromone'),
    best: individualsState(genes, 1),
    stagnant: count,
  });
}

/**
 * A MAX–MIN ant system (Stützle & Hoos, FGCS 16, 2000): ants draw each gene's value by its pheromone, the best ant lays
 * more, and bounds keep every value possible. Pheromones of a gene sum to 1 (the hyper-cube framework; Blum & Dorigo 2004),
 * so the bounds depend on the genes alone.
 */
class AntAgent extends StreamAgent<AntParameters> implements Agent {
  private pheromone: Float64Array[];
  private readonly least: readonly number[];
  /** Best since pheromone was laid anew. */
  private best: Individual | undefined;
  private stagnant = 0;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}) {
    super(genes, seed, chosenParameters(ANT_PARAMETERS, options));
    // Stützle & Hoos, eq. 11: with the best value's share at p^(1/n), the rest is spread over the other values.
    const open = Math.max(1, genes.filter(({ size }) => size > 1).length);
    const decided = this.parameters.convergence ** (1 / open);
    this.least = genes.map(({ size }) => (1 - decided) / Math.max(1, size - 1));
    this.pheromone = this.even();
  }

  ask(n: number): Uint32Array {
    const { pheromone, stream } = this;
    const { greediness } = this.parameters;
    const width = this.genes.length;
    const digits = new Uint32Array(n * width);
    fillRows(pheromone, digits, stream);
    if (greediness === 0) return digits;
    pheromone.forEach((row, g) => {
      const likeliest = row.indexOf(Math.max(...row));
      for (let i = g; i < digits.length; i += width) if (stream.uniform() < greediness) digits[i] = likeliest;
    });
    return digits;
  }

  tell(batch: Evaluated): void {
    const winner = bestOfBatch(batch);
    if (winner === undefined) return;
    this.stagnant = isBetter(winner, this.best) ? 0 : this.stagnant + 1;
    if (this.stagnant === 0) this.best = winner;
    if (this.stagnant > this.parameters.patience) this.layAnew();
    // The best so far leads more and more often, as Stützle & Hoos advise; here every other time.
    else this.lay(this.stagnant % 2 === 0 ? this.best! : winner);
  }

  emigrant(): Evaluated | undefined {
    return this.best === undefined ? undefined : batchOf(this.best);
  }

  /** Ants follow a better design as if it were of their own. */
  immigrate(newcomer: Evaluated): void {
    const design = bestOfBatch(newcomer);
    if (design !== undefined && isBetter(design, this.best)) this.best = design;
  }

  get state(): PlainData {
    return {
      drawn: this.stream.drawn,
      pheromone: this.pheromone.map((row) => [...row]),
      best: individualsToPlain(this.best === undefined ? [] : [this.best]),
      stagnant: this.stagnant,
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes), plain);
    this.stream.drawn = state.drawn;
    this.pheromone = state.pheromone.map((row) => Float64Array.from(row));
    this.best = individualsFromPlain(state.best)[0];
    this.stagnant = state.stagnant;
  }

  private even(): Float64Array[] {
    return this.genes.map(({ size }) => new Float64Array(size).fill(1 / size));
  }

  private lay({ digits }: Individual): void {
    const { evaporation } = this.parameters;
    digits.forEach((digit, g) => {
      const row = this.pheromone[g]!;
      for (let v = 0; v < row.length; v++) {
        row[v] = Math.max(this.least[g]!, (1 - evaporation) * row[v]! + (v === digit ? evaporation : 0));
      }
      const sum = row.reduce((total, amount) => total + amount, 0);
      for (let v = 0; v < row.length; v++) row[v]! /= sum;
    });
  }

  private layAnew(): void {
    this.pheromone = this.even();
    this.best = undefined;
    this.stagnant = 0;
  }
}

export const ANT: AgentDefinition = {
  make: (...setUp) => new AntAgent(...setUp),
  parameters: ANT_PARAMETERS,
  objectives: 'first',
  islands: 'exchanging',
};
