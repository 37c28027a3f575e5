import type { Source } from '../../kernels/decode/decode.js';
import { packGenes } from '../../kernels/decode/genes.js';
import { NO_THRESHOLD } from '../../kernels/reduce/layout.js';
import { buildTables } from '../../kernels/workload/tables.js';
import type { CompiledSpace } from '../../psa/space.js';
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
  readonly genes: GPUBuffer;
  readonly geneValues: GPUBuffer;
  readonly tableReal: GPUBuffer;
  readonly tableInteger: GPUBuffer;
  destroy(): void;
}

/** Uploads genes and workload tables. */
export function createSpaceBuffers(device: GPUDevice, space: CompiledSpace): SpaceBuffers {
  const packed = packGenes(space);
  const tables = buildTables(space.workload);
  const buffers = {
    genes: upload(device, packed.genes, GPUBufferUsage.STORAGE),
    geneValues: upload(device, Float32Array.from(packed.values), GPUBufferUsage.STORAGE),
    tableReal: upload(device, Float32Array.from(tables.real), GPUBufferUsage.STORAGE),
    tableInteger: upload(device, tables.integer, GPUBufferUsage.STORAGE),
  };
  return { ...buffers, destroy: () => destroyAll(Object.values(buffers)) };
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

/** The fields of a request that only sweeps have; a `run` of 1 and all outputs unless given. */
export type SweepFields = Pick<
  RequestFields,
  'objectiveCount' | 'infeasible' | 'pareto' | 'frontSize' | 'threshold'
> & {
  readonly run?: number;
  readonly skip?: number;
};

const NO_SWEEP: SweepFields = { objectiveCount: 0, infeasible: 0, pareto: 0, frontSize: 0, threshold: NO_THRESHOLD };

/** @param digitCount digits that one dispatch has at most */
export function createRunBuffers(
  device: GPUDevice,
  { spaceLayout }: Pipelines,
  space: CompiledSpace,
  shared: SpaceBuffers,
  digitCount: number,
): RunBuffers {
  const request = device.createBuffer({
    size: REQUEST_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const digits = upload(device, new Uint32Array(digitCount), GPUBufferUsage.STORAGE);
  const bound = [request, shared.genes, shared.geneValues, digits, shared.tableReal, shared.tableInteger];
  return {
    group: device.createBindGroup({
      layout: spaceLayout,
      entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
    write(source, count, sweep = NO_SWEEP) {
      const fields = {
        npus: space.npus,
        dimensions: space.dimensions,
        mode: source.mode,
        geneCount: space.genes.length,
        tiers: space.tiers,
        count,
        seed: source.seed,
        startLow: source.startLow,
        startHigh: source.startHigh,
        run: 1,
        skip: 0,
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
