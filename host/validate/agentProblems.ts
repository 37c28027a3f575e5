import type { MixedSpace, MixedStart } from '../../agents/algorithms/cmaes/mixedCma.js';

/** A design of a test problem: continuous values, whole numbers, and categories from 0. */
export interface Point {
  readonly x: Float64Array;
  readonly z: readonly number[];
  readonly c: Uint32Array;
}

/** A test problem, where its search begins, and what trusted implementations need to solve it. */
export interface AgentProblem {
  readonly name: string;
  readonly group: 'continuous' | 'integer' | 'categorical' | 'mixed';
  readonly space: MixedSpace;
  readonly start: MixedStart;
  readonly value: (point: Point) => number;
  /** Median evaluations to a value of 1e-8 or less, of one implementation or more. */
  readonly references: readonly { readonly implementation: string; readonly evaluations: number }[];
  /** Why we need fewer, where we need clearly fewer. */
  readonly remark?: string;
}

/** Σ (√condition^(i/(n−1)) · x_i)² */
function ellipsoid(x: ArrayLike<number>, condition: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += condition ** (i / Math.max(1, x.length - 1)) * x[i]! * x[i]!;
  return sum;
}

function sphere(x: ArrayLike<number>): number {
  return ellipsoid(x, 1);
}

function rosenbrock(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) sum += 100 * (x[i + 1]! - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2;
  return sum;
}

/** Categories that are not the first: 0 at the optimum. */
function wrong(c: Uint32Array): number {
  return c.reduce((sum, category) => sum + (category === 0 ? 0 : 1), 0);
}

function repeat<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value);
}

function startAt(
  mean: readonly number[],
  sigma: number,
  deviations: readonly number[] = mean.map(() => 1),
): MixedStart {
  return { mean, deviations, sigma };
}

function continuous(
  name: string,
  n: number,
  value: (x: Float64Array) => number,
  x0: number,
  medians: [number, number],
) {
  return {
    name: `${name} ${n}`,
    group: 'continuous',
    space: { continuous: n, integers: [], categories: [] },
    start: startAt(repeat(n, x0), name === 'rosenbrock' ? 0.1 : 2),
    value: ({ x }) => value(x),
    references: [
      { implementation: 'pycma', evaluations: medians[0] },
      { implementation: 'cmaes', evaluations: medians[1] },
    ],
  } satisfies AgentProblem;
}

/** CMA-ES with margin has no centering of integers; CatCMA with margin adds it (arXiv 2504.07884, section 4). */
const CENTERED = 'integers are centred, which the reference does not do';

function withIntegers(name: string, condition: number, evaluations: number) {
  return {
    name: `${name} 10 + 10`,
    group: 'integer',
    space: { continuous: 10, integers: repeat(10, { low: -10, size: 22 }), categories: [] },
    start: startAt(repeat(20, 5), 2),
    value: ({ x, z }) => ellipsoid([...x, ...z], condition),
    references: [{ implementation: 'CMA-ES with margin', evaluations }],
    remark: CENTERED,
  } satisfies AgentProblem;
}

function withCategories(n: number, evaluations: number) {
  return {
    name: `SphereCOM ${n} + ${n}`,
    group: 'categorical',
    space: { continuous: n, integers: [], categories: repeat(n, 5) },
    start: startAt(repeat(n, 3), 1),
    value: ({ x, c }) => sphere(x) + wrong(c),
    references: [{ implementation: 'CatCMA', evaluations }],
  } satisfies AgentProblem;
}

function withAll(n: number, categories: number, largest: number, evaluations: number) {
  return {
    name: `SphereIntCOM ${n} + ${n} + ${n}`,
    group: 'mixed',
    space: {
      continuous: n,
      integers: repeat(n, { low: -largest, size: 2 * largest + 1 }),
      categories: repeat(n, categories),
    },
    // The start of the reference: the middle of the box, a sixth and a fifth of its half width.
    start: startAt(repeat(2 * n, 0), 1, [...repeat(n, 5 / 6), ...repeat(n, largest / 5)]),
    value: ({ x, z, c }) => sphere(x) + sphere(z) + wrong(c),
    references: [{ implementation: 'CatCMA with margin', evaluations }],
  } satisfies AgentProblem;
}

/**
 * Evaluations that pycma (8d16505) and CyberAgent's cmaes (0.13.1) need to reach 1e-8 with default populations: medians of
 * 15 seeds (continuous) and of 10 (others). The mixed problems are those of Hamano et al., arXiv 2205.13482, 2405.09962 and
 * 2504.07884.
 */
export const AGENT_PROBLEMS: readonly AgentProblem[] = [
  continuous('sphere', 5, sphere, 3, [704, 736]),
  continuous('sphere', 10, sphere, 3, [1470, 1490]),
  continuous('sphere', 20, sphere, 3, [2796, 2796]),
  continuous('sphere', 40, sphere, 3, [5220, 5295]),
  continuous('ellipsoid', 5, (x) => ellipsoid(x, 1e6), 3, [1536, 1576]),
  continuous('ellipsoid', 10, (x) => ellipsoid(x, 1e6), 3, [4190, 4240]),
  continuous('ellipsoid', 20, (x) => ellipsoid(x, 1e6), 3, [12876, 13332]),
  continuous('rosenbrock', 5, rosenbrock, 0.1, [1552, 1552]),
  continuous('rosenbrock', 10, rosenbrock, 0.1, [4730, 4940]),
  continuous('rosenbrock', 20, rosenbrock, 0.1, [15816, 16440]),
  withIntegers('SphereInt', 1, 3324),
  withIntegers('EllipsoidInt', 1e6, 10092),
  {
    name: 'SphereOneMax 10 + 10',
    group: 'integer',
    // Two values are categories: the authors advise it, and so do our agents.
    space: { continuous: 10, integers: [], categories: repeat(10, 2) },
    start: startAt(repeat(10, 5), 1),
    value: ({ x, c }) => sphere(x) + wrong(c),
    references: [{ implementation: 'CMA-ES with margin', evaluations: 3414 }],
    remark: 'two values are taken as categories, as the authors advise, not as integers',
  },
  withCategories(5, 1105),
  withCategories(10, 2082),
  {
    name: 'RosenbrockCLO 5 + 5',
    group: 'categorical',
    space: { continuous: 5, integers: [], categories: repeat(5, 5) },
    start: startAt(repeat(5, 0), 1),
    value: ({ x, c }) => {
      const leading = c.findIndex((category) => category !== 0);
      return rosenbrock(x) + (leading < 0 ? 0 : c.length - leading);
    },
    references: [{ implementation: 'CatCMA', evaluations: 3095 }],
  },
  withAll(3, 3, 5, 875),
  withAll(5, 5, 10, 1584),
];
