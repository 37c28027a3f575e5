/** What the device can do at most: the rate of f32 arithmetic, and of copying memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenDevice } from '../host/backends/webgpu/device.js';
import { compileShader, joinPieces } from '../host/backends/webgpu/shader.js';
import { upload } from '../host/backends/webgpu/spaceBuffers.js';
import { gridOf } from '../kernels/entry/grid.js';
import { packageRoot } from '../psa/packageRoot.js';
import { timeWork } from './gpuTimer.js';

export interface Ceilings {
  /** 1e12 f32 operations a second; a multiply-add is two. */
  readonly arithmeticTflops: number;
  /** 1e9 bytes a second, read and written ones counted. */
  readonly copyGBps: number;
}

const RUNS = 5;
/** Of a workgroup in both kernels. */
const THREADS = 64;
/** As in arithmetic.wgsl: rounds, steps, chains, components, and two operations. */
const THREAD_OPERATIONS = 64 * 8 * 8 * 4 * 2;
/** A hundredth of a second is enough to be measured. */
const ENOUGH_MS = 10;
const MAX_COPY_BYTES = 2 ** 30;
const COPY_THREAD_BYTES = 16;

async function createPipeline({ device }: OpenDevice, entryPoint: string): Promise<GPUComputePipeline> {
  const file = `bench/${entryPoint}.wgsl`;
  const shader = joinPieces([{ file, text: readFileSync(join(packageRoot, file), 'utf8') }]);
  const module = await compileShader(device, shader);
  return device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
}

function bind(device: GPUDevice, pipeline: GPUComputePipeline, buffers: readonly GPUBuffer[]): GPUBindGroup {
  return device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
}

async function measureArithmetic(open: OpenDevice): Promise<number> {
  const { device } = open;
  const pipeline = await createPipeline(open, 'arithmetic');
  const buffers = [
    upload(device, Float32Array.of(0.999, 0.001), GPUBufferUsage.UNIFORM),
    upload(device, new Float32Array(2 ** 16), GPUBufferUsage.STORAGE),
  ];
  const groups = [bind(device, pipeline, buffers)];
  let threads = 2 ** 12;
  for (;;) {
    const dispatches = [{ pipeline, grid: gridOf(threads, THREADS) }];
    const { kernelMs, wallMs } = await timeWork(open, { groups, dispatches }, RUNS);
    const ms = kernelMs ?? wallMs;
    if (ms >= ENOUGH_MS || threads >= 2 ** 26) {
      for (const buffer of buffers) buffer.destroy();
      return (threads * THREAD_OPERATIONS) / ms / 1e9;
    }
    threads *= 4;
  }
}

async function measureCopy(open: OpenDevice): Promise<number> {
  const { device } = open;
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const size = Math.min(MAX_COPY_BYTES, maxBufferSize, maxStorageBufferBindingSize);
  const pipeline = await createPipeline(open, 'copy');
  const buffers = [1, 2].map(() => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }));
  const dispatches = [{ pipeline, grid: gridOf(size / COPY_THREAD_BYTES, THREADS) }];
  const work = { groups: [bind(device, pipeline, buffers)], dispatches };
  const { kernelMs, wallMs } = await timeWork(open, work, RUNS);
  for (const buffer of buffers) buffer.destroy();
  return (2 * size) / (kernelMs ?? wallMs) / 1e6;
}

/** Takes about a second. */
export async function measureCeilings(open: OpenDevice): Promise<Ceilings> {
  return { arithmeticTflops: await measureArithmetic(open), copyGBps: await measureCopy(open) };
}
