/** Evaluators that are open are closed where another one does not open. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { Evaluator, EvaluatorOptions } from '../host/index.js';
import type { CompiledSpace } from '../psa/index.js';
import { openContenders } from './contenders.js';
import { measureSteps } from './steps.js';

const closed: string[] = [];

/** Opens but for one thread count of the CPU, and sweeps nothing. */
vi.mock(import('../host/index.js'), async (original) => ({
  ...(await original()),
  createEvaluator: async (_: CompiledSpace, { backend, threads }: EvaluatorOptions) => {
    if (threads === 2) throw new Error('no second thread');
    const close = async () => void closed.push(`${backend} ${threads ?? ''}`.trim());
    return { close, sweep: async () => ({}) } as unknown as Evaluator;
  },
}));

beforeEach(() => void closed.splice(0));

it('closes the contenders that are open where the next one does not open', async () => {
  await expect(openContenders({} as CompiledSpace, 2, false)).rejects.toThrow('no second thread');
  expect(closed).toEqual(['cpu 1']);
});

it("closes WebGPU's evaluator, too, whose steps are compiled before the CPU's evaluators open", async () => {
  await expect(measureSteps(2, true)).rejects.toThrow('no second thread');
  expect(closed).toEqual(['cpu 1', 'webgpu']);
});
