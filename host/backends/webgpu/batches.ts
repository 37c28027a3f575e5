import { OUTPUT_COUNT } from '../../../kernels/outputs.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { Batch, Results } from '../evaluator.js';
import { batchSource, sliceBatch } from '../source.js';
import type { OpenDevice } from './device.js';
import type { Pipelines } from './pipelines.js';
import { createRunBuffers, destroyAll, type RunBuffers, type SpaceBuffers } from './spaceBuffers.js';
import { createStaging, readWork } from './submit.js';

/** Designs of one dispatch: enough to fill a GPU, few enough to stay far from a watchdog's seconds. */
const CHUNK = 2 ** 15;

const OUTPUT_BYTES = 4 * OUTPUT_COUNT;
const STATUS_BYTES = 4;

/** Evaluates batches on one device. One batch at a time. */
export interface BatchRunner {
  run(batch: Batch): Promise<Results>;
  destroy(): void;
}

/** Buffers for so many designs at once. */
interface Room {
  readonly designs: number;
  readonly run: RunBuffers;
  readonly outputs: GPUBuffer;
  readonly status: GPUBuffer;
  readonly staging: GPUBuffer;
  readonly group: GPUBindGroup;
}

function createRoom(
  open: OpenDevice,
  pipelines: Pipelines,
  shared: SpaceBuffers,
  genes: number,
  designs: number,
): Room {
  const { device } = open;
  const results = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const outputs = device.createBuffer({ size: designs * OUTPUT_BYTES, usage: results });
  const status = device.createBuffer({ size: designs * STATUS_BYTES, usage: results });
  const group = device.createBindGroup({
    layout: pipelines.taskLayouts.evaluate,
    entries: [outputs, status].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const staging = createStaging(device, designs * (OUTPUT_BYTES + STATUS_BYTES));
  return { designs, run: createRunBuffers(open, pipelines, shared, designs * genes), outputs, status, staging, group };
}

function destroyRoom({ run, outputs, status, staging }: Room): void {
  run.destroy();
  destroyAll([outputs, status, staging]);
}

/** Evaluates batches over a space, in buffers that are as large as the largest batch so far asks for. */
export function createBatchRunner(open: OpenDevice, space: CompiledSpace, shared: SpaceBuffers): BatchRunner {
  const pipelines = open.pipelines(space);
  let kept: Room | undefined;

  const roomFor = (designs: number): Room => {
    if (kept !== undefined && kept.designs >= designs) return kept;
    if (kept !== undefined) destroyRoom(kept);
    kept = createRoom(open, pipelines, shared, space.genes.length, Math.min(2 ** Math.ceil(Math.log2(designs)), CHUNK));
    return kept;
  };

  const runChunk = async (batch: Batch, into: Results, row: number): Promise<void> => {
    const { count } = batch;
    const source = batchSource(space, batch);
    const { run, outputs, status, staging, group } = roomFor(count);
    const pipeline = await open.whileAlive(pipelines.pipeline('evaluate', source.mode));
    const work = {
      prepare: () => run.write(source, count),
      groups: [run.group, group],
      dispatches: [{ pipeline, grid: pipelines.grid('evaluate', count) }],
    };
    await readWork(open, work, {
      parts: [
        { buffer: outputs, bytes: count * OUTPUT_BYTES },
        { buffer: status, bytes: count * STATUS_BYTES },
      ],
      staging,
      take(bytes) {
        into.outputs.set(new Float32Array(bytes, 0, count * OUTPUT_COUNT), row * OUTPUT_COUNT);
        into.status.set(new Uint32Array(bytes, count * OUTPUT_BYTES, count), row);
      },
    });
  };

  return {
    async run(batch) {
      const { count } = batch;
      const into = { count, outputs: new Float64Array(count * OUTPUT_COUNT), status: new Uint32Array(count) };
      for (let row = 0; row < count; row += CHUNK) {
        await runChunk(sliceBatch(space, batch, row, Math.min(CHUNK, count - row)), into, row);
      }
      return into;
    },
    destroy() {
      if (kept !== undefined) destroyRoom(kept);
    },
  };
}
