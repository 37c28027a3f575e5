import { DECODE_MODE } from '../../../kernels/decode/decode.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { OBJECTIVE_STRIDE } from '../../../kernels/objective/objective.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { BoxesRequest } from '../evaluator.js';
import type { OpenDevice } from './device.js';
import {
  createRunBuffers,
  destroyAll,
  firstObjectiveOf,
  type SpaceBuffers,
  type SweepFields,
  upload,
} from './spaceBuffers.js';
import { createStaging, readWork } from './submit.js';

/** Boxes of one dispatch. */
const CHUNK = 2 ** 14;

/** Of a box: a product, a status word and the broken limits. */
const PRODUCT_BYTES = 4;
const STATUS_BYTES = 8;

/** What the device makes of boxes, in f32; a row each. */
export interface DeviceBounds {
  /** What the first objective is made of, at least. */
  readonly products: Float32Array;
  /** Statuses that count, and BOUND_DOUBTFUL. */
  readonly status: Uint32Array;
  readonly broken: Uint32Array;
}

/** Bounds boxes on one device. One request at a time. */
export interface BoxRunner {
  run(request: BoxesRequest): Promise<DeviceBounds>;
  destroy(): void;
}

/** Makes the buffers for boxes of a space. */
export async function createBoxRunner(
  open: OpenDevice,
  space: CompiledSpace,
  shared: SpaceBuffers,
): Promise<BoxRunner> {
  const { device } = open;
  const width = space.genes.length;
  const pipelines = open.pipelines(space);
  const pipeline = await open.whileAlive(pipelines.pipeline('bound'));
  const digits = new Uint32Array(2 * CHUNK * width);
  const run = createRunBuffers(open, pipelines, shared, digits.length);
  const objectives = upload(device, new Float32Array(OBJECTIVE_STRIDE), GPUBufferUsage.STORAGE);
  const results = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const products = device.createBuffer({ size: CHUNK * PRODUCT_BYTES, usage: results });
  const status = device.createBuffer({ size: CHUNK * STATUS_BYTES, usage: results });
  const staging = createStaging(device, CHUNK * (PRODUCT_BYTES + STATUS_BYTES));
  const group = device.createBindGroup({
    layout: pipelines.taskLayouts.bound,
    entries: [products, status, objectives].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });

  /** The rows of the first digits, then those of the last. */
  const packRows = ({ first, last }: BoxesRequest, from: number, count: number): Uint32Array => {
    const rows = (all: Uint32Array): Uint32Array => all.subarray(from * width, (from + count) * width);
    digits.set(rows(first));
    digits.set(rows(last), count * width);
    return digits.subarray(0, 2 * count * width);
  };

  const runChunk = async (request: BoxesRequest, fields: SweepFields, from: number, into: DeviceBounds) => {
    const count = Math.min(CHUNK, request.count - from);
    const rows = packRows(request, from, count);
    const source = { mode: DECODE_MODE.digits, digits: rows, seed: 0, startLow: 0, startHigh: 0 };
    const work = {
      prepare: () => run.write(source, count, fields),
      groups: [run.group, group],
      dispatches: [{ pipeline, grid: pipelines.grid('bound', count) }],
    };
    await readWork(open, work, {
      parts: [
        { buffer: products, bytes: count * PRODUCT_BYTES },
        { buffer: status, bytes: count * STATUS_BYTES },
      ],
      staging,
      take(bytes) {
        into.products.set(new Float32Array(bytes, 0, count), from);
        const words = new Uint32Array(bytes, count * PRODUCT_BYTES, 2 * count);
        for (let i = 0; i < count; i++) {
          into.status[from + i] = words[2 * i]!;
          into.broken[from + i] = words[2 * i + 1]!;
        }
      },
    });
  };

  return {
    async run(request) {
      const { count, limits } = request;
      const goal = new Goal(space, request.objectives, limits);
      const first = Float32Array.from(goal.packed.subarray(0, OBJECTIVE_STRIDE));
      device.queue.writeBuffer(objectives, 0, first.buffer);
      const fields = firstObjectiveOf(goal);
      const into = {
        products: new Float32Array(count),
        status: new Uint32Array(count),
        broken: new Uint32Array(count),
      };
      for (let from = 0; from < count; from += CHUNK) await runChunk(request, fields, from, into);
      return into;
    },
    destroy() {
      run.destroy();
      destroyAll([objectives, products, status, staging]);
    },
  };
}
