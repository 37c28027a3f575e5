import { expect, it, vi } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { compilePsa, loadPsa } from '../../psa/index.js';
import { designOf } from '../../psa/ordinals.js';
import { SLOT } from '../../psa/parameters.js';
import { designEvaluator } from '../designs/designs.js';
import { nearestToFeasible } from './nearest.js';

const time = parseObjective('time');

vi.mock('../designs/designs.js', async (original) => {
  const designs = await original<typeof import('../designs/designs.js')>();
  return { ...designs, designEvaluator: vi.fn(designs.designEvaluator) };
});

it('of a small space is the design with the least memory, and says how much is missing', () => {
  const space = compilePsa(loadPsa('cosmic-workload', { set: ['compute.memoryCapacityGB=1'] }));
  const evaluate = designEvaluator(space);
  const least = Array.from({ length: Number(space.count) }, (_, i) => evaluate(designOf(space, BigInt(i))))
    .filter(({ status }) => status === 1)
    .map(({ outputs }) => outputs[OUTPUT.memoryMB]!)
    .reduce((a, b) => Math.min(a, b));
  const { outputs, lacks } = nearestToFeasible(space, new Goal(space, [time]));
  expect(outputs[OUTPUT.memoryMB]).toBe(least);
  expect(lacks).toEqual([expect.stringMatching(/^needs [\d.]+ GB of memory, [\d.]+ GB more than it may fill$/)]);
  const [needed, over] = lacks[0]!.match(/[\d.]+/g)!.map(Number);
  expect(needed! - over!).toBeCloseTo(1, 2);
});

it('of a large space is reached step by step', () => {
  const space = compilePsa(loadPsa('cosmic-full', { set: ['compute.memoryCapacityGB=2'] }));
  const near = nearestToFeasible(space, new Goal(space, [time]));
  expect(near.status).toBe(1);
  // Everything sharded as far as it goes.
  expect(near.design[SLOT.workload.weightSharding]).toBe(2);
  expect(near.outputs[OUTPUT.memoryMB]).toBeLessThan(20_000);
});

it('names the limits that it breaks', () => {
  const space = compilePsa(loadPsa('cosmic-workload'));
  const { lacks } = nearestToFeasible(space, new Goal(space, [time], [parseLimit('time <= 1')]));
  expect(lacks).toEqual([expect.stringMatching(/^has [\d,.]+ where time <= 1 s is asked for$/)]);
});

it('looks at nothing more once a design is feasible', () => {
  const space = compilePsa(loadPsa('cosmic-full'));
  const evaluate = vi.fn(designEvaluator(space));
  vi.mocked(designEvaluator).mockReturnValueOnce(evaluate);
  const goal = new Goal(space, [time]);
  expect(nearestToFeasible(space, goal).lacks).toEqual([]);
  const found = evaluate.mock.results.map(({ value }) => value.status & goal.mask);
  expect(found.indexOf(0)).toBe(found.length - 1);
});
