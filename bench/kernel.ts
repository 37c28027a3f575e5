/** The sweep kernel alone: its time on the device, as a sweep submits it; and how busy a whole sweep keeps the device. */

import { chunkTimes, enoughDesigns } from '../host/backends/webgpu/chunkTimes.js';
import type { OpenDevice } from '../host/backends/webgpu/device.js';
import { busyMs, recordPasses } from '../host/backends/webgpu/passTimes.js';
import { createPipelines } from '../host/backends/webgpu/pipelines.js';
import { loadShader } from '../host/backends/webgpu/shader.js';
import { createSpaceBuffers } from '../host/backends/webgpu/spaceBuffers.js';
import { withPipelines } from '../host/backends/webgpu/tuner.js';
import { createEvaluator } from '../host/index.js';
import { median } from '../host/statistics/statistics.js';
import type { CompiledSpace } from '../psa/index.js';
import { timeSweep } from './timedSweep.js';

export interface KernelResult {
  /** Until the first chunk is done: text to pipeline to machine code. */
  readonly compileMs: number;
  /** Designs of the timed dispatch. */
  readonly designs: number;
  readonly wallMs: number;
  /** By timestamp queries; undefined where the device has none. */
  readonly kernelMs: number | undefined;
  /** Designs a second of the device, without the host. */
  readonly designsPerSecond: number;
}

/** The device's share of a sweep's time. */
export interface BusyResult {
  readonly designs: number;
  readonly submits: number;
  readonly wallMs: number;
  /** Time in which a kernel ran; undefined where the device has no clock. */
  readonly busyMs: number | undefined;
}

const RUNS = 5;
const BUSY_SECONDS = 3;

/** Times chunks of random designs, of the size that takes about as long as a sweep's. */
export async function measureKernel(open: OpenDevice, space: CompiledSpace): Promise<KernelResult> {
  const shared = createSpaceBuffers(open.device, space);
  try {
    const began = performance.now();
    const fresh = withPipelines(open, createPipelines(open.device, loadShader(space), open.tuning.tuning));
    await chunkTimes({ open: fresh, space, shared }, 64, 0);
    const compileMs = performance.now() - began;
    const bench = { open: fresh, space, shared };
    const designs = await enoughDesigns(bench);
    const times = await chunkTimes(bench, designs, RUNS);
    const wallMs = median(times.wallMs);
    const kernelMs = times.deviceMs && median(times.deviceMs);
    return {
      compileMs,
      designs,
      wallMs,
      kernelMs,
      designsPerSecond: Math.round((1000 * designs) / (kernelMs ?? wallMs)),
    };
  } finally {
    shared.destroy();
  }
}

/** Sweeps random designs for some seconds at `designsPerSecond`, after a short sweep to warm up. */
export async function measureBusy(
  open: OpenDevice,
  space: CompiledSpace,
  designsPerSecond: number,
): Promise<BusyResult> {
  const evaluator = await createEvaluator(space, { backend: 'webgpu' });
  const sweep = { evaluator, source: { kind: 'samples', seed: 1 }, objective: 'time' } as const;
  const designs = Math.round(BUSY_SECONDS * designsPerSecond);
  try {
    await timeSweep(sweep, 0n, Math.ceil(designs / 10));
    const recorder = recordPasses(open);
    const wallMs = 1000 * (await timeSweep(sweep, BigInt(designs), designs)).seconds;
    const passes = await recorder?.stop();
    return { designs, submits: passes?.length ?? 0, wallMs, busyMs: passes && busyMs(passes) };
  } finally {
    await evaluator.close();
  }
}
