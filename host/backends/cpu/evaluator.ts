import { availableParallelism } from 'node:os';
import { OUTPUTS } from '../../../kernels/outputs.js';
import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import { CosmicError } from '../../../psa/errors.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { rulesOf } from '../../profiles/profiles.js';
import { sweepChunks } from '../chunks.js';
import {
  type Batch,
  type Bounds,
  type BoundsRequest,
  type BoxesRequest,
  type BoxValues,
  CPU_PROVENANCE,
  type Evaluator,
  type Results,
} from '../evaluator.js';
import { joinBoxValues, joinResults } from '../joinSlices.js';
import { checkBatch, checkSweep } from '../requests.js';
import { sliceBatch } from '../source.js';
import { createEngine } from './engine.js';
import { createInlinePool, createWorkerPool, type Pool } from './pool.js';

/** Smaller batches are done before a worker would have its message. */
const PARALLEL_FROM = 256;

/** Designs that one thread has evaluated before workers would have started and warmed up. */
const WORKERS_FROM = 8192;

/** Chunks per thread: one in work and one that waits, so that no thread idles while the oldest chunk is merged. */
const CHUNKS_PER_THREAD = 2;

/** From the asking to the part, waiting included: so each chunk takes a quarter of a second, and progress is smooth. */
const TARGET_MS = 500;

function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return;
  throw new CosmicError('VALUE_OUT_OF_RANGE', `${threads} is no number of threads`, {
    remedy: 'use a whole number from 1 to 1024, or leave it out for all cores',
  });
}

/**
 * Evaluates on worker threads with the f64 twins; one thread is the calling one.
 *
 * @param threads 1 … 1024; all cores unless given
 * @throws CosmicError VALUE_OUT_OF_RANGE
 */
export function createCpuEvaluator(space: CompiledSpace, threads = availableParallelism()): Evaluator {
  checkThreads(threads);
  const inline = createInlinePool(createEngine(space));
  let workers: Pool | undefined;
  /** Designs of all batches so far. */
  let asked = 0;

  const pool = (): Pool => {
    if (threads === 1) return inline;
    workers ??= createWorkerPool(space, threads);
    return workers;
  };

  /** Work on so many items, a slice of them for each thread. */
  const inSlices = <Part>(count: number, run: (from: number, size: number) => Promise<unknown>): Promise<Part[]> => {
    const size = Math.ceil(count / threads);
    const slices: Promise<Part>[] = [];
    for (let from = 0; from < count; from += size)
      slices.push(run(from, Math.min(size, count - from)) as Promise<Part>);
    return Promise.all(slices);
  };

  const evaluateSlices = async (batch: Batch, skip: number): Promise<Results> => {
    const run = (from: number, size: number) =>
      pool().run({ kind: 'evaluate', batch: sliceBatch(space, batch, from, size), skip });
    return joinResults(await inSlices(batch.count, run), batch.count);
  };

  const runBound = (on: Pool, request: BoxesRequest) => on.run({ kind: 'bound', request }) as Promise<BoxValues>;

  const boundSlices = async (request: BoxesRequest): Promise<BoxValues> => {
    const width = space.genes.length;
    const run = (from: number, count: number) => {
      const rows = (digits: Uint32Array) => digits.slice(from * width, (from + count) * width);
      return runBound(pool(), { ...request, count, first: rows(request.first), last: rows(request.last) });
    };
    return joinBoxValues(await inSlices(request.count, run), request.count);
  };

  const bounds = async ({ objectives, start, count }: BoundsRequest): Promise<Bounds> => {
    checkBatch(space, { kind: 'ordinals', start, count });
    const run = (from: number, size: number) => {
      const request = { objectives, start: start + BigInt(from), count: size };
      return pool().run({ kind: 'bounds', request });
    };
    const parts = await inSlices<Bounds>(count, run);
    return objectives.map((_, k) => {
      const values = new Float64Array(count);
      let from = 0;
      for (const part of parts) {
        values.set(part[k]!, from);
        from += part[k]!.length;
      }
      return values;
    });
  };

  return {
    backend: 'cpu',
    description: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'} (f64)`,
    provenance: CPU_PROVENANCE,
    space,
    covers: OUTPUTS.map(({ name }) => name),

    async evaluate(batch, skip = 0) {
      checkBatch(space, batch);
      asked += batch.count;
      const alone = threads === 1 || batch.count < PARALLEL_FROM || (workers === undefined && asked < WORKERS_FROM);
      if (!alone) return evaluateSlices(batch, skip);
      return (await inline.run({ kind: 'evaluate', batch, skip })) as Results;
    },

    ...(rulesOf(space.workload).createBounder !== undefined && { bounds }),

    async bound(request) {
      if (threads === 1 || request.count < PARALLEL_FROM) return runBound(inline, request);
      return boundSlices(request);
    },

    async sweep(request, control, resumeFrom) {
      checkSweep(space, request);
      const runner = {
        lanes: threads * CHUNKS_PER_THREAD,
        targetMs: TARGET_MS,
        firstSize: 512,
        maxSize: 2 ** 20,
        run: (start: bigint, count: number) =>
          pool().run({ kind: 'sweep', request, start, count }) as Promise<SweepPart>,
      };
      return sweepChunks(request, runner, control, resumeFrom);
    },

    async close() {
      await workers?.close();
      workers = undefined;
    },
  };
}
