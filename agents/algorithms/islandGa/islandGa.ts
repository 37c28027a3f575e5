import { Breeder, type Breeding, NEARNESS, type Nearness } from '../../../kernels/evolution/breeding.js';
import { CosmicError } from '../../../psa/errors.js';
import type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../../agent.js';
import {
  CROSSOVER,
  chosenParameters,
  MUTATIONS,
  type ParameterDeclarations,
  populationParameter,
  TOURNAMENT,
} from '../../shared/parameters.js';
import { fitnessOf } from '../../shared/population.js';
import { emptyIslands, type IslandsState, islandsFromPlain, islandsToPlain } from './islandsState.js';

const ISLAND_GENETIC_PARAMETERS = {
  population: populationParameter({ default: 64, min: 2, meaning: 'designs of an island', tries: [32, 128] }),
  tournament: TOURNAMENT,
  crossover: CROSSOVER,
  migration: {
    default: 0.05,
    min: 0,
    max: 1,
    meaning: 'share of those whose second parent lives on the next island',
    tries: [0, 0.2],
  },
  mutations: { ...MUTATIONS, default: 1.5, min: 1, tries: [1, 3] },
} as const satisfies ParameterDeclarations;

/** Generations that a budget should last for, before more islands pay. */
const GENERATIONS = 40;

/** By default there are no more islands: together as many designs as the largest GPUs have threads. */
const MAX_SUITED_ISLANDS = 4096;

/** Designs of all islands: a row of digits each must fit in memory. */
const MAX_SLOTS = 2 ** 22;

const NEARNESS_OF_SCALE: Readonly<Record<AgentGene['scale'], Nearness>> = {
  category: NEARNESS.none,
  linear: NEARNESS.order,
  log: NEARNESS.order,
  tuple: NEARNESS.listing,
};

/** With few evaluations, generations matter more than islands. */
function suitedIslands(population: number, evaluations = Number.POSITIVE_INFINITY): number {
  const suited = Math.round(evaluations / (GENERATIONS * population));
  return Math.max(1, Math.min(MAX_SUITED_ISLANDS, suited));
}

/** A share as a number of 2^-32. */
function shareWord(share: number): number {
  return Math.min(2 ** 32 - 1, Math.round(share * 2 ** 32));
}

/**
 * How the islands of a search breed, here or on a GPU.
 *
 * @param seed whole number, 0 … 2^32 − 1
 * @throws CosmicError ARGUMENT where there are more designs than memory holds
 */
export function breedingOf(genes: readonly AgentGene[], seed: number, options: AgentOptions = {}): Breeding {
  const { population, ...own } = chosenParameters(ISLAND_GENETIC_PARAMETERS, options);
  const usual = options.population ?? ISLAND_GENETIC_PARAMETERS.population.default;
  const islands = options.islands ?? suitedIslands(usual, options.evaluations);
  if (islands * population > MAX_SLOTS) {
    throw new CosmicError('ARGUMENT', `${islands} islands of ${population} designs are too many`, {
      remedy: `have at most ${MAX_SLOTS} designs together`,
    });
  }
  return {
    seed,
    islands,
    population,
    tournament: Math.round(own.tournament),
    crossover: shareWord(own.crossover),
    migration: shareWord(own.migration),
    mutation: shareWord(1 - 1 / Math.max(1, own.mutations)),
    sizes: Uint32Array.from(genes, ({ size }) => size),
    openGenes: Uint32Array.from(
      genes.flatMap(({ size, scale }, g) => (size > 1 ? [g + NEARNESS_OF_SCALE[scale] * 2 ** 16] : [])),
    ),
  };
}

/**
 * A genetic algorithm on a ring of islands (Tanese, ICGA 1989; Whitley, Rana & Heckendorn, JCIT 7, 1999) whose every design
 * has a slot, as in cellular genetic algorithms on GPUs (Pospichal, Jaros & Schwarz, EvoApplications 2010): a child, bred
 * from its island and now and then its neighbour, takes its slot unless the design there is better. Nothing is sorted and no child
 * waits for another, so that a GPU makes a generation at once; there the designs do not even leave it.
 */
class IslandGeneticAgent implements Agent {
  readonly batchSize: number;
  private readonly breeding: Breeding;
  private readonly breeder: Breeder;
  private islands: IslandsState;

  /** @param seed whole number, 0 … 2^32 − 1 */
  constructor(
    private readonly genes: readonly AgentGene[],
    seed: number,
    options: AgentOptions = {},
  ) {
    this.breeding = breedingOf(genes, seed, options);
    this.breeder = new Breeder(this.breeding);
    this.islands = emptyIslands(this.breeding);
    this.batchSize = this.islands.fitness.length;
  }

  ask(n: number): Uint32Array {
    const { islands, genes } = this;
    const digits = new Uint32Array(n * genes.length);
    for (let child = 0; child < n; child++) {
      this.breeder.breed(islands, child, islands.generation, digits, child * genes.length);
    }
    this.islands = { ...islands, generation: islands.generation + 1 };
    return digits;
  }

  tell(batch: Evaluated): void {
    const width = this.genes.length;
    const { digits, fitness } = this.islands;
    fitnessOf(batch).forEach((value, child) => {
      const slot = child % this.batchSize;
      // Of equals the younger: neutral steps lead across plateaus.
      if (fitness[slot]! < value) return;
      fitness[slot] = value;
      for (let g = 0; g < width; g++) digits[slot * width + g] = batch.digits[child * width + g]!;
    });
  }

  get state(): PlainData {
    return islandsToPlain(this.islands);
  }

  restore(plain: PlainData): void {
    this.islands = islandsFromPlain(plain, this.breeding);
  }
}

export const ISLAND_GENETIC: AgentDefinition = {
  make: (...setUp) => new IslandGeneticAgent(...setUp),
  parameters: ISLAND_GENETIC_PARAMETERS,
  objectives: 'first',
  islands: 'inside',
  resident: breedingOf,
};
