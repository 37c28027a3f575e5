import type { Source } from '../../../kernels/decode/decode.js';
import { packGenes } from '../../../kernels/decode/genes.js';
import { NO_THRESHOLD } from '../../../kernels/reduce/layout.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { Pipelines } from './pipelines.js';
import { packRequest, REQUEST_BYTES, type RequestFields } from './request.js';

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

/** The fields of a request that only sweeps have; a `run` of 1 unless given. */
export type SweepFields = Pick<
  RequestFields,
  'objectiveCount' | 'infeasible' | 'pareto' | 'frontSize' | 'threshold'
> & {
  readonly run?: number;
};

const NO_SWEEP: SweepFields = { objectiveCount: 0, infeasible: 0, pareto: 0, frontSize: 0, threshold: NO_THRESHOLD };

/** @param digitCount digits that one dispatch has at most */
export function createRunBuffers(
  device: GPUDevice,
  { spaceLayout }: Pipelines,
  shared: SpaceBuffers,
  digitCount: number,
): RunBuffers {
  const request = device.createBuffer({
    size: REQUEST_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const digits = upload(device, new Uint32Array(digitCount), GPUBufferUsage.STORAGE);
  const bound = [request, shared.geneValues, digits];
  return {
    group: device.createBindGroup({
      layout: spaceLayout,
      entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
    write(source, count, sweep = NO_SWEEP) {
      const fields = {
        count,
        seed: source.seed,
        startLow: source.startLow,
        startHigh: source.startHigh,
        run: 1,
        ...sweep,
      };
      device.queue.writeBuffer(request, 0, packRequest(fields));
      if (source.digits.length > 0) {
        device.queue.writeBuffer(digits, 0, source.digits.buffer, source.digits.byteOffset, source.digits.byteLength);
      }
    },
    destroy: () => destroyAll([request, digits]),
  };
}
