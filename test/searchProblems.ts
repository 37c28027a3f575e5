import type { Agent, AgentGene, Evaluated } from '../agents/agent.js';

/** Gives each row of digits one objective or several, and how far it is from feasible. */
export type Problem = (digits: readonly number[]) => { objectives: readonly number[]; violation?: number };

/** Evaluates rows of digits. */
export function evaluate(digits: Uint32Array, count: number, problem: Problem): Evaluated {
  const width = digits.length / count;
  const results = Array.from({ length: count }, (_, i) => problem([...digits.subarray(i * width, (i + 1) * width)]));
  return {
    digits,
    objectives: Float64Array.from(results.flatMap(({ objectives }) => objectives)),
    violations: Float64Array.from(results, ({ violation }) => violation ?? 0),
  };
}

/** Asks and tells in the agent's own batches until the budget is spent, or the first objective is at most `target`. */
export function run(agent: Agent, problem: Problem, budget: number, target = Number.NEGATIVE_INFINITY) {
  let best = Number.POSITIVE_INFINITY;
  let evaluations = 0;
  while (evaluations < budget && best > target) {
    const count = Math.min(agent.batchSize, budget - evaluations);
    const batch = evaluate(agent.ask(count), count, problem);
    agent.tell(batch);
    evaluations += count;
    const stride = batch.objectives.length / count;
    for (let i = 0; i < count; i++) {
      if (batch.violations[i] === 0) best = Math.min(best, batch.objectives[i * stride]!);
    }
  }
  return { best, evaluations };
}

export function genes(count: number, size: number, scale: AgentGene['scale']): AgentGene[] {
  return Array.from({ length: count }, () => ({ size, scale }));
}

/** A continuous function of x in [low, high]^n, on genes that divide the range evenly. */
export function onGrid(f: (x: readonly number[]) => number, low: number, high: number, size: number): Problem {
  return (digits) => ({ objectives: [f(digits.map((digit) => low + ((high - low) * digit) / (size - 1)))] });
}

/** The number of genes that are not at their first value: the textbook problem of recombination. */
export const oneMax: Problem = (digits) => ({ objectives: [digits.filter((digit) => digit !== 0).length] });

/** Whole-number noise, the same for the same key and seed. */
function noise(key: number, seed: number): number {
  const mixed = Math.imul(key ^ (key >>> 15) ^ seed, 0x2c1b3c6d);
  const again = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((again ^ (again >>> 15)) >>> 0) / 2 ** 32;
}

/**
 * Kauffman's NK landscape (Kauffman & Levin 1987) over digits: the sum of tabulated random contributions of each gene
 * with its K successors; rugged with many local optima for K > 0.
 */
export function nkLandscape(n: number, k: number, size: number, seed: number): Problem {
  return (digits) => {
    let sum = 0;
    for (let g = 0; g < n; g++) {
      let key = g + 1;
      for (let j = 0; j <= k; j++) key = key * size + digits[(g + j) % n]!;
      sum += noise(key, seed);
    }
    return { objectives: [sum / n] };
  };
}

/** Five workers, five jobs, each job once; violations are jobs that are left over. */
const COST = [
  [9, 2, 7, 8, 5],
  [6, 4, 3, 7, 9],
  [5, 8, 1, 8, 4],
  [7, 6, 9, 4, 2],
  [3, 9, 6, 5, 8],
];

function total(jobs: readonly number[]): number {
  return jobs.reduce((sum, job, worker) => sum + COST[worker]![job]!, 0);
}

export const assignment: Problem = (jobs) => ({ objectives: [total(jobs)], violation: 5 - new Set(jobs).size });

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((x) => permutations(items.filter((y) => y !== x)).map((rest) => [x, ...rest]));
}

/** The optimum of the assignment problem, by enumeration. */
export const assignmentOptimum = Math.min(...permutations([0, 1, 2, 3, 4]).map(total));

export function sphere(x: readonly number[]): number {
  return x.reduce((sum, value) => sum + value * value, 0);
}

/** Rastrigin's function: about 10^n local optima, the global one 0 at 0 (bbob f3, without its rotation). */
export function rastrigin(x: readonly number[]): number {
  return x.reduce((sum, value) => sum + value * value - 10 * Math.cos(2 * Math.PI * value) + 10, 0);
}

export function rosenbrock(x: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) sum += 100 * (x[i + 1]! - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2;
  return sum;
}
