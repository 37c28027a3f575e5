import { packGenes } from '../../../kernels/decode/genes.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { CANDIDATE_STRIDE, FRONT_CAPACITY, MAX_OBJECTIVES, NO_THRESHOLD } from '../../../kernels/reduce/layout.js';
import { keptTop, type SweepPart } from '../../../kernels/reduce/reduce.js';
import { chunkPart } from '../../../kernels/reduce/reducer.js';
import { Selection } from '../../../kernels/reduce/selection.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { ChunkRunner } from '../chunks.js';
import type { SweepRequest } from '../evaluator.js';
import { ordinalOf, sweepSource } from '../source.js';
import type { OpenDevice } from './device.js';
import { CANDIDATE_BYTES, createLane, type Lane } from './lane.js';
import type { SpaceBuffers } from './spaceBuffers.js';

/** Chunks in flight: the GPU works on one while the host merges the other. */
const LANES = 2;

/** From submit to part, behind one other chunk: so each submit takes about 25 ms. */
const TARGET_MS = 50;

/** Candidates have room for all designs of a chunk: 160 MB. */
const MAX_CHUNK = 2 ** 23;

/** A thread walks about so many ordinals: what it computes once for all of them then costs little. */
const LONG_RUN = 64;
const LONGEST_RUN = 256;

/** Ordinals that a thread walks: whole turns of the last genes, so that threads side by side change the same genes. */
function runLength({ genes }: CompiledSpace): number {
  let run = 1;
  for (let g = genes.length - 1; g >= 0 && run < LONG_RUN; g--) {
    if (run * genes[g]!.size > LONGEST_RUN) return Math.max(run, LONG_RUN / 4);
    run *= genes[g]!.size;
  }
  return run;
}

/** The rank threshold for the next chunk: strictly better designs only, since earlier ones win ties. */
function thresholdOf(finished: SweepPart, top: number): number {
  return finished.top[keptTop(top) - 1]?.objectives[0] ?? NO_THRESHOLD;
}

/** Members of the front, evenly chosen where there are too many: a filter, the host's merge decides. */
function packFront(finished: SweepPart): Float32Array {
  const count = Math.min(finished.pareto.length, FRONT_CAPACITY);
  const packed = new Float32Array(count * MAX_OBJECTIVES);
  for (let i = 0; i < count; i++) {
    const member = finished.pareto[Math.floor((i * finished.pareto.length) / count)]!;
    packed.set(member.objectives, i * MAX_OBJECTIVES);
  }
  return packed;
}

/**
 * Where candidates begin, by the indices of their designs: threads append in any order. Numbers are sorted many times as fast as by a
 * function that compares them, and one holds both: index and row are whole numbers up to MAX_CHUNK, 2^46 together.
 */
function placesInOrder(candidates: Uint32Array): Float64Array {
  const keys = new Float64Array(candidates.length / CANDIDATE_STRIDE);
  for (let row = 0; row < keys.length; row++) keys[row] = candidates[row * CANDIDATE_STRIDE]! * MAX_CHUNK + row;
  // A remainder of a number beyond 2^32 is slow; both steps are exact, for the divisor is a power of two.
  return keys.sort().map((key) => (key - Math.floor(key / MAX_CHUNK) * MAX_CHUNK) * CANDIDATE_STRIDE);
}

/**
 * Offers the GPU's candidates to a selection: in the order of their indices for a front alone, for of a walk that comes nearer to the
 * best every third design may be one. Else the last first: behind the best of such a walk the others are passed over.
 */
function select(candidates: Uint32Array, request: SweepRequest): Selection {
  const { objectives, top, pareto } = request;
  const selection = new Selection({ objectiveCount: objectives.length, top, pareto });
  const values = new Float32Array(candidates.buffer, candidates.byteOffset, candidates.length);
  const offer = (at: number): void => selection.consider(candidates[at]!, values, at + 1);
  if (pareto) placesInOrder(candidates).forEach(offer);
  else for (let at = candidates.length - CANDIDATE_STRIDE; at >= 0; at -= CANDIDATE_STRIDE) offer(at);
  return selection;
}

/** A runner of chunks, and the buffers to free after the sweep. */
export interface SweepRunner extends ChunkRunner {
  destroy(): void;
}

/** Makes what a sweep needs on a device. */
export async function createSweepRunner(
  open: OpenDevice,
  space: CompiledSpace,
  shared: SpaceBuffers,
  request: SweepRequest,
): Promise<SweepRunner> {
  const packed = packGenes(space);
  const limits = open.device.limits;
  const binding = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const maxSize = Math.min(MAX_CHUNK, Math.floor(binding / CANDIDATE_BYTES));
  const firstSize = Math.min(4096, maxSize);
  const idle: { lane: Lane; capacity: number }[] = [];
  const all: Lane[] = [];

  /** An idle lane with room for the chunk; a lane that is too small gives way to one that has room to grow. */
  const takeLane = async (count: number): Promise<{ lane: Lane; capacity: number }> => {
    const taken = idle.pop();
    if (taken !== undefined && taken.capacity >= count) return taken;
    taken?.lane.destroy();
    const capacity = Math.min(Math.max(firstSize, 2 ** Math.ceil(Math.log2(count))), maxSize);
    const lane = await createLane(open, space, shared, request, goal, capacity);
    all.push(lane);
    return { lane, capacity };
  };

  const goal = new Goal(space, request.objectives, request.limits);
  const fieldsOf = (finished: SweepPart, frontSize: number) => ({
    infeasible: goal.mask,
    pareto: request.pareto ? 1 : 0,
    limits: request.limits ?? [],
    run: request.source.kind === 'ordinals' ? runLength(space) : 1,
    frontSize,
    threshold: thresholdOf(finished, request.top),
  });

  return {
    lanes: LANES,
    targetMs: TARGET_MS,
    firstSize,
    maxSize,
    async run(start, count, finished) {
      const source = sweepSource(space, request, start);
      const front = packFront(finished);
      const taken = await takeLane(count);
      const fields = fieldsOf(finished, front.length / MAX_OBJECTIVES);
      const { counters, candidates } = await taken.lane.run(source, count, fields, front);
      idle.push(taken);
      const selection = select(candidates, request);
      return chunkPart(
        start,
        count,
        request.limits?.length ?? 0,
        counters,
        selection,
        ordinalOf(space, packed, source, start),
      );
    },
    destroy() {
      for (const lane of all) lane.destroy();
    },
  };
}
