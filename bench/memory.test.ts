/** A sweep holds on to as much after many designs as after few, and ends where numbers no longer fit 32 bits. */
import { beforeAll, describe, expect, it } from 'vitest';
import { sweepChunks } from '../host/backends/chunks.js';
import { createCpuEvaluator } from '../host/backends/cpu/evaluator.js';
import type { OpenDevice } from '../host/backends/webgpu/device.js';
import { processDevice } from '../host/backends/webgpu/session.js';
import { createSpaceBuffers } from '../host/backends/webgpu/spaceBuffers.js';
import { createSweepRunner } from '../host/backends/webgpu/sweeps.js';
import { createEvaluator, parseObjective, type SweepRequest } from '../host/index.js';
import { emptyPart, type SweepPart } from '../kernels/reduce/reduce.js';
import { compilePsa, loadPsa } from '../psa/index.js';
import { webgpuAvailable } from '../test/webgpu.js';
import { heapBytes, recordBuffers } from './memory.js';

const available = await webgpuAvailable();
const space = compilePsa(loadPsa('cosmic-full'));
const CHUNK = 4096;
const TEN_BILLION = 10n ** 10n;
const LAST = 5000n;

function requestOf(count: bigint, source: SweepRequest['source'] = { kind: 'ordinals' }): SweepRequest {
  return { source, start: 0n, count, objectives: [parseObjective('time')], top: 5, pareto: false };
}

/** The last designs of ten billion, after a part that stands for all before. */
async function sweepTheLast(backend: 'cpu' | 'webgpu', source: SweepRequest['source']): Promise<SweepPart> {
  const evaluator = await createEvaluator(space, { backend, threads: 1 });
  const before = { ...emptyPart(0n), evaluated: TEN_BILLION - LAST, feasible: TEN_BILLION - LAST };
  const part = await evaluator.sweep(requestOf(TEN_BILLION, source), {}, before);
  await evaluator.close();
  return part;
}

describe('a sweep on the CPU', () => {
  it('holds on to nothing as it goes on', async () => {
    const evaluator = createCpuEvaluator(space, 1);
    const sweep = (count: bigint) => evaluator.sweep(requestOf(count));
    await sweep(10_000n);
    const before = heapBytes();
    await sweep(50_000n);
    expect(heapBytes() - before).toBeLessThan(2 ** 20);
    await evaluator.close();
  });
});

describe.skipIf(!available)('a sweep on the device', () => {
  let open: OpenDevice;
  beforeAll(async () => {
    open = await processDevice();
  });

  /** Most bytes of buffers, and the heap afterwards. */
  async function memoryOf(chunks: number): Promise<{ device: number; heap: number }> {
    const recorder = recordBuffers(open.device);
    const request = requestOf(BigInt(chunks * CHUNK));
    const shared = createSpaceBuffers(open.device, space);
    const runner = await createSweepRunner(open, space, shared, request);
    await sweepChunks(request, { ...runner, firstSize: CHUNK, maxSize: CHUNK });
    runner.destroy();
    shared.destroy();
    return { device: recorder.stop(), heap: heapBytes() };
  }

  it('needs as much for many chunks as for few', async () => {
    const few = await memoryOf(4);
    const many = await memoryOf(40);
    expect(many.device).toBe(few.device);
    expect(few.device).toBeLessThan(2 ** 20);
    expect(many.heap - few.heap).toBeLessThan(2 ** 20);
  });

  it.each([
    { kind: 'ordinals' } as const,
    { kind: 'samples', seed: 1 } as const,
  ])('ends ten billion $kind where they end, as the CPU does', async (source) => {
    const [part, expected] = [await sweepTheLast('webgpu', source), await sweepTheLast('cpu', source)];
    expect(part.evaluated).toBe(TEN_BILLION);
    expect([part.evaluated, part.feasible, part.byReason]).toEqual([
      expected.evaluated,
      expected.feasible,
      expected.byReason,
    ]);
    expect(part.top.map(({ ordinal }) => ordinal)).toEqual(expected.top.map(({ ordinal }) => ordinal));
    expect(part.top.every(({ position }) => position >= TEN_BILLION - LAST)).toBe(true);
    expect(source.kind === 'ordinals' || part.top.length > 0).toBe(true);
  });
});
