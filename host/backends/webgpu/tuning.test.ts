import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_TUNING, type Tuning } from '../../../kernels/entry/grid.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import { adapterSummary } from '../../../test/adapterSummary.js';
import { smallSpace } from '../../../test/smallSpace.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { sweepChunks } from '../chunks.js';
import type { OpenDevice } from './device.js';
import { createPipelines } from './pipelines.js';
import { processDevice } from './session.js';
import { loadShader } from './shader.js';
import { createSpaceBuffers } from './spaceBuffers.js';
import { createSweepRunner } from './sweeps.js';
import { withPipelines } from './tuner.js';
import { keepTuning, shaderHash, tuningFile, tuningOf } from './tuning.js';

const adapter = adapterSummary('hardware', { name: 'A GPU/9000', driver: '1.2' });

function record(chosen: Tuning, shader = shaderHash()) {
  return { adapter: adapter.name, driver: adapter.driver, shader, date: '2026-11-22', chosen, candidates: [] };
}

describe('a kept tuning', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cosmic-tuning-'));
    vi.stubEnv('XDG_CACHE_HOME', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it('is the default before anything was measured', () => {
    expect(tuningOf(adapter)).toEqual({ tuning: DEFAULT_TUNING, date: undefined, note: undefined });
  });

  it('is used on its adapter and driver alone', () => {
    const chosen = { workgroupSize: 128, designsPerThread: 2 };
    keepTuning(adapter, record(chosen));
    expect(dirname(tuningFile(adapter))).toBe(join(folder, 'cosmic'));
    expect(tuningOf(adapter)).toEqual({ tuning: chosen, date: '2026-11-22', note: undefined });
    expect(tuningOf({ ...adapter, name: 'A GPU-9000' }).tuning).toEqual(DEFAULT_TUNING);
    expect(tuningOf({ ...adapter, driver: '1.3' }).tuning).toEqual(DEFAULT_TUNING);
  });

  it('is left aside, with a note, when the kernels have changed since', () => {
    keepTuning(adapter, record({ workgroupSize: 128, designsPerThread: 2 }, 'another'));
    expect(tuningOf(adapter)).toMatchObject({
      tuning: DEFAULT_TUNING,
      note: expect.stringContaining('another version'),
    });
  });

  it.each([
    '',
    '{"chosen":',
    'null',
    JSON.stringify({ chosen: { workgroupSize: 64, designsPerThread: 1 } }),
    JSON.stringify(record({ workgroupSize: 512, designsPerThread: 1 })),
    JSON.stringify(record({ workgroupSize: 64, designsPerThread: 0 })),
    JSON.stringify(record({ workgroupSize: 0.5, designsPerThread: 1 })),
  ])('is left aside, with a note, where its file is broken: %s', (text) => {
    keepTuning(adapter, record({ workgroupSize: 128, designsPerThread: 2 }));
    writeFileSync(tuningFile(adapter), text);
    expect(tuningOf(adapter)).toMatchObject({ tuning: DEFAULT_TUNING, note: expect.stringContaining('not readable') });
  });
});

describe.skipIf(!(await webgpuAvailable()))('a sweep', () => {
  const space = smallSpace();
  const request = {
    source: { kind: 'ordinals' as const },
    start: 3n,
    count: space.count - 5n,
    objectives: [parseObjective('time'), parseObjective('cost')],
    top: 5,
    pareto: true,
  };
  let open: OpenDevice;

  async function sweepWith(tuning: Tuning): Promise<SweepPart> {
    const shared = createSpaceBuffers(open.device, space);
    const tuned = withPipelines(open, createPipelines(open.device, loadShader(space), tuning));
    const runner = await createSweepRunner(tuned, space, shared, request);
    try {
      return await sweepChunks(request, { ...runner, firstSize: 1000, maxSize: 1000 });
    } finally {
      runner.destroy();
      shared.destroy();
    }
  }

  beforeAll(async () => {
    open = await processDevice();
  });

  it('gives the same part for any tuning', async () => {
    const expected = await sweepWith(DEFAULT_TUNING);
    expect(expected.evaluated).toBe(request.count);
    expect(expected.feasible).toBeGreaterThan(0n);
    expect(await sweepWith({ workgroupSize: 32, designsPerThread: 3 })).toEqual(expected);
    expect(await sweepWith({ workgroupSize: 256, designsPerThread: 2 })).toEqual(expected);
  });
});
