import type { Source } from '../../../kernels/decode/decode.js';
import { packGenes } from '../../../kernels/decode/genes.js';
import { packLimits } from '../../../kernels/objective/fitness.js';
import type { Goal } from '../../../kernels/objective/goal.js';
import type { Limit } from '../../../kernels/objective/limits.js';
import { NO_THRESHOLD } from '../../../kernels/reduce/layout.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { OpenDevice } from './device.js';
import type { Pipelines } from './pipelines.js';
import type { RequestFields } from './structs.js';

/** WebGPU has no empty bindings. */
const SMALLEST_BUFFER = 16;

/** A buffer with these contents. */
export function upload(device: GPUDevice, data: Float32Array | Uint32Array, usage: GPUBufferUsageFlags): GPUBuffer {
  const buffer = device.createBuffer({
    size: Math.max(data.byteLength, SMALLEST_BUFFER),
    usage: usage | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength);
  return buffer;
}

/** The buffers that all dispatches over a space share. */
export interface SpaceBuffers {
  readonly geneValues: GPUBuffer;
  destroy(): void;
}

/** Uploads the genes' tables. */
export function createSpaceBuffers(device: GPUDevice, space: CompiledSpace): SpaceBuffers {
  const geneValues = upload(device, Float32Array.from(packGenes(space).values), GPUBufferUsage.STORAGE);
  return { geneValues, destroy: () => geneValues.destroy() };
}

export function destroyAll(buffers: readonly GPUBuffer[]): void {
  for (const buffer of buffers) buffer.destroy();
}

/** The buffers that one dispatch has for itself: its request and its digits, with the group that binds them. */
export interface RunBuffers {
  readonly group: GPUBindGroup;
  write(source: Source, count: number, sweep?: SweepFields): void;
  destroy(): void;
}

/** The fields of a request that only sweeps and evolution have; a `run` of 1 and no limits unless given. */
export type SweepFields = Pick<RequestFields, 'infeasible' | 'pareto' | 'frontSize' | 'threshold'> & {
  readonly run?: number;
  readonly limits?: readonly Limit[];
};

const NO_SWEEP: SweepFields = { infeasible: 0, pareto: 0, frontSize: 0, threshold: NO_THRESHOLD };

/** Of the first objective of a goal, no front and no best designs. */
export function firstObjectiveOf({ mask, limits }: Goal): SweepFields {
  return { ...NO_SWEEP, infeasible: mask, limits };
}

/** @param digitCount digits that one dispatch has at most */
export function createRunBuffers(
  { device, structs }: OpenDevice,
  { spaceLayout }: Pipelines,
  shared: SpaceBuffers,
  digitCount: number,
): RunBuffers {
  const view = structs.view('Request');
  const request = upload(device, new Uint32Array(view.memory), GPUBufferUsage.UNIFORM);
  const digits = upload(device, new Uint32Array(digitCount), GPUBufferUsage.STORAGE);
  const bound = [request, shared.geneValues, digits];
  return {
    group: device.createBindGroup({
      layout: spaceLayout,
      entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
    write(source, count, sweep = NO_SWEEP) {
      const { seed, startLow, startHigh } = source;
      const { limits = [], ...fields } = sweep;
      view.write({
        count,
        seed,
        startLow,
        startHigh,
        run: 1,
        limitCount: limits.length,
        limits: packLimits(limits),
        ...fields,
      });
      device.queue.writeBuffer(request, 0, view.memory);
      if (source.digits.length > 0) {
        device.queue.writeBuffer(digits, 0, source.digits.buffer, source.digits.byteOffset, source.digits.byteLength);
      }
    },
    destroy: () => destroyAll([request, digits]),
  };
}
