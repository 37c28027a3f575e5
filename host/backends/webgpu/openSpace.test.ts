/** The space that opens all parameters has the most genes: its walk is the longest kernel that a driver has to take. */
import { expect, it } from 'vitest';
import { Goal } from '../../../kernels/objective/goal.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import { createWebgpuEvaluator } from './evaluator.js';

it.skipIf(!(await webgpuAvailable()))('walks the space that opens all as the CPU does', async () => {
  const space = compilePsa(loadPsa('cosmic-extended', { system: 'dgx-a100', model: 'llama2-7b' }));
  const { objectives } = new Goal(space, [parseObjective('time')]);
  // All values of the fastest genes, where designs are feasible.
  const range = { source: { kind: 'ordinals' }, start: (5n * space.count) / 16n, count: 3000n } as const;
  const request = { ...range, objectives, top: 5, pareto: false };
  const onDevice = await createWebgpuEvaluator(space);
  const tested = await onDevice.sweep(request).finally(() => onDevice.close());
  const reference = await createCpuEvaluator(space, 1).sweep(request);
  expect(reference.feasible).toBe(range.count);
  expect(tested.feasible).toBe(range.count);
  expect(tested.byReason).toEqual(reference.byReason);
  const times = [tested, reference].map(({ top }) => top.map((best) => best.objectives[0]!));
  for (const [i, time] of times[0]!.entries()) expect(time / times[1]![i]!).toBeCloseTo(1, 5);
  expect(times[0]).toHaveLength(times[1]!.length);
});
