import { DECODE_MODE, type Source } from '../../../kernels/decode/decode.js';
import { packObjectives } from '../../../kernels/objective/objective.js';
import {
  CANDIDATE_STRIDE,
  COUNTER,
  COUNTER_COUNT,
  FRONT_CAPACITY,
  MAX_OBJECTIVES,
} from '../../../kernels/reduce/layout.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { SweepRequest } from '../evaluator.js';
import type { OpenDevice } from './device.js';
import { createRunBuffers, destroyAll, type SpaceBuffers, type SweepFields, upload } from './spaceBuffers.js';

const COUNTER_BYTES = 4 * COUNTER_COUNT;
export const CANDIDATE_BYTES = 4 * CANDIDATE_STRIDE;

/** Candidates that come back with the counters; a chunk with more needs a second copy. */
const PROMPT_CANDIDATES = 4096;

/** What the GPU says of a chunk. */
export interface ChunkReport {
  /** Places as in COUNTER. */
  readonly counters: Uint32Array;
  /** CANDIDATE_STRIDE words each, in no particular order. */
  readonly candidates: Uint32Array;
}

/** The buffers that one chunk in flight has for itself. */
export interface Lane {
  /** `front`: rows of MAX_OBJECTIVES values of members of the Pareto front, at most FRONT_CAPACITY. */
  run(source: Source, count: number, fields: SweepFields, front: Float32Array): Promise<ChunkReport>;
  destroy(): void;
}

/** Makes a lane for chunks of at most `capacity` designs, so that their candidates always fit. */
export async function createLane(
  open: OpenDevice,
  space: CompiledSpace,
  shared: SpaceBuffers,
  request: SweepRequest,
  capacity: number,
): Promise<Lane> {
  const { device } = open;
  const pipelines = await open.whileAlive(open.pipelines(space));
  const mode = DECODE_MODE[request.source.kind];
  const entry = mode === DECODE_MODE.ordinals ? 'walk' : 'sweep';
  const pipeline = await open.whileAlive(pipelines.pipeline(entry, mode, request.everyOutput));
  const run = createRunBuffers(device, pipelines, shared, space.genes.length);
  const objectives = upload(device, Float32Array.from(packObjectives(request.objectives)), GPUBufferUsage.STORAGE);
  const frontBuffer = upload(device, new Float32Array(FRONT_CAPACITY * MAX_OBJECTIVES), GPUBufferUsage.UNIFORM);
  const counters = device.createBuffer({
    size: COUNTER_BYTES,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const candidates = device.createBuffer({
    size: capacity * CANDIDATE_BYTES,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const promptCandidates = Math.min(capacity, PROMPT_CANDIDATES);
  const staging = stagingBuffer(device, COUNTER_BYTES + promptCandidates * CANDIDATE_BYTES);
  const group = device.createBindGroup({
    layout: pipelines.taskLayouts[entry],
    entries: [objectives, frontBuffer, counters, candidates].map((buffer, i) => ({
      binding: 2 + i,
      resource: { buffer },
    })),
  });

  const submit = (threads: number): void => {
    const encoder = device.createCommandEncoder();
    encoder.clearBuffer(counters);
    const pass = encoder.beginComputePass();
    const grid = pipelines.grid(entry, threads);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, run.group);
    pass.setBindGroup(1, group);
    pass.dispatchWorkgroups(grid.columns, grid.rows);
    pass.end();
    encoder.copyBufferToBuffer(counters, 0, staging, 0, COUNTER_BYTES);
    encoder.copyBufferToBuffer(candidates, 0, staging, COUNTER_BYTES, promptCandidates * CANDIDATE_BYTES);
    device.queue.submit([encoder.finish()]);
  };

  const readAll = async (count: number): Promise<Uint32Array> => {
    const bytes = count * CANDIDATE_BYTES;
    const all = stagingBuffer(device, bytes);
    await open.guard(() => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(candidates, 0, all, 0, bytes);
      device.queue.submit([encoder.finish()]);
    });
    const words = await readBack(open, all);
    all.destroy();
    return words;
  };

  return {
    async run(source, count, fields, front) {
      await open.guard(() => {
        run.write(source, count, fields);
        device.queue.writeBuffer(frontBuffer, 0, front.buffer, front.byteOffset, front.byteLength);
        submit(Math.ceil(count / (fields.run ?? 1)));
      });
      const words = await readBack(open, staging);
      const found = words[COUNTER.candidates]!;
      return {
        counters: words.subarray(0, COUNTER_COUNT),
        candidates:
          found > promptCandidates
            ? await readAll(found)
            : words.subarray(COUNTER_COUNT, COUNTER_COUNT + found * CANDIDATE_STRIDE),
      };
    },
    destroy() {
      run.destroy();
      destroyAll([objectives, frontBuffer, counters, candidates, staging]);
    },
  };
}

function stagingBuffer(device: GPUDevice, size: number): GPUBuffer {
  return device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
}

/** A copy of a staging buffer. */
async function readBack(open: OpenDevice, staging: GPUBuffer): Promise<Uint32Array> {
  await open.whileAlive(staging.mapAsync(GPUMapMode.READ));
  const words = new Uint32Array(staging.getMappedRange()).slice();
  staging.unmap();
  return words;
}
