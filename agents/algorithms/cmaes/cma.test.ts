import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { median } from '../../../host/statistics/statistics.js';
import { rastrigin, rosenbrock, sphere } from '../../../test/searchProblems.js';
import { argsort } from '../../shared/order.js';
import { RandomStream } from '../../shared/stream.js';
import { Categories } from './categories.js';
import { Gaussian } from './gaussian.js';
import { MixedCma, type Samples } from './mixedCma.js';
import { RestartedCma } from './restarts.js';
import { strategyOf } from './strategy.js';

type Function = (x: readonly number[]) => number;

const N = 8;

function cmaAt(mean: readonly number[], sigma: number, seed: number): RestartedCma {
  const space = { continuous: mean.length, integers: [], categories: [] };
  const start = { mean, deviations: mean.map(() => 1), sigma };
  return new RestartedCma(space, () => start, seed);
}

/** The value of each sample. */
function valuesOf(f: Function, { raw, count }: Samples): Float64Array {
  const n = raw.length / count;
  return Float64Array.from({ length: count }, (_, k) => f([...raw.subarray(k * n, (k + 1) * n)]));
}

/** The best value of each generation. */
function bestValues(f: Function, mean: readonly number[], seed: number, generations: number): number[] {
  const cma = cmaAt(mean, 2, seed);
  return Array.from({ length: generations }, () => {
    const samples = cma.ask(cma.population);
    const values = valuesOf(f, samples);
    cma.tell(samples, values);
    return Math.min(...values);
  });
}

function evaluationsTo(f: Function, mean: readonly number[], seed: number, target: number, budget = 200_000): number {
  const cma = cmaAt(mean, 2, seed);
  let evaluations = 0;
  while (evaluations < budget) {
    const samples = cma.ask(cma.population);
    const values = valuesOf(f, samples);
    evaluations += samples.count;
    if (values.some((value) => value <= target)) return evaluations;
    cma.tell(samples, values);
  }
  return Number.POSITIVE_INFINITY;
}

/** A random rotation: the eigenvectors of a random symmetric matrix. */
function rotation(n: number, seed: number): number[][] {
  const stream = new RandomStream(seed);
  const random = new Matrix(Array.from({ length: n }, () => Array.from({ length: n }, () => stream.normal())));
  return new EigenvalueDecomposition(random.clone().add(random.transpose())).eigenvectorMatrix.to2DArray();
}

const ellipsoid: Function = (x) => x.reduce((sum, value, i) => sum + 1e4 ** (i / (x.length - 1)) * value * value, 0);
const start = new Array<number>(N).fill(3);

describe('CMA-ES', () => {
  it('sees only the order of values: an increasing transformation changes nothing, bit for bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const plain = bestValues(rosenbrock, start, seed, 30);
        const bent = bestValues((x) => Math.sqrt(rosenbrock(x)) - 7, start, seed, 30);
        bent.forEach((value, i) => {
          expect(value).toBe(Math.sqrt(plain[i]!) - 7);
        });
      }),
      { numRuns: 10 },
    );
  });

  it('does not care where the origin is', () => {
    const shift = start.map((_, i) => 10 + i);
    const moved: Function = (x) => ellipsoid(x.map((value, i) => value - shift[i]!));
    const there = start.map((value, i) => value + shift[i]!);
    const [here, away] = [bestValues(ellipsoid, start, 1, 60), bestValues(moved, there, 1, 60)];
    away.forEach((value, i) => {
      expect(Math.abs(value - here[i]!)).toBeLessThanOrEqual(1e-6 * here[i]!);
    });
  });

  it('does not care how the axes lie', () => {
    const turn = rotation(N, 3);
    const turned: Function = (x) => ellipsoid(turn.map((row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0)));
    const there = start.map((_, i) => turn.reduce((sum, row, k) => sum + row[i]! * start[k]!, 0));
    const seeds = Array.from({ length: 11 }, (_, i) => i + 1);
    const straight = median(seeds.map((seed) => evaluationsTo(ellipsoid, start, seed, 1e-8)));
    const tilted = median(seeds.map((seed) => evaluationsTo(turned, there, seed, 1e-8)));
    expect(tilted / straight).toBeGreaterThan(0.9);
    expect(tilted / straight).toBeLessThan(1.1);
  });

  it('learns the inverse Hessian: its rank-one update is an outer product, not a scalar', () => {
    const strategy = strategyOf(12, 3);
    const gaussian = Gaussian.start([0, 0, 0], [1, 1, 1], 1);
    for (let i = 0; i < 30; i++) {
      const from = (step: readonly number[]) => step.map((value, k) => value + gaussian.mean[k]!);
      const good = Array.from({ length: 6 }, () => from([1, -1, 0]));
      const bad = Array.from({ length: 6 }, () => from([0, 0, 1]));
      gaussian.update(Float64Array.from([...good, ...bad].flat()), strategy.weights, strategy);
    }
    const covariance = gaussian.state.covariance;
    expect(covariance[1]!).toBeLessThan(-0.5 * covariance[0]!);
    expect(Math.abs(covariance[2]!)).toBeLessThan(1e-9);
    expect(covariance[8]!).toBeLessThan(1);
  });

  it('finds the global optimum of Rastrigin by restarts with growing populations', () => {
    for (const seed of [1, 2, 3]) {
      expect(evaluationsTo(rastrigin, [3, 3, 3], seed, 1e-8)).toBeLessThan(200_000);
    }
  });

  it('stops and starts again where all values are equal', () => {
    const cma = cmaAt(start, 1, 1);
    const before = cma.population;
    for (let i = 0; i < 400; i++) {
      cma.tell(cma.ask(cma.population), new Float64Array(cma.population).fill(1));
    }
    expect(cma.population).toBeGreaterThan(before);
  });
});

describe('CatCMA with margin', () => {
  it('keeps integers mutating with the margin, however narrow the Gaussian gets', () => {
    const space = { continuous: 2, integers: [{ low: -5, size: 11 }], categories: [] };
    const cma = new MixedCma(space, { mean: [1, 1, 3], deviations: [1, 1, 1], sigma: 1 }, 1);
    for (let i = 0; i < 300; i++) {
      const samples = cma.ask(cma.population);
      const values = valuesOf(([x = 0, y = 0]) => sphere([x, y]), samples).map(
        (value, k) => value + cma.integer(samples, k, 0) ** 2,
      );
      cma.tell(samples, argsort(values));
    }
    const samples = cma.ask(4000);
    const integers = Array.from({ length: samples.count }, (_, k) => cma.integer(samples, k, 0));
    const share = integers.filter((value) => value !== 0).length / integers.length;
    const alpha = 1 - 0.73;
    expect(share).toBeGreaterThan(0.8 * alpha);
    expect(share).toBeLessThan(1.5 * alpha);
  });

  it('keeps every category possible, and probabilities that sum to 1', () => {
    const alpha = 0.1;
    const categories = new Categories([5, 2], alpha);
    const { weights } = strategyOf(10, 2);
    for (let i = 0; i < 200; i++)
      categories.update(
        Uint32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 3 : 1)),
        weights,
      );
    const [first, second] = categories.probabilities as [Float64Array, Float64Array];
    for (const row of [first, second]) expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(first[3]).toBeCloseTo(1 - alpha, 6);
    expect(first[0]).toBeCloseTo(alpha / 4, 6);
    expect(second[0]).toBeCloseTo(alpha, 6);
  });
});
