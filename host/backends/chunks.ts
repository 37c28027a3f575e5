import { emptyPart, mergeParts, type SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { SweepControl, SweepRequest } from './evaluator.js';

/** How a backend runs the chunks of a sweep. */
export interface ChunkRunner {
  /** Chunks in flight at a time. */
  readonly lanes: number;
  /** Time that a chunk should take, from its start to its part. */
  readonly targetMs: number;
  readonly firstSize: number;
  readonly maxSize: number;
  /** `finished`: what may be used to drop designs early. The part is the same with any. */
  run(start: bigint, count: number, finished: SweepPart): Promise<SweepPart>;
}

const MIN_SIZE = 64;

/** What of a sweep is finished before it begins or goes on. */
export function beginningOf(request: SweepRequest, resumeFrom: SweepPart | undefined): SweepPart {
  if (resumeFrom === undefined) return emptyPart(request.start, request.limits?.length);
  if (resumeFrom.start === request.start && resumeFrom.evaluated <= request.count) return resumeFrom;
  throw new CosmicError(
    'RUN_MISMATCH',
    `a part of ${resumeFrom.evaluated} designs from ${resumeFrom.start} is not the beginning of ${request.count} from ${request.start}`,
    { remedy: 'resume with the range that the run was started with' },
  );
}

/**
 * Walks a sweep in chunks, several at a time, and merges their parts in order: the result does not depend on sizes or
 * timing. The size follows the measured time.
 *
 * @returns the whole, or the finished prefix if the signal ended it
 */
export async function sweepChunks(
  request: SweepRequest,
  runner: ChunkRunner,
  control: SweepControl = {},
  resumeFrom?: SweepPart,
): Promise<SweepPart> {
  let finished = beginningOf(request, resumeFrom);
  let size = runner.firstSize;
  let next = finished.start + finished.evaluated;
  const end = request.start + request.count;
  const inFlight: Promise<SweepPart>[] = [];

  const startChunk = (): void => {
    const count = end - next < BigInt(size) ? Number(end - next) : size;
    const began = performance.now();
    const chunk = runner.run(next, count, finished).then((part) => {
      if (count === size) size = adapt(size, runner.targetMs / (performance.now() - began), runner.maxSize);
      return part;
    });
    // A failure is met when its turn comes; until then it must not count as unhandled.
    chunk.catch(() => undefined);
    inFlight.push(chunk);
    next += BigInt(count);
  };

  try {
    for (;;) {
      while (inFlight.length < runner.lanes && next < end && !control.signal?.aborted) startChunk();
      const chunk = inFlight.shift();
      if (chunk === undefined) return finished;
      finished = mergeParts(finished, await chunk, request.top);
      await control.onChunk?.(finished);
    }
  } finally {
    await Promise.allSettled(inFlight);
  }
}

/** A size that comes closer to the target: by half, or four times as many, for a GPU is far from it at first. */
function adapt(size: number, ratio: number, maxSize: number): number {
  const wanted = Math.round(size * Math.min(Math.max(ratio, 0.5), 4));
  return Math.min(Math.max(wanted, MIN_SIZE), maxSize);
}
