import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RowTimes } from '../../../kernels/astra/schedule/rowTimes.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { STATUS } from '../../../kernels/outputs.js';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createEvaluator } from '../createEvaluator.js';
import type { Batch, Evaluator, SweepRequest } from '../evaluator.js';

/** Of the last one steps have several micro-batches, which the host runs. */
const SPACES = [
  { name: 'cosmic-full', model: 'vit-large', set: [] },
  { name: 'cosmic-workload', model: 'gpt3-13b', set: ['workload.batch=64', 'workload.microBatch=4', 'model.layers=4'] },
];

describe.skipIf(!(await webgpuAvailable())).each(SPACES)(
  'the astra-sim profile of $name for $model on WebGPU',
  (of) => {
    const { name, ...options } = of;
    const space = compilePsa(loadPsa(name, { ...options, profile: 'astra-sim' }));
    let webgpu: Evaluator;
    let cpu: Evaluator;
    beforeAll(async () => {
      webgpu = await createEvaluator(space, { backend: 'webgpu' });
      cpu = await createEvaluator(space, { backend: 'cpu', threads: 1 });
    });
    afterAll(async () => {
      await Promise.all([webgpu?.close(), cpu?.close()]);
    });

    test('says what it runs on', () => {
      expect(webgpu.description).toMatch(
        /^WebGPU on .*whole ns\); steps of several micro-batches, or with collectives (followed by their|of very many) events, on the CPU$/,
      );
    });

    const batches: Batch[] = [
      { kind: 'samples', seed: 3, start: 0n, count: 100 },
      { kind: 'ordinals', start: space.count / 3n, count: 60 },
      { kind: 'ordinals', start: space.count, count: 0 },
    ];
    test.each(batches)('evaluates $count $kind to the last bit as the CPU does', async (batch) => {
      expect(await webgpu.evaluate(batch)).toEqual(await cpu.evaluate(batch));
    });

    test('answers batches that were asked for at once', async () => {
      const asked = [0n, 40n, 80n].map((start): Batch => ({ kind: 'samples', seed: 5, start, count: 40 }));
      const answers = await Promise.all(asked.map((batch) => webgpu.evaluate(batch)));
      for (const [i, batch] of asked.entries()) expect(answers[i]).toEqual(await cpu.evaluate(batch));
    });

    test('sweeps to the same best designs, front and counters', async () => {
      const request: SweepRequest = {
        source: { kind: 'samples', seed: 4 },
        start: 0n,
        count: 100n,
        objectives: [parseObjective('time'), parseObjective('cost')],
        top: 7,
        pareto: true,
      };
      expect(await webgpu.sweep(request)).toEqual(await cpu.sweep(request));
    });
  },
);

test.skipIf(!(await webgpuAvailable()))(
  'what the device finds to come to no end the CPU does not read again',
  async () => {
    // So fast that the first node of many steps takes no whole nanosecond, where the program aborts.
    const set = ['model.layers=4', 'compute.peakTflops=1000000', 'compute.memoryBandwidthGBps=10000000'];
    const space = compilePsa(loadPsa('cosmic-full', { model: 'vit-large', set, profile: 'astra-sim' }));
    const webgpu = await createEvaluator(space, { backend: 'webgpu' });
    const read = vi.spyOn(RowTimes.prototype, 'read');
    const batch = { kind: 'samples', seed: 3, start: 0n, count: 512 } as const;
    const results = await webgpu.evaluate(batch);
    const reads = read.mock.calls.length;
    vi.restoreAllMocks();
    const cpu = await createEvaluator(space, { backend: 'cpu', threads: 1 });
    expect(results).toEqual(await cpu.evaluate(batch));
    await Promise.all([webgpu.close(), cpu.close()]);
    expect(results.status.filter((bits) => (bits & STATUS.ASTRASIM) !== 0).length).toBeGreaterThan(200);
    // Those with collectives that are followed by their events.
    expect(reads).toBeLessThan(50);
  },
);
