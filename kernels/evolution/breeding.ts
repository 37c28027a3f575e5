import { threefry2x32 } from '../random/threefry.js';

/** What is near a value of a gene: nothing (categories), the values beside it, or perhaps those (tuples, as they are listed). */
export const NEARNESS = { none: 0, order: 1, listing: 2 } as const;
export type Nearness = (typeof NEARNESS)[keyof typeof NEARNESS];

/** How the designs of an evolution descend from one another; shares are of 2^32. Twin of `Evolution` in WGSL. */
export interface Breeding {
  readonly seed: number;
  readonly islands: number;
  /** Designs of an island. */
  readonly population: number;
  /** Designs that are drawn for each parent; the best becomes the parent. */
  readonly tournament: number;
  /** Children with two parents. */
  readonly crossover: number;
  /** Second parents from the next island of the ring. */
  readonly migration: number;
  /** Children with a mutation that mutate once more. */
  readonly mutation: number;
  /** Number of values of each gene. */
  readonly sizes: Uint32Array;
  /** Genes with more than one value, each with its nearness · 2^16. */
  readonly openGenes: Uint32Array;
}

/** Designs in the slots of the islands, one island after another. */
export interface Parents {
  /** A row of digits for each slot. */
  readonly digits: Uint32Array;
  /** Smaller is better; of a slot without a design {@link NO_DESIGN}. */
  readonly fitness: Float64Array;
}

/** Fitness of an empty slot, behind all designs. */
export const NO_DESIGN = Number.MAX_VALUE;

/** Sets the words of children apart from samples and from other agents, which use other keys. */
export const BREEDING_STREAM = 0x62726400;

/** So that breeding ends, whatever the mutation rate. */
export const MAX_MUTATIONS = 8;

/**
 * Makes children by tournament selection, uniform crossover and mutation, from random numbers that depend on the seed, the
 * generation and the child's slot alone: children can be made in any order, and at once. Twin of breeding.wgsl.
 */
export class Breeder {
  private child = 0;
  private generation = 0;
  private drawn = 0;
  private readonly words = new Uint32Array(2);

  constructor(private readonly breeding: Breeding) {}

  /** 32 random bits of the child. */
  private nextWord(): number {
    const place = this.drawn++;
    if ((place & 1) === 0) {
      const key = BREEDING_STREAM + (place >>> 1);
      threefry2x32(this.breeding.seed, key, this.child, this.generation, this.words);
    }
    // As a word, so that a remainder of it is not one of f64.
    return this.words[place & 1]! >>> 0;
  }

  /** True for a share of children. */
  private chance(share: number): boolean {
    return this.nextWord() < share;
  }

  /** The slot of the best of some designs of an island, drawn at random. */
  private selectParent(fitness: Float64Array, island: number): number {
    const { population, tournament } = this.breeding;
    const first = island * population;
    let best = first + (this.nextWord() % population);
    for (let round = 1; round < tournament; round++) {
      const rival = first + (this.nextWord() % population);
      if (fitness[rival]! < fitness[best]!) best = rival;
    }
    return best;
  }

  /** Each gene at random: the first generation. */
  private randomise(digits: Uint32Array, row: number): void {
    const { sizes } = this.breeding;
    for (let gene = 0; gene < sizes.length; gene++) digits[row + gene] = this.nextWord() % sizes[gene]!;
  }

  /** Each gene from either of two parents; a word of random bits decides for 32 genes. */
  private recombine(parents: Parents, digits: Uint32Array, row: number): void {
    const { islands, population, crossover, migration, sizes } = this.breeding;
    const width = sizes.length;
    const island = Math.floor(this.child / population) % islands;
    const first = this.selectParent(parents.fitness, island);
    let second = first;
    if (this.chance(crossover)) {
      const away = this.chance(migration);
      second = this.selectParent(parents.fitness, away ? (island + 1) % islands : island);
    }
    const from = first * width;
    const distance = (second - first) * width;
    let word = 0;
    for (let gene = 0; gene < width; gene++) {
      if ((gene & 31) === 0) word = this.nextWord();
      // Without a branch: it would be predicted wrongly half of the time.
      digits[row + gene] = parents.digits[from + ((word >>> (gene & 31)) & 1) * distance + gene]!;
    }
  }

  /**
   * Another value of a gene with several. Where there is an order, a step of any length from 1 to the whole range, each
   * octave as likely as the others: short steps refine, long ones leave local optima (after the heavy-tailed mutation of
   * Doerr, Le, Makhmara & Nguyen, GECCO 2017). Tuples are listed with like beside like, so they step half of the time.
   */
  private stepDigit(nearness: number, size: number, digit: number): number {
    const word = this.nextWord();
    if (nearness === NEARNESS.none || (nearness === NEARNESS.listing && (word & 1) === 0)) {
      return (digit + 1 + ((word >>> 1) % (size - 1))) % size;
    }
    const octave = ((word >>> 2) & 255) % (32 - Math.clz32(size - 1));
    const length = Math.min(2 ** octave + ((word >>> 10) & (2 ** octave - 1)), size - 1);
    const there = word & 2 ? digit + length : digit - length;
    if (there < 0) return Math.min(digit + length, size - 1);
    return there < size ? there : Math.max(digit - length, 0);
  }

  /** Steps one gene, perhaps more. */
  private mutate(digits: Uint32Array, row: number): void {
    const { openGenes, sizes, mutation } = this.breeding;
    if (openGenes.length === 0) return;
    for (let count = 0; count < MAX_MUTATIONS; count++) {
      const open = openGenes[this.nextWord() % openGenes.length]!;
      const gene = open & 0xffff;
      digits[row + gene] = this.stepDigit(open >>> 16, sizes[gene]!, digits[row + gene]!);
      if (!this.chance(mutation)) return;
    }
  }

  /** Writes a child for a slot of a generation into the row that begins at `row`. */
  breed(parents: Parents, child: number, generation: number, digits: Uint32Array, row: number): void {
    this.child = child;
    this.generation = generation;
    this.drawn = 0;
    if (generation === 0) {
      this.randomise(digits, row);
      return;
    }
    this.recombine(parents, digits, row);
    this.mutate(digits, row);
  }
}
