import type { Source } from '../../../kernels/decode/decode.js';
import { OUTPUT_COUNT } from '../../../kernels/outputs.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { Batch, Results } from '../evaluator.js';
import { batchSource, sliceBatch } from '../source.js';
import type { OpenDevice } from './device.js';
import { createRunBuffers, destroyAll, type SpaceBuffers } from './spaceBuffers.js';

/** Designs of one dispatch: enough to fill a GPU, few enough to stay far from a watchdog's seconds. */
const CHUNK = 2 ** 15;

const OUTPUT_BYTES = 4 * OUTPUT_COUNT;
const STATUS_BYTES = 4;

/** Evaluates batches on one device. One batch at a time. */
export interface BatchRunner {
  run(batch: Batch): Promise<Results>;
  destroy(): void;
}

/** Makes the buffers for batches over a space. */
export async function createBatchRunner(
  open: OpenDevice,
  space: CompiledSpace,
  shared: SpaceBuffers,
): Promise<BatchRunner> {
  const { device } = open;
  const pipelines = await open.whileAlive(open.pipelines(space));
  const run = createRunBuffers(device, pipelines, shared, CHUNK * space.genes.length);
  const results = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const outputs = device.createBuffer({ size: CHUNK * OUTPUT_BYTES, usage: results });
  const status = device.createBuffer({ size: CHUNK * STATUS_BYTES, usage: results });
  const staging = device.createBuffer({
    size: CHUNK * (OUTPUT_BYTES + STATUS_BYTES),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const group = device.createBindGroup({
    layout: pipelines.taskLayouts.evaluate,
    entries: [outputs, status].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });

  const submit = (batch: Batch, source: Source, pipeline: GPUComputePipeline): void => {
    run.write(source, batch.count);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const grid = pipelines.grid('evaluate', batch.count);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, run.group);
    pass.setBindGroup(1, group);
    pass.dispatchWorkgroups(grid.columns, grid.rows);
    pass.end();
    encoder.copyBufferToBuffer(outputs, 0, staging, 0, batch.count * OUTPUT_BYTES);
    encoder.copyBufferToBuffer(status, 0, staging, batch.count * OUTPUT_BYTES, batch.count * STATUS_BYTES);
    device.queue.submit([encoder.finish()]);
  };

  const runChunk = async (batch: Batch, into: Results, row: number): Promise<void> => {
    const source = batchSource(space, batch);
    const pipeline = await open.whileAlive(pipelines.pipeline('evaluate', source.mode));
    await open.guard(() => submit(batch, source, pipeline));
    const bytes = batch.count * (OUTPUT_BYTES + STATUS_BYTES);
    await open.whileAlive(staging.mapAsync(GPUMapMode.READ, 0, bytes));
    const mapped = staging.getMappedRange(0, bytes);
    into.outputs.set(new Float32Array(mapped, 0, batch.count * OUTPUT_COUNT), row * OUTPUT_COUNT);
    into.status.set(new Uint32Array(mapped, batch.count * OUTPUT_BYTES, batch.count), row);
    staging.unmap();
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
      run.destroy();
      destroyAll([outputs, status, staging]);
    },
  };
}
