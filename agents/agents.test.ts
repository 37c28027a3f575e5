import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT_NAMES, type Agent, type AgentGene, type AgentName } from './agent.js';
import type { GeneticParameters } from './ga.js';
import { createAgent } from './index.js';

/** Gives each row of digits an objective, or the bits of the conditions that it violates. */
type Problem = (digits: readonly number[]) => { objective: number; status?: number };

/** Asks and tells until the budget is spent; returns the smallest feasible objective of all. */
function run(agent: Agent, width: number, problem: Problem, generations: number, population: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let generation = 0; generation < generations; generation++) {
    const digits = agent.ask(population);
    const rows = Array.from({ length: population }, (_, i) => [...digits.subarray(i * width, (i + 1) * width)]);
    const results = rows.map(problem);
    agent.tell({
      digits,
      objectives: Float64Array.from(results, ({ objective }) => objective),
      status: Uint32Array.from(results, ({ status }) => status ?? 0),
    });
    best = Math.min(best, ...results.filter(({ status }) => !status).map(({ objective }) => objective));
  }
  return best;
}

function genes(count: number, size: number, scale: AgentGene['scale']): AgentGene[] {
  return Array.from({ length: count }, () => ({ size, scale }));
}

/** One-max (number of zeros left): the textbook problem of uniform crossover. */
const oneMax: Problem = (digits) => ({ objective: digits.filter((digit) => digit === 0).length });

/**
 * Kauffman's NK landscape (Kauffman & Levin 1987) over digits: the sum of tabulated random contributions of each gene
 * with its K successors; rugged with many local optima for K > 0.
 */
function nkLandscape(n: number, k: number, size: number, seed: number): Problem {
  const noise = (key: number) => {
    const mixed = Math.imul(key ^ (key >>> 15) ^ seed, 0x2c1b3c6d);
    const again = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
    return ((again ^ (again >>> 15)) >>> 0) / 2 ** 32;
  };
  return (digits) => {
    let sum = 0;
    for (let g = 0; g < n; g++) {
      let key = g + 1;
      for (let j = 0; j <= k; j++) key = key * size + digits[(g + j) % n]!;
      sum += noise(key);
    }
    return { objective: sum / n };
  };
}

describe.each(AGENT_NAMES)('%s', (name) => {
  const mixed: AgentGene[] = [
    { size: 286, scale: 'tuple' },
    { size: 1, scale: 'category' },
    { size: 2, scale: 'linear' },
    { size: 10, scale: 'log' },
    { size: 4, scale: 'category' },
  ];
  const problem: Problem = (digits) => ({
    objective: digits.reduce((sum, digit) => sum + digit),
    status: digits[4]! & 1,
  });

  it('proposes only digits below the sizes of their genes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const agent = createAgent(name, mixed, seed, { population: 20 });
        run(agent, mixed.length, problem, 5, 20);
        const digits = agent.ask(20);
        expect(digits).toHaveLength(20 * mixed.length);
        digits.forEach((digit, i) => {
          expect(digit).toBeLessThan(mixed[i % mixed.length]!.size);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('goes on from a state that went through JSON exactly as without the break', () => {
    const whole = createAgent(name, mixed, 0, { population: 20 });
    run(whole, mixed.length, problem, 3, 20);
    const resumed = createAgent(name, mixed, 0, { population: 20 });
    resumed.restore(JSON.parse(JSON.stringify(whole.state)));
    for (let generation = 0; generation < 3; generation++) {
      expect(resumed.ask(20)).toEqual(whole.ask(20));
      expect(run(resumed, mixed.length, problem, 1, 20)).toBe(run(whole, mixed.length, problem, 1, 20));
    }
  });

  it('depends on its seed alone, and 0 is a seed like others', () => {
    const first = (seed: number) => createAgent(name, mixed, seed).ask(50);
    expect(first(0)).toEqual(first(0));
    expect(first(0)).not.toEqual(first(1));
  });

  it('copes with a space without genes', () => {
    expect(run(createAgent(name, [], 0, { population: 4 }), 0, () => ({ objective: 7 }), 3, 4)).toBe(7);
  });
});

describe('random', () => {
  it('covers all values evenly', () => {
    const counts = new Array<number>(10).fill(0);
    for (const digit of createAgent('random', genes(1, 10, 'linear'), 3).ask(10_000)) counts[digit]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 0.1 % point of chi-square with 9 degrees of freedom
  });
});

describe('ga', () => {
  const parameters: Partial<GeneticParameters> = { population: 60 };

  it.each(['category', 'linear', 'tuple'] as const)('reaches the optimum of one-max over %s genes', (scale) => {
    for (const seed of [0, 1, 2]) {
      expect(run(createAgent('ga', genes(40, 2, scale), seed, parameters), 40, oneMax, 80, 60)).toBe(0);
    }
  });

  it('solves a small assignment problem whose optimum is known by enumeration', () => {
    const cost = [
      [9, 2, 7, 8, 5],
      [6, 4, 3, 7, 9],
      [5, 8, 1, 8, 4],
      [7, 6, 9, 4, 2],
      [3, 9, 6, 5, 8],
    ];
    const permute = (items: number[]): number[][] =>
      items.length === 0
        ? [[]]
        : items.flatMap((x) => permute(items.filter((y) => y !== x)).map((rest) => [x, ...rest]));
    const total = (jobs: readonly number[]) => jobs.reduce((sum, job, worker) => sum + cost[worker]![job]!, 0);
    const optimum = Math.min(...permute([0, 1, 2, 3, 4]).map(total));
    const problem: Problem = (jobs) => {
      const repeated = 5 - new Set(jobs).size;
      return { objective: repeated > 0 ? 0 : total(jobs), status: 2 ** repeated - 1 };
    };
    for (const seed of [0, 1, 2, 3]) {
      expect(run(createAgent('ga', genes(5, 5, 'category'), seed, parameters), 5, problem, 60, 60)).toBe(optimum);
    }
  });

  it('walks along ordered genes to a far optimum', () => {
    const target: Problem = (digits) => ({
      objective: digits.reduce((sum, digit, g) => sum + Math.abs(digit - 90 - g), 0),
    });
    expect(run(createAgent('ga', genes(6, 100, 'linear'), 0, parameters), 6, target, 80, 60)).toBe(0);
  });

  it('beats random search on rugged landscapes', () => {
    const bestOf = (name: AgentName, landscape: number) =>
      run(createAgent(name, genes(20, 4, 'category'), 1, parameters), 20, nkLandscape(20, 3, 4, landscape), 50, 60);
    for (const landscape of [11, 12, 13, 14, 15]) {
      expect(bestOf('ga', landscape)).toBeLessThan(bestOf('random', landscape));
    }
  });

  it('climbs out of infeasibility, by fewer violations', () => {
    const needle: Problem = (digits) => {
      const wrong = digits.filter((digit) => digit !== 3).length;
      return { objective: 5, status: 2 ** wrong - 1 };
    };
    expect(run(createAgent('ga', genes(12, 4, 'category'), 0, parameters), 12, needle, 60, 60)).toBe(5);
  });

  it('survives generations without a feasible design, equal fitness, and spaces smaller than the population', () => {
    const agent = createAgent('ga', genes(2, 2, 'category'), 0, parameters);
    expect(run(agent, 2, () => ({ objective: 1, status: 1 }), 5, 60)).toBe(Number.POSITIVE_INFINITY);
    expect(run(agent, 2, () => ({ objective: 1 }), 5, 60)).toBe(1);
  });

  it('visits all of a small space', () => {
    const agent = createAgent('ga', genes(2, 5, 'category'), 0, { population: 10 });
    const seen = new Set<string>();
    run(agent, 2, (digits) => ({ objective: seen.add(digits.join()).size }), 20, 10);
    expect(seen.size).toBe(25);
  });
});
