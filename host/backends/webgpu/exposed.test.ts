/** Exposed communication is charged to each group its own on both backends, whether or not the kernels may overlap. */
import { describe, expect, it } from 'vitest';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { Comparison } from '../../validate/comparison.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import { createWebgpuEvaluator } from './evaluator.js';

const DESIGNS = 1500;

describe.skipIf(!(await webgpuAvailable()))('every output of random designs on dgx-a100', () => {
  it.each([
    ['gpt3-175b', 'off'],
    ['gpt3-175b', 'on'],
    ['gpt3-175b', 'on,off'],
    ['mixtral-8x7b', 'off'],
    ['mixtral-8x7b', 'on,off'],
  ])('is the same on WebGPU and the CPU: %s, tensorOverlap=%s', async (model, overlap) => {
    const set = [`workload.tensorOverlap=${overlap}`];
    const space = compilePsa(loadPsa('cosmic-extended', { system: 'dgx-a100', model, set }));
    const batch = { kind: 'samples', seed: 1, start: 0n, count: DESIGNS } as const;
    const onDevice = await createWebgpuEvaluator(space);
    const tested = await onDevice.evaluate(batch).finally(() => onDevice.close());
    const reference = await createCpuEvaluator(space, 1).evaluate(batch);
    const comparison = new Comparison();
    const where = (i: number) => ({
      space: space.name,
      system: 'dgx-a100',
      model,
      held: set,
      ordinal: `sample ${i}`,
    });
    comparison.add(tested, reference, where, () => space.fixed);
    expect(comparison.failures).toEqual([]);
  });
});
