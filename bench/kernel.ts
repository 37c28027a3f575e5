/** The sweep kernel alone: its time on the device, and its share of the device's arithmetic. */
import type { OpenDevice } from '../host/webgpu/device.js';
import { createRunBuffers, createSpaceBuffers, destroyAll, upload } from '../host/webgpu/spaceBuffers.js';
import { DECODE_MODE } from '../kernels/decode/decode.js';
import { packObjectives, parseObjective } from '../kernels/objective/objective.js';
import { infeasibleMask } from '../kernels/outputs.js';
import { CANDIDATE_STRIDE, COUNTER_COUNT, FRONT_CAPACITY, MAX_OBJECTIVES } from '../kernels/reduce/layout.js';
import type { CompiledSpace } from '../psa/index.js';
import { timeDispatch } from './gpuTimer.js';

export interface KernelResult {
  /** Designs of the timed dispatch. */
  readonly designs: number;
  readonly wallMs: number;
  /** By timestamp queries; undefined where the device has none. */
  readonly kernelMs: number | undefined;
  /** Designs a second of the device, without the host. */
  readonly designsPerSecond: number;
}

const RUNS = 5;
/** As a sweep's submits are. */
const ENOUGH_MS = 25;
const MAX_DESIGNS = 2 ** 22;

/** Times dispatches of the sweep kernel on random designs, of the size that takes 25 ms. */
export async function measureKernel(open: OpenDevice, space: CompiledSpace): Promise<KernelResult> {
  const { device, pipelines } = open;
  const shared = createSpaceBuffers(device, space);
  const run = createRunBuffers(device, pipelines, space, shared, space.genes.length);
  const pipeline = await pipelines.pipeline('sweep');
  const objectives = packObjectives([parseObjective('time')]);
  const storage = GPUBufferUsage.STORAGE;
  const buffers = [
    upload(device, Float32Array.from(objectives), storage),
    upload(device, new Float32Array(FRONT_CAPACITY * MAX_OBJECTIVES), GPUBufferUsage.UNIFORM),
    upload(device, new Uint32Array(COUNTER_COUNT), storage),
    upload(device, new Uint32Array(CANDIDATE_STRIDE), storage),
  ];
  const task = device.createBindGroup({
    layout: pipelines.taskLayouts.sweep,
    entries: buffers.map((buffer, i) => ({ binding: 2 + i, resource: { buffer } })),
  });
  try {
    for (let designs = 4096; ; designs *= 2) {
      // Threshold 0: no design is a candidate, as in the long run of a sweep.
      const fields = { objectiveCount: 1, infeasible: infeasibleMask(false), pareto: 0, frontSize: 0, threshold: 0 };
      const source = { mode: DECODE_MODE.samples, digits: new Uint32Array(0), seed: 1, startLow: 0, startHigh: 0 };
      run.write(source, designs, fields);
      const { columns, rows } = pipelines.grid('sweep', designs);
      const time = await timeDispatch(open, { pipeline, groups: [run.group, task], columns, rows }, RUNS);
      const ms = time.kernelMs ?? time.wallMs;
      if (ms < ENOUGH_MS && designs < MAX_DESIGNS) continue;
      return { designs, ...time, designsPerSecond: Math.round((1000 * designs) / ms) };
    }
  } finally {
    run.destroy();
    shared.destroy();
    destroyAll(buffers);
  }
}
