/** Each algorithm against a criterion from its literature. */
import { describe, expect, it } from 'vitest';
import { median } from '../host/statistics/statistics.js';
import {
  assignment,
  assignmentOptimum,
  evaluate,
  genes,
  nkLandscape,
  oneMax,
  onGrid,
  type Problem,
  rastrigin,
  run,
  sphere,
} from '../test/searchProblems.js';
import type { AgentGene } from './agent.js';
import type { AgentName } from './agents.js';
import { createAgent } from './createAgent.js';

function best(
  name: AgentName,
  over: readonly AgentGene[],
  problem: Problem,
  budget: number,
  seed: number,
  population?: number,
) {
  const options = { evaluations: budget, ...(population === undefined ? {} : { population }) };
  return run(createAgent(name, over, seed, options), problem, budget).best;
}

const SEEDS = [0, 1, 2, 3, 4];

/** Seconds on an idle machine; not all machines are. */

describe('random', () => {
  it('covers all values evenly', () => {
    const counts = new Array<number>(10).fill(0);
    for (const digit of createAgent('random', genes(1, 10, 'linear'), 3).ask(10_000)) counts[digit]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 0.1 % point of chi-square with 9 degrees of freedom
  });
});

/** Those that search for one optimum; all solve the easy problems, at the budget that the slowest kind needs. */
const SINGLE = ['ga', 'island-ga', 'evolution', 'local', 'cmaes', 'de', 'aco', 'portfolio'] as const;

describe.each(SINGLE)('%s', (name) => {
  it.each(['category', 'linear', 'tuple'] as const)('reaches the optimum of one-max over %s genes', (scale) => {
    for (const seed of SEEDS) expect(best(name, genes(40, 2, scale), oneMax, 6000, seed, 60)).toBe(0);
  });

  it('beats random search on rugged landscapes', () => {
    for (const landscape of [11, 12, 13, 14, 15]) {
      const problem = nkLandscape(20, 3, 4, landscape);
      const over = genes(20, 4, 'category');
      expect(best(name, over, problem, 3000, 1, 50)).toBeLessThan(best('random', over, problem, 3000, 1));
    }
  });

  it('climbs out of infeasibility, by smaller violations', () => {
    const needle: Problem = (digits) => ({ objectives: [5], violation: digits.filter((digit) => digit !== 3).length });
    expect(best(name, genes(12, 4, 'category'), needle, 3600, 0, 40)).toBe(5);
  });
});

describe.each(['ga', 'island-ga', 'local', 'aco'] as const)('%s', (name) => {
  it('solves a small assignment problem whose optimum is known by enumeration', () => {
    const found = SEEDS.map((seed) => best(name, genes(5, 5, 'category'), assignment, 6000, seed, 40));
    expect(found).toEqual(SEEDS.map(() => assignmentOptimum));
  });
});

/** Those that know what an order is. */
describe.each(['ga', 'island-ga', 'evolution', 'local', 'cmaes', 'de'] as const)('%s', (name) => {
  it('walks along ordered genes to a far optimum', () => {
    const target: Problem = (digits) => ({
      objectives: [digits.reduce((sum, digit, g) => sum + Math.abs(digit - 90 - g), 0)],
    });
    expect(best(name, genes(6, 100, 'linear'), target, 5000, 0, 40)).toBe(0);
  });
});

describe('local', () => {
  it('needs no more than all neighbours of all designs on the way where there is one optimum', () => {
    // From anywhere: at most 40 gains, each found among 40 neighbours, in batches of 8.
    expect(
      run(createAgent('local', genes(40, 2, 'category'), 1, { population: 8 }), oneMax, 1e5, 0).evaluations,
    ).toBeLessThan(1700);
  });
});

describe('evolution', () => {
  it('solves one-max about as fast as theory says of mutation alone, e·n·ln n evaluations (Droste, Jansen & Wegener 2002)', () => {
    const n = 100;
    const needed = SEEDS.map(
      (seed) =>
        run(createAgent('evolution', genes(n, 2, 'category'), seed, { population: 8 }), oneMax, 1e5, 0).evaluations,
    );
    expect(median(needed)).toBeLessThan(1.5 * Math.E * n * Math.log(n));
  });
});

describe('de', () => {
  const fine = genes(10, 2 ** 24 + 1, 'linear');

  it('solves sphere and Rastrigin in 10 dimensions in the 100,000 evaluations of CEC 2014 (L-SHADE: 51 of 51 runs)', () => {
    for (const f of [sphere, rastrigin]) {
      for (const seed of [0, 1]) {
        expect(best('de', fine, onGrid(f, -100 * 0.9, 100, 2 ** 24 + 1), 100_000, seed)).toBeLessThan(1e-3);
      }
    }
  });
});

/** Hartmann's function of six variables (Dixon & Szegő 1978); its smallest value is −3.32237. */
function hartmann6(x: readonly number[]): number {
  const alpha = [1, 1.2, 3, 3.2];
  const a = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ];
  const p = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
  ];
  return -alpha.reduce((sum, weight, i) => {
    const distance = x.reduce((total, value, j) => total + a[i]![j]! * (value - p[i]![j]! * 1e-4) ** 2, 0);
    return sum + weight * Math.exp(-distance);
  }, 0);
}

describe('bo', () => {
  it('comes close to the optimum of Hartmann 6 in 300 evaluations, where random search does not (TuRBO, section 3)', () => {
    const problem = onGrid(hartmann6, 0, 1, 101);
    const over = genes(6, 101, 'linear');
    expect(median(SEEDS.map((seed) => best('bo', over, problem, 300, seed)))).toBeLessThan(-3.1);
    expect(median(SEEDS.map((seed) => best('random', over, problem, 300, seed)))).toBeGreaterThan(-2.8);
  });

  it('finds the best of categories that act together', () => {
    const problem = nkLandscape(10, 1, 4, 5);
    const over = genes(10, 4, 'category');
    const found = median(SEEDS.map((seed) => best('bo', over, problem, 300, seed)));
    expect(found).toBeLessThan(median(SEEDS.map((seed) => best('ga', over, problem, 300, seed, 30))));
  });

  it('takes tens of thousands of points', () => {
    const over = genes(6, 101, 'linear');
    const agent = createAgent('bo', over, 0);
    const points = createAgent('random', over, 1).ask(20_000);
    agent.tell(evaluate(points, 20_000, onGrid(hartmann6, 0, 1, 101)));
    // With the cube of the points in it, this would take hours.
    const next = agent.ask(16);
    const values = evaluate(next, 16, onGrid(hartmann6, 0, 1, 101)).objectives;
    expect(Math.min(...values)).toBeLessThan(-2.5);
  });
});

/** ZDT1 and ZDT2 (Zitzler, Deb & Thiele 2000). */
function zdt(shape: (ratio: number) => number, size: number): Problem {
  return (digits) => {
    const [first = 0, ...rest] = digits.map((digit) => digit / (size - 1));
    const g = 1 + (9 * rest.reduce((sum, value) => sum + value, 0)) / rest.length;
    return { objectives: [first, g * shape(first / g)] };
  };
}

/** Area that two objectives dominate below (1.1, 1.1). */
function hypervolume(points: readonly (readonly [number, number])[]): number {
  let area = 0;
  let lowest = 1.1;
  for (const [x, y] of [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (x >= 1.1 || y >= lowest) continue;
    area += (1.1 - x) * (lowest - y);
    lowest = y;
  }
  return area;
}

describe('nsga2', () => {
  const size = 1025;
  it.each([
    // The area above the true front f2 = 1 − √f1, and f2 = 1 − f1², by integration.
    ['ZDT1', (ratio: number) => 1 - Math.sqrt(ratio), 0.11 + 0.1 + 2 / 3],
    ['ZDT2', (ratio: number) => 1 - ratio * ratio, 0.11 + 0.1 + 1 / 3],
  ])('covers 98 %% of the hypervolume of %s in the 25,000 evaluations of its paper', (_, shape, whole) => {
    const problem = zdt(shape, size);
    const agent = createAgent('nsga2', genes(30, size, 'linear'), 1, { population: 100 });
    const seen: (readonly [number, number])[] = [];
    for (let generation = 0; generation < 250; generation++) {
      const batch = evaluate(agent.ask(100), 100, problem);
      agent.tell(batch);
      for (let i = 0; i < 100; i++) seen.push([batch.objectives[2 * i]!, batch.objectives[2 * i + 1]!]);
    }
    expect(hypervolume(seen) / whole).toBeGreaterThan(0.98);
    expect(hypervolume(seen)).toBeLessThanOrEqual(whole + 1e-9);
  });

  it('prefers feasible designs to better ones', () => {
    const problem: Problem = ([a = 0, b = 0]) => ({ objectives: [a, b], violation: a + b < 10 ? 10 - a - b : 0 });
    const agent = createAgent('nsga2', genes(2, 21, 'linear'), 1, { population: 40 });
    for (let i = 0; i < 40; i++) agent.tell(evaluate(agent.ask(40), 40, problem));
    const last = evaluate(agent.ask(40), 40, problem);
    expect([...last.violations].filter((violation) => violation === 0).length).toBeGreaterThan(12);
  });
});
