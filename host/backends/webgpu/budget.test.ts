/** What a sweep asks of the device per chunk, whatever its speed: submits, bytes that come back, buffers. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { COUNTER_COUNT } from '../../../kernels/reduce/layout.js';
import { emptyPart, mergeParts, type SweepPart } from '../../../kernels/reduce/reduce.js';
import { compilePsa, loadPsa } from '../../../psa/index.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import type { OpenDevice } from './device.js';
import { processDevice } from './session.js';
import { createSpaceBuffers, type SpaceBuffers } from './spaceBuffers.js';
import { createSweepRunner, type SweepRunner } from './sweeps.js';

const CHUNK = 8192;
const CHUNKS = 16;
/** The counters, and room for 4,096 candidates of five words. */
const BYTES_PER_CHUNK = 4 * COUNTER_COUNT + 4096 * 20;

describe.skipIf(!(await webgpuAvailable()))('a sweep on the device', () => {
  const space = compilePsa(loadPsa('cosmic-network'));
  const objectives = [parseObjective('time')];
  const source = { kind: 'samples', seed: 1 } as const;
  const request = { source, start: 0n, count: BigInt(CHUNK * (CHUNKS + 1)), objectives, top: 10, pareto: false };
  let open: OpenDevice;
  let shared: SpaceBuffers;
  let runner: SweepRunner;
  let finished: SweepPart = emptyPart(0n);

  const runChunk = async (): Promise<void> => {
    const part = await runner.run(finished.evaluated, CHUNK, finished);
    finished = mergeParts(finished, part, request.top);
  };

  beforeAll(async () => {
    open = await processDevice();
    shared = createSpaceBuffers(open.device, space);
    runner = await createSweepRunner(open, space, shared, request);
    // The first chunk knows no threshold yet, and makes its lane.
    await runChunk();
  });

  afterAll(() => {
    runner?.destroy();
    shared?.destroy();
  });

  it('submits once a chunk, reads counters and candidates back, and makes no further buffer', async () => {
    const submit = vi.spyOn(open.device.queue, 'submit');
    const createBuffer = vi.spyOn(open.device, 'createBuffer');
    const map = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    for (let i = 0; i < CHUNKS; i++) await runChunk();
    const bytes = map.mock.contexts.reduce<number>((sum, buffer) => sum + (buffer as GPUBuffer).size, 0);
    expect(finished.evaluated).toBe(request.count);
    expect(submit).toHaveBeenCalledTimes(CHUNKS);
    expect(createBuffer).not.toHaveBeenCalled();
    expect(bytes).toBe(CHUNKS * BYTES_PER_CHUNK);
    vi.restoreAllMocks();
  });
});
