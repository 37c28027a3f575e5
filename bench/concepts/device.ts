/** Concepts on WebGPU: the entry points of concepts.wgsl among the kernels' own modules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenDevice } from '../../host/backends/webgpu/device.js';
import { compileShader, joinPieces, loadShader } from '../../host/backends/webgpu/shader.js';
import { createRunBuffers, createSpaceBuffers, destroyAll } from '../../host/backends/webgpu/spaceBuffers.js';
import { readWork, runWork } from '../../host/backends/webgpu/submit.js';
import { DECODE_MODE } from '../../kernels/decode/decode.js';
import { DEFAULT_TUNING, gridOf } from '../../kernels/entry/grid.js';
import { packageRoot } from '../../psa/packageRoot.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Concept } from './concepts.js';

/** As in concepts.wgsl. */
const ROUNDS = 256;
/** Numbers up to here are exact in f32. */
export const MAX_EVALUATIONS = 2 ** 24;
export const MIN_EVALUATIONS = ROUNDS * DEFAULT_TUNING.workgroupSize;

/** A concept on a device. */
export interface DeviceConcept {
  /** Evaluates the first `count` inputs, a multiple of MIN_EVALUATIONS, `repeats` times over. */
  run(count: number, repeats: number): Promise<void>;
  /** Values of the first `count` inputs of the last run. */
  values(count: number): Promise<Float32Array>;
  destroy(): void;
}

/** The shader of all concepts, for the space of one. */
async function compileConcepts(device: GPUDevice, space: CompiledSpace): Promise<GPUShaderModule> {
  const file = 'bench/concepts/concepts.wgsl';
  const text = readFileSync(join(packageRoot, file), 'utf8');
  return compileShader(
    device,
    joinPieces([
      { file: 'kernels', text: loadShader(space).code },
      { file, text },
    ]),
  );
}

/** @param capacity most inputs of a run */
export async function createDeviceConcept(
  open: OpenDevice,
  { entry, space }: Concept,
  capacity: number,
): Promise<DeviceConcept> {
  const { device, whileAlive } = open;
  const pipelines = open.pipelines(space);
  const { spaceLayout, taskLayouts } = pipelines;
  const module = await compileConcepts(device, space);
  const layout = device.createPipelineLayout({ bindGroupLayouts: [spaceLayout, taskLayouts.evaluate] });
  const mode = space.genes.length > 0 ? DECODE_MODE.ordinals : DECODE_MODE.digits;
  const compute = { module, entryPoint: entry, constants: { DECODING: mode } };
  const pipeline = await whileAlive(device.createComputePipelineAsync({ layout, compute }));
  const shared = createSpaceBuffers(device, space);
  const run = createRunBuffers(open, pipelines, shared, space.genes.length);
  const { STORAGE, COPY_SRC } = GPUBufferUsage;
  const [values, status] = [4 * capacity, 16].map((size) => device.createBuffer({ size, usage: STORAGE | COPY_SRC }));
  const group = device.createBindGroup({
    layout: taskLayouts.evaluate,
    entries: [values!, status!].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const source = { mode, digits: new Uint32Array(space.genes.length), seed: 0, startLow: 0, startHigh: 0 };
  return {
    run(count, repeats) {
      const grid = gridOf(count / ROUNDS, DEFAULT_TUNING.workgroupSize);
      return runWork(open, {
        prepare: () => run.write(source, count),
        groups: [run.group, group],
        dispatches: Array.from({ length: repeats }, () => ({ pipeline, grid })),
      });
    },
    values(count) {
      const parts = [{ buffer: values!, bytes: 4 * count }];
      return readWork(open, {}, { parts, take: (bytes) => new Float32Array(bytes.slice(0)) });
    },
    destroy() {
      run.destroy();
      shared.destroy();
      destroyAll([values!, status!]);
    },
  };
}
