import { mergeParts, type SweepPart } from '../../kernels/reduce/reduce.js';
import { beginningOf } from '../backends/chunks.js';
import type { SweepControl, SweepRequest } from '../backends/evaluator.js';
import { rangeText } from '../runs/sweepRuns.js';
import { unlessAborted } from './aborting.js';
import { TOO_LARGE } from './messages.js';
import { FailedPart, type PartQueue } from './partQueue.js';
import { PartSizes } from './partSizes.js';
import { sweepPart, sweepReader } from './parts.js';
import { queueError } from './server.js';

/** Parts at the end are smaller, so that workers come to their end together. */
const LAST_PARTS = 8;
const LAST_SHARE = 4;

/** Parts that are in the queue: so many that workers have enough while one part waits for a worker that died. */
const PARTS_PER_WORKER = 32;
const LEAST_WINDOW = 64;
const LARGEST_WINDOW = 8192;

/** Behind a part that was given up, so many are done and kept on the server for who goes on. */
const MOST_KEPT = 5000;

interface InFlight {
  readonly start: bigint;
  readonly count: bigint;
  readonly outcome: Promise<Done>;
}

/** What designs came to; undefined where workers gave a part of them up. */
interface Done {
  readonly part: SweepPart | undefined;
  readonly ms: number;
  readonly failure?: FailedPart;
  release(): void;
}

/**
 * Walks a sweep in parts that workers do, and merges them in their order: the result does not depend on their sizes, nor on who
 * did which. A part that is given up ends the sweep with its error, but not before the others are done.
 *
 * @param size designs of a part; what takes half a second unless given
 * @returns the whole, or the finished prefix if the signal ended it
 * @throws FailedPart, CosmicError QUEUE
 */
export async function sweepParts(
  queue: PartQueue,
  request: SweepRequest,
  designs: bigint,
  size: number | undefined,
  control: SweepControl = {},
  resumeFrom?: SweepPart,
): Promise<SweepPart> {
  const sizes = new PartSizes(size, await queue.partSizes());
  return new Sweep(queue, request, designs, sizes, control, beginningOf(request, resumeFrom)).walk();
}

class Sweep {
  private next: bigint;
  private readonly end: bigint;
  private readonly inFlight: InFlight[] = [];
  private readonly failures: FailedPart[] = [];
  private readonly read: ReturnType<typeof sweepReader>;

  constructor(
    private readonly queue: PartQueue,
    private readonly request: SweepRequest,
    designs: bigint,
    private readonly sizes: PartSizes,
    private readonly control: SweepControl,
    private finished: SweepPart,
  ) {
    this.next = finished.start + finished.evaluated;
    this.end = request.start + request.count;
    this.read = sweepReader(request, designs, queue.address.place);
  }

  async walk(): Promise<SweepPart> {
    let kept = 0;
    while (this.control.signal?.aborted !== true) {
      const window = this.window();
      while (this.inFlight.length < window && this.next < this.end && kept < MOST_KEPT) this.launch();
      const first = this.inFlight.shift();
      if (first === undefined) break;
      const done = await unlessAborted(first.outcome, this.control.signal);
      if (done === undefined) break;
      if (done.failure !== undefined) this.failures.push(done.failure);
      if (this.failures.length > 0) kept++;
      else await this.take(done);
      if (done.failure === undefined) await this.learn(Number(first.count), done.ms);
    }
    if (this.failures.length > 0) throw this.failures[0];
    return this.finished;
  }

  private async take({ part, release }: Done): Promise<void> {
    this.finished = mergeParts(this.finished, part!, this.request.top);
    release();
    await this.control.onChunk?.(this.finished);
  }

  private async learn(count: number, ms: number): Promise<void> {
    const size = this.sizes.learn(count, ms, this.queue.workers, this.next);
    if (size !== undefined) await this.queue.keepPartSize(this.next, size);
  }

  private window(): number {
    const { workers } = this.queue;
    if (!this.sizes.isSettled) return Math.max(1, workers);
    return Math.min(Math.max(PARTS_PER_WORKER * workers, LEAST_WINDOW), LARGEST_WINDOW);
  }

  private launch(): void {
    const size = this.sizes.at(this.next);
    const left = this.end - this.next;
    const wanted = left > BigInt(LAST_PARTS * size) ? BigInt(size) : BigInt(Math.ceil(size / LAST_SHARE));
    const count = left < wanted ? left : wanted;
    const outcome = this.do(this.next, count);
    // A failure is met when its turn comes; until then it must not count as unhandled.
    outcome.catch(() => undefined);
    this.inFlight.push({ start: this.next, count, outcome });
    this.next += count;
  }

  /** Has designs evaluated; where their result is too large for a message, their halves. */
  private async do(start: bigint, count: bigint): Promise<Done> {
    try {
      const { bytes, ms, release } = await this.queue.run(
        sweepPart(this.request, start, count),
        rangeText({ source: this.request.source, start, count }),
      );
      const part = this.read(bytes, start, count);
      if (part !== undefined) return { part, ms, release };
      throw queueError(
        this.queue.address,
        'a result has other designs than its part',
        'see who else writes to the server',
      );
    } catch (error) {
      if (!(error instanceof FailedPart)) throw error;
      if (!error.reason.includes(TOO_LARGE) || count === 1n) {
        return { part: undefined, ms: 0, failure: error, release: () => undefined };
      }
      const half = count / 2n;
      return this.join(await Promise.all([this.do(start, half), this.do(start + half, count - half)]));
    }
  }

  private join([a, b]: readonly [Done, Done] | Done[]): Done {
    const release = () => {
      a!.release();
      b!.release();
    };
    const failure = a!.failure ?? b!.failure;
    const part = failure === undefined ? mergeParts(a!.part!, b!.part!, this.request.top) : undefined;
    return { part, ms: a!.ms + b!.ms, release, ...(failure === undefined ? {} : { failure }) };
  }
}
