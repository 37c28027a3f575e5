import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breeder, type Breeding, MAX_MUTATIONS, NEARNESS, type Nearness } from './breeding.js';

const ALL = 2 ** 32 - 1;
const ISLANDS = 3;
const POPULATION = 10;
const SLOTS = ISLANDS * POPULATION;

/** Genes of one size, on three islands. */
function breeding(sizes: readonly number[], nearness: Nearness, shares: Partial<Breeding> = {}): Breeding {
  return {
    seed: 1,
    islands: ISLANDS,
    population: POPULATION,
    tournament: 2,
    crossover: 0,
    migration: 0,
    mutation: 0,
    sizes: Uint32Array.from(sizes),
    openGenes: Uint32Array.from(sizes.flatMap((size, g) => (size > 1 ? [g + nearness * 2 ** 16] : []))),
    ...shares,
  };
}

/** A generation of children whose parents have the number of their island in all genes. */
function childrenOf(rules: Breeding, generation: number, order = Array.from({ length: SLOTS }, (_, i) => i)) {
  const width = rules.sizes.length;
  const digits = Uint32Array.from({ length: SLOTS * width }, (_, i) => Math.floor(i / width / POPULATION));
  const parents = { digits, fitness: Float64Array.from({ length: SLOTS }, (_, slot) => slot) };
  const breeder = new Breeder(rules);
  const children = new Uint32Array(SLOTS * width);
  for (const child of order) breeder.breed(parents, child, generation, children, child * width);
  return Array.from({ length: SLOTS }, (_, child) => [...children.subarray(child * width, (child + 1) * width)]);
}

const islandOf = (child: number) => Math.floor(child / POPULATION);

/** Many genes, so that mutations are few among them. */
const MANY = new Array<number>(40).fill(7);

describe('children', () => {
  it('are the same in whatever order they are made', () => {
    const rules = breeding(MANY, NEARNESS.order, { crossover: ALL / 2, migration: ALL / 2, mutation: ALL / 2 });
    const order = fc.shuffledSubarray(
      Array.from({ length: SLOTS }, (_, i) => i),
      { minLength: SLOTS },
    );
    fc.assert(
      fc.property(fc.nat(1000), order, (generation, shuffled) => {
        expect(childrenOf(rules, generation, shuffled)).toEqual(childrenOf(rules, generation));
      }),
    );
  });

  it('differ from a design of their island in one gene, or as many as chance allows', () => {
    for (const [mutation, most] of [
      [0, 1],
      [ALL, MAX_MUTATIONS],
    ] as const) {
      const counts = childrenOf(breeding(MANY, NEARNESS.none, { mutation }), 5).map(
        (child, i) => child.filter((digit) => digit !== islandOf(i)).length,
      );
      expect(Math.max(...counts)).toBe(most);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  });

  it('have genes of their own island and of the next on the ring only', () => {
    const children = childrenOf(breeding(MANY, NEARNESS.none, { crossover: ALL, migration: ALL }), 1);
    children.forEach((child, i) => {
      const [own, next] = [islandOf(i), (islandOf(i) + 1) % ISLANDS];
      const from = (island: number) => child.filter((digit) => digit === island).length;
      // About half of each, but for the gene that mutates.
      expect(from(own) + from(next)).toBeGreaterThanOrEqual(MANY.length - 1);
      expect(Math.min(from(own), from(next))).toBeGreaterThan(5);
    });
  });

  it('descend from better designs the larger the tournament', () => {
    const rank = (tournament: number) => {
      const sizes = [POPULATION, 2];
      const rules = { ...breeding(sizes, NEARNESS.none, { tournament, islands: 1 }), openGenes: Uint32Array.of(1) };
      const digits = Uint32Array.from({ length: 2 * POPULATION }, (_, i) => (i % 2 === 0 ? i / 2 : 0));
      const parents = { digits, fitness: Float64Array.from({ length: POPULATION }, (_, slot) => slot) };
      const breeder = new Breeder(rules);
      const child = new Uint32Array(2);
      let sum = 0;
      for (let i = 0; i < 4000; i++) {
        breeder.breed(parents, i, 1, child, 0);
        sum += child[0]!;
      }
      return sum / 4000;
    };
    // The expected best of t numbers drawn from 0 … 9.
    const expected = (t: number) => Array.from({ length: 9 }, (_, i) => ((9 - i) / 10) ** t).reduce((a, b) => a + b);
    for (const t of [1, 2, 5]) expect(Math.abs(rank(t) - expected(t))).toBeLessThan(0.15);
  });
});

describe('a mutation', () => {
  it.each(Object.entries(NEARNESS))('reaches all other values and never stays (%s)', (_, nearness) => {
    for (const size of [2, 3, 10, 33]) {
      const rules = breeding([size], nearness, { islands: 1, population: size, tournament: 1 });
      const parents = {
        digits: Uint32Array.from({ length: size }, () => 1),
        fitness: new Float64Array(size),
      };
      const breeder = new Breeder(rules);
      const child = new Uint32Array(1);
      const seen = new Set<number>();
      for (let i = 0; i < 2000; i++) {
        breeder.breed(parents, i, 1, child, 0);
        seen.add(child[0]!);
      }
      expect([...seen].sort((a, b) => a - b)).toEqual(
        Array.from({ length: size }, (_, digit) => digit).filter((digit) => digit !== 1),
      );
    }
  });

  it('is mostly short where there is an order, and still crosses the range', () => {
    const size = 1000;
    const rules = breeding([size], NEARNESS.order, { islands: 1, population: 1 });
    const parents = { digits: Uint32Array.of(500), fitness: new Float64Array(1) };
    const breeder = new Breeder(rules);
    const child = new Uint32Array(1);
    const lengths = Array.from({ length: 4000 }, (_, i) => {
      breeder.breed(parents, i, 1, child, 0);
      return Math.abs(child[0]! - 500);
    });
    const share = (limit: number) => lengths.filter((length) => length < limit).length / lengths.length;
    // Ten octaves as likely as one another: five of them are below 32.
    expect(Math.abs(share(32) - 0.5)).toBeLessThan(0.04);
    expect(share(400)).toBeLessThan(1);
  });
});

describe('the first generation', () => {
  it('is uniform', () => {
    const rules = breeding([10], NEARNESS.none);
    const parents = { digits: new Uint32Array(SLOTS), fitness: new Float64Array(SLOTS) };
    const breeder = new Breeder(rules);
    const child = new Uint32Array(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      breeder.breed(parents, i, 0, child, 0);
      counts[child[0]!]!++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 0.1 % point of chi-square with 9 degrees of freedom
  });
});
