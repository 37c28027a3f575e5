/** The other side of a queue: takes parts of whatever runs are driven there, and does them. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { CosmicError } from '../../psa/errors.js';
import { chooseBackend } from '../backends/chooseBackend.js';
import type { EvaluatorOptions } from '../backends/createEvaluator.js';
import type { BackendName } from '../backends/evaluator.js';
import { type Labour, type LabourOptions, labourOf } from './labour.js';
import { pack, resultPurpose, TOO_LARGE, unpack } from './messages.js';
import { News } from './news.js';
import { CALL_MS, PREFIX, type QueuedRun, Registry, workerName } from './registry.js';
import { connect, patienceMs, queueError, type ServerAddress, serverError } from './server.js';

/** Runs that a worker serves at a time: each holds its space, and buffers on the device. */
const RUNS_AT_A_TIME = 4;

/** How often a worker looks for runs that it was not told of. */
const LOOK_MS = 500;

/** So often it says so again: a worker that sleeps for longer than the rest of that time loses the part, and does it in vain. */
const RENEW_MS = 2000;
/** How often workers look for parts of those that died. */
const STALLED_MS = 3000;
/** Workers that may die over one part before it is given up: it may be what kills them, or not. */
const MOST_DEATHS = 10;

/** What a worker tells. */
export interface WorkerEvents {
  /** It serves a run from now on, by this evaluator; or no longer. */
  readonly onRun?: (name: string, description: string | undefined) => void;
  /** It will not serve a run. */
  readonly onRefusal?: (name: string, error: CosmicError) => void;
  /** It did a part of so many designs or boxes. */
  readonly onPart?: (count: number) => void;
}

export interface WorkerOptions extends WorkerEvents, LabourOptions {
  /** The best that it offers, and its threads. */
  readonly evaluator: EvaluatorOptions;
  /** Ends the work when the last run has ended that it has seen. */
  readonly untilEmpty?: boolean;
  /** Ends the work after the parts in progress. */
  readonly signal?: AbortSignal;
}

/** What a worker did. */
export interface WorkerSummary {
  readonly parts: number;
  /** Designs and boxes. */
  readonly designs: number;
}

/**
 * Takes parts from a queue until it is told to stop.
 *
 * @throws CosmicError QUEUE where the server cannot be used or is gone, RUN_MISMATCH where it has runs of other versions alone
 * @example
 * await work(parseAddress('redis://head:6379'), { evaluator: { backend: 'auto' }, untilEmpty: true });
 */
export async function work(address: ServerAddress, options: WorkerOptions): Promise<WorkerSummary> {
  const backend = options.evaluator.backend;
  const best = backend === 'auto' ? (await chooseBackend()).backend : backend;
  const { redis, close } = await connect(address);
  const crew = new Crew(address, redis, options, best);
  try {
    await crew.run();
  } catch (error) {
    throw serverError(address, error);
  } finally {
    await crew.leave(close);
  }
  return { parts: crew.parts, designs: crew.designs };
}

/** A run that is served. */
interface Service {
  readonly worker: Worker;
  readonly labour: Labour;
}

/** All that one worker process serves. */
class Crew {
  parts = 0;
  designs = 0;
  private readonly registry: Registry;
  private readonly news: News;
  private readonly services = new Map<string, Service>();
  private readonly refused = new Map<string, CosmicError>();
  private readonly name: string;
  private readonly patience = patienceMs();
  private hasSeenRun = false;
  /** When the server last answered. */
  private answeredMs = performance.now();

  constructor(
    private readonly address: ServerAddress,
    private readonly redis: Redis,
    private readonly options: WorkerOptions,
    private readonly best: BackendName,
  ) {
    this.registry = new Registry(redis, address);
    this.news = new News(redis);
    this.name = workerName(best, randomBytes(8).toString('hex'));
  }

  async run(): Promise<void> {
    const { signal, untilEmpty = false } = this.options;
    let calledMs = Number.NEGATIVE_INFINITY;
    let looking: Promise<readonly string[]> | undefined;
    while (signal?.aborted !== true) {
      looking ??= this.look(performance.now() - calledMs > CALL_MS);
      // A server that is away answers when it is back; it is not to hold up the end of our patience.
      const names = await Promise.race([looking, sleep(LOOK_MS)]);
      if (names === undefined) {
        if (this.isOutOfPatience()) throw this.gone();
        continue;
      }
      looking = undefined;
      this.answeredMs = performance.now();
      if (this.answeredMs - calledMs > CALL_MS) calledMs = this.answeredMs;
      if (!(await this.endsInTime(this.serve(names)))) throw this.gone();
      if (untilEmpty && this.hasSeenRun && names.length === 0) return;
      await this.news.wait(LOOK_MS, signal);
    }
  }

  /**
   * Ends all work after the parts in progress. Their results wait for a server that is away, as long as our patience lasts.
   *
   * @param close ends the connection
   */
  async leave(close: () => void): Promise<void> {
    this.news.close();
    const labours = [...this.services.values()].map(({ labour }) => labour);
    const stopped = Promise.all([...this.services.keys()].map((name) => this.stop(name)));
    const isDone = await this.endsInTime(stopped);
    if (isDone && this.redis.status === 'ready') await this.registry.forgetWorker(this.name).catch(() => undefined);
    close();
    if (isDone) return;
    // The library waits for good; of ours nothing is left.
    await Promise.all(labours.map((labour) => labour.close()));
    throw this.gone();
  }

  /** Does what needs the server end before our patience with it? The library asks one that is away for good. */
  private async endsInTime(task: Promise<unknown>): Promise<boolean> {
    const over = new AbortController();
    try {
      return await Promise.race([task.then(() => true), this.silence(over.signal)]);
    } finally {
      over.abort();
    }
  }

  /** Ends when the server has not answered for as long as our patience lasts, or is told to; it keeps no process alive. */
  private async silence(signal: AbortSignal): Promise<false> {
    let isAsked = false;
    const answered = () => {
      isAsked = false;
      this.answeredMs = performance.now();
    };
    while (!signal.aborted && !this.isOutOfPatience()) {
      if (!isAsked) this.redis.ping().then(answered, () => undefined);
      isAsked = true;
      await sleep(LOOK_MS, undefined, { ref: false });
      // Where this process was busy for longer than our patience, an answer is there that it has not read.
      await turn();
    }
    return false;
  }

  private isOutOfPatience(): boolean {
    return performance.now() - this.answeredMs > this.patience;
  }

  private gone(): CosmicError {
    return queueError(this.address, 'the server is gone', 'start it again, then the worker');
  }

  private async look(calls: boolean): Promise<readonly string[]> {
    if (calls) await this.registry.callWorker(this.name);
    return this.registry.runs();
  }

  private async serve(names: readonly string[]): Promise<void> {
    for (const name of this.services.keys()) if (!names.includes(name)) await this.stop(name);
    for (const name of this.refused.keys()) if (!names.includes(name)) this.refused.delete(name);
    for (const name of names) {
      if (this.services.size >= RUNS_AT_A_TIME) return;
      if (!this.services.has(name) && !this.refused.has(name)) await this.begin(name);
    }
    const [refusal] = this.refused.values();
    if (refusal !== undefined && names.every((name) => this.refused.has(name))) throw refusal;
  }

  private async begin(name: string): Promise<void> {
    try {
      const run = await this.registry.run(name);
      if (run === undefined) return;
      this.hasSeenRun = true;
      if (this.offers(run)) this.services.set(name, await this.serviceOf(name, run));
    } catch (error) {
      if (!(error instanceof CosmicError)) throw error;
      this.refused.set(name, error);
      this.options.onRefusal?.(name, error);
    }
  }

  private offers({ backend }: QueuedRun): boolean {
    return backend === this.best || (backend === 'cpu' && this.best === 'webgpu');
  }

  private async serviceOf(name: string, queued: QueuedRun): Promise<Service> {
    const labour = await labourOf(queued, this.options, this.address.place);
    const { secret } = this.address;
    let lastEndMs = 0;
    const done = async ({ id = '', data }: Job) => {
      const beganMs = performance.now();
      const text = unpackPart(secret, `${name}/${id}`, data);
      const { bytes, count } = await labour.run(text);
      const { provenance } = labour;
      const message = pack(secret, resultPurpose(name, id, provenance), bytes);
      if (message === undefined) throw new UnrecoverableError(TOO_LARGE);
      this.parts++;
      this.designs += count;
      this.options.onPart?.(count);
      // Parts that wait for each other are not to count twice.
      const endMs = performance.now();
      const ms = endMs - Math.max(beganMs, lastEndMs);
      lastEndMs = endMs;
      return { ms, provenance, message };
    };
    const worker = new Worker(name, done, {
      connection: this.redis,
      prefix: PREFIX,
      concurrency: labour.atATime,
      lockDuration: labour.lockMs,
      lockRenewTime: RENEW_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: MOST_DEATHS,
      runRetryDelay: 1000,
    });
    // Connections that break are made again, and a lost lock means that another does the part.
    worker.on('error', () => undefined);
    this.options.onRun?.(name, labour.description);
    return { worker, labour };
  }

  private async stop(name: string): Promise<void> {
    const { worker, labour } = this.services.get(name)!;
    this.services.delete(name);
    await worker.close();
    await labour.close();
    this.options.onRun?.(name, undefined);
  }
}

function unpackPart(secret: string, purpose: string, data: unknown): string {
  return unpack(secret, purpose, data, 'the part').toString();
}
