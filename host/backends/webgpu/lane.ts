import { DECODE_MODE, type Source } from '../../../kernels/decode/decode.js';
import type { Goal } from '../../../kernels/objective/goal.js';
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
import { needsOf } from './pipelines.js';
import { createRunBuffers, destroyAll, type SpaceBuffers, type SweepFields, upload } from './spaceBuffers.js';
import { createStaging, readWork } from './submit.js';

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
  goal: Goal,
  capacity: number,
): Promise<Lane> {
  const { device } = open;
  const pipelines = open.pipelines(space);
  const mode = DECODE_MODE[request.source.kind];
  const entry = mode === DECODE_MODE.ordinals ? 'walk' : 'sweep';
  const pipeline = await open.whileAlive(pipelines.pipeline(entry, mode, needsOf(goal, request.everyOutput)));
  const run = createRunBuffers(open, pipelines, shared, space.genes.length);
  const objectives = upload(device, Float32Array.from(goal.packed), GPUBufferUsage.STORAGE);
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
  const promptBytes = promptCandidates * CANDIDATE_BYTES;
  const staging = createStaging(device, COUNTER_BYTES + promptBytes);
  const group = device.createBindGroup({
    layout: pipelines.taskLayouts[entry],
    entries: [objectives, frontBuffer, counters, candidates].map((buffer, i) => ({
      binding: 2 + i,
      resource: { buffer },
    })),
  });

  const words = (bytes: ArrayBuffer) => new Uint32Array(bytes).slice();

  const readAll = (count: number): Promise<Uint32Array> => {
    const parts = [{ buffer: candidates, bytes: count * CANDIDATE_BYTES }];
    return readWork(open, {}, { parts, take: words });
  };

  return {
    async run(source, count, fields, front) {
      const work = {
        prepare(encoder: GPUCommandEncoder) {
          run.write(source, count, fields);
          device.queue.writeBuffer(frontBuffer, 0, front.buffer, front.byteOffset, front.byteLength);
          encoder.clearBuffer(counters);
        },
        groups: [run.group, group],
        dispatches: [{ pipeline, grid: pipelines.grid(entry, Math.ceil(count / (fields.run ?? 1))) }],
      };
      const parts = [
        { buffer: counters, bytes: COUNTER_BYTES },
        { buffer: candidates, bytes: promptBytes },
      ];
      const read = await readWork(open, work, { parts, staging, take: words });
      const found = read[COUNTER.candidates]!;
      return {
        counters: read.subarray(0, COUNTER_COUNT),
        candidates:
          found > promptCandidates
            ? await readAll(found)
            : read.subarray(COUNTER_COUNT, COUNTER_COUNT + found * CANDIDATE_STRIDE),
      };
    },
    destroy() {
      run.destroy();
      destroyAll([objectives, frontBuffer, counters, candidates, staging]);
    },
  };
}
