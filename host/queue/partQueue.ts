/** The driver's side of a queue: parts go in, what they come to comes out, whatever happens to workers and server meanwhile. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import { z } from 'zod';
import { CosmicError } from '../../psa/errors.js';
import { sha256 } from '../runs/fingerprint.js';
import { pack, resultPurpose, unpack } from './messages.js';
import type { SizeSteps } from './partSizes.js';
import { announcementOf, CALL_MS, PREFIX, type QueuedRun, Registry } from './registry.js';
import { type Connection, connect, patienceMs, queueError, type ServerAddress, serverError } from './server.js';

/** A part that fails so often is given up. */
const ATTEMPTS = 3;
const BACK_OFF_MS = 500;

/** Events that the server keeps: results are in them, and what is missed is asked for. */
const MOST_EVENTS = 1000;

const TICK_MS = 1000;
/** Parts that nothing was heard of for so long are asked for. */
const QUIET_MS = 2000;
/** The oldest few; where there was news that events had not told of, twice as many the next time. */
const LEAST_ASKED = 4;
const MOST_ASKED = 1024;
/** When a driver ends, what it leaves on the server may take so long to remove. */
const FAREWELL_MS = 5000;

const answerSchema = z.strictObject({ ms: z.number().min(0), provenance: z.string().max(500), message: z.unknown() });

/** What a part came to. */
export interface Answer {
  readonly bytes: Buffer;
  /** How long a worker was at it. */
  readonly ms: number;
  /** Lets the server forget it; until then, it is there for another driver of the run. */
  release(): void;
}

/** A part that workers gave up. */
export class FailedPart extends CosmicError {
  constructor(
    address: ServerAddress,
    readonly part: string,
    readonly reason: string,
  ) {
    super('QUEUE', `${part}: given up after ${ATTEMPTS} attempts (${reason})`, {
      file: address.place,
      remedy: 'mend what the error names, then go on by --resume: what the other parts came to is kept',
    });
  }
}

interface Pending {
  /** What it is, for people. */
  readonly name: string;
  readonly job: ReturnType<typeof jobOf>;
  /** When it was last heard of or asked for. */
  heardMs: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** What BullMQ takes: a part is its own name, so that who asks for it again finds what it came to. */
function jobOf(id: string, message: unknown) {
  const backoff = { type: 'exponential', delay: BACK_OFF_MS };
  return { name: 'part', data: message, opts: { jobId: id, attempts: ATTEMPTS, backoff, stackTraceLimit: 1 } };
}

/** The parts of one run. */
export class PartQueue {
  private readonly pending = new Map<string, Pending>();
  private readonly promises = new Map<string, Promise<Answer>>();
  private unsent: Pending[] = [];
  /** What the evaluators are that parts were done by, each once. */
  readonly provenances = new Set<string>();
  private readonly registry: Registry;
  private readonly timer: NodeJS.Timeout;
  private readonly patience = patienceMs();
  private ticking: Promise<void> | undefined;
  private asksFor = LEAST_ASKED;
  /** When the run and its workers were called last. */
  private calledMs = Number.NEGATIVE_INFINITY;
  /** Since when the server has owed an answer. */
  private owedMs: number | undefined;
  private failure: unknown;

  private constructor(
    readonly address: ServerAddress,
    readonly name: string,
    private readonly connection: Connection,
    private readonly queue: Queue,
    private readonly events: QueueEvents,
    private readonly announcement: string,
    /** Workers that are there. */
    public workers: number,
  ) {
    this.registry = new Registry(connection.redis, address);
    this.timer = setInterval(() => this.tick(), TICK_MS);
    const ask = ({ jobId }: { jobId: string }) => void this.ask(jobId);
    events.on('completed', ({ jobId, returnvalue }) => this.settle(jobId, returnvalue));
    events.on('failed', ask);
    events.on('duplicated', ask);
    // A broken connection is made again; how long that may take is looked at in each tick.
    events.on('error', () => undefined);
    queue.on('error', () => undefined);
  }

  /**
   * Opens the queue of a run; what an earlier driver of it left undone is forgotten, what it left done is taken.
   *
   * @param name of the run, a hash
   * @throws CosmicError QUEUE where the server cannot be used
   */
  static async open(address: ServerAddress, name: string, run: Omit<QueuedRun, 'cosmic'>): Promise<PartQueue> {
    const connection = await connect(address);
    const { redis } = connection;
    try {
      const announcement = announcementOf(address, name, run);
      // First what may fail, for what listens to the server keeps the process alive.
      const registry = new Registry(redis, address);
      await registry.callRun(name, announcement);
      const workers = (await registry.workers()).length;
      const shared = { connection: redis, prefix: PREFIX };
      const queue = new Queue(name, { ...shared, streams: { events: { maxLen: MOST_EVENTS } } });
      await queue.waitUntilReady();
      await queue.drain(true);
      await queue.clean(0, 0, 'failed');
      const [last] = await redis.xrevrange(queue.keys.events as string, '+', '-', 'COUNT', 1);
      const events = new QueueEvents(name, { ...shared, lastEventId: last?.[0] ?? '0-0' });
      await events.waitUntilReady();
      return new PartQueue(address, name, connection, queue, events, announcement, workers);
    } catch (error) {
      connection.close();
      throw serverError(address, error);
    }
  }

  /**
   * Has a part done by a worker, whichever.
   *
   * @param part plain data, as the work's schema has it
   * @param name what it is, for people
   * @throws FailedPart where workers gave it up; CosmicError QUEUE where the server is gone or a result is not as it was written
   */
  run(part: object, name: string): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const text = JSON.stringify(part);
    const id = `part-${sha256(`${this.name}\n${text}`)}`;
    const known = this.promises.get(id);
    if (known !== undefined) return known;
    const message = pack(this.address.secret, `${this.name}/${id}`, text);
    if (message === undefined) return Promise.reject(new Error(`${name} is too large for a message`));
    const answer = new Promise<Answer>((resolve, reject) => {
      const pending = { name, job: jobOf(id, message), heardMs: performance.now(), resolve, reject };
      this.pending.set(id, pending);
      if (this.unsent.push(pending) === 1) queueMicrotask(() => void this.send());
    });
    this.promises.set(id, answer);
    return answer;
  }

  partSizes(): Promise<SizeSteps> {
    return this.registry.partSizes(this.name);
  }

  keepPartSize(start: bigint, designs: number): Promise<void> {
    return this.registry.keepPartSize(this.name, start, designs);
  }

  /**
   * Ends the driver's part.
   *
   * @param keep what parts came to that nobody took, for another driver of the run
   */
  async close(keep: boolean): Promise<void> {
    clearInterval(this.timer);
    const farewell = async () => {
      // A call that is under way would tell of the run once more, behind our back.
      await this.ticking;
      await this.registry.forgetRun(this.name, keep);
      if (keep) await this.queue.drain(true);
      else await this.queue.obliterate({ force: true });
      await this.queue.close();
    };
    this.fail(queueError(this.address, 'the queue is closed', 'start the command again'));
    // Events are listened to until they are closed, and a server that is away would never let us come to that.
    const bye = Promise.all([this.events.close(), farewell()]).catch(() => undefined);
    await Promise.race([bye, sleep(FAREWELL_MS, undefined, { ref: false })]);
    this.connection.close();
  }

  private async send(): Promise<void> {
    const jobs = this.unsent.splice(0).map(({ job }) => job);
    try {
      await this.queue.addBulk(jobs);
    } catch (error) {
      this.fail(serverError(this.address, error));
    }
  }

  /** Nobody gets an answer any more. */
  private fail(error: unknown): void {
    this.failure ??= error;
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
    this.promises.clear();
  }

  private async call(): Promise<void> {
    this.calledMs = performance.now();
    await this.registry.callRun(this.name, this.announcement);
    this.workers = (await this.registry.workers()).length;
  }

  /** Is the server gone? Where we slept ourselves, its answer is there by the end of the turn. */
  private watch(): void {
    const isGone = () => this.owedMs !== undefined && performance.now() - this.owedMs > this.patience;
    if (!isGone()) return;
    setImmediate(() => {
      if (!isGone()) return;
      const away = `the server has been away for ${Math.round(this.patience / 1000)} seconds`;
      this.fail(queueError(this.address, away, 'start it again, then go on by --resume: what was done is saved'));
    });
  }

  private tick(): void {
    this.watch();
    if (this.failure !== undefined) return;
    this.ticking ??= this.look().finally(() => {
      this.ticking = undefined;
    });
  }

  private async look(): Promise<void> {
    this.owedMs = performance.now();
    try {
      if (performance.now() - this.calledMs > (this.workers === 0 ? 0 : CALL_MS)) await this.call();
      const quiet = performance.now() - QUIET_MS;
      const ids = this.quietSince(quiet, this.asksFor);
      const news = await Promise.all(ids.map((id) => this.ask(id)));
      this.asksFor = news.includes(true) ? Math.min(2 * this.asksFor, MOST_ASKED) : LEAST_ASKED;
    } catch (error) {
      this.meet(error);
    } finally {
      this.owedMs = undefined;
    }
  }

  /** Errors of the server are final, a connection that broke is not. */
  private meet(error: unknown): void {
    if ((error as Error).name === 'ReplyError') this.fail(serverError(this.address, error));
  }

  /** The first parts, in the order in which they were put in, that nothing was heard of since. */
  private quietSince(since: number, most: number): string[] {
    const ids: string[] = [];
    for (const [id, { heardMs }] of this.pending) {
      if (ids.length >= most) break;
      if (heardMs < since) ids.push(id);
    }
    return ids;
  }

  /**
   * Asks how a part is; one that a server lost is put in again.
   *
   * @returns whether there was something to do
   */
  private async ask(id: string): Promise<boolean> {
    const pending = this.pending.get(id);
    if (pending === undefined) return false;
    pending.heardMs = performance.now();
    try {
      const job = await this.queue.getJob(id);
      if (!this.pending.has(id)) return false;
      if (job === undefined) await this.queue.addBulk([pending.job]);
      else if (job.finishedOn === undefined) return false;
      else if (job.failedReason) this.giveUp(id, job.failedReason);
      else this.settle(id, job.returnvalue);
      return true;
    } catch (error) {
      this.meet(error);
      return false;
    }
  }

  private giveUp(id: string, reason: string): void {
    const pending = this.take(id);
    pending?.reject(new FailedPart(this.address, pending.name, reason));
  }

  private settle(id: string, plain: unknown): void {
    const pending = this.take(id);
    if (pending === undefined) return;
    const release = () => {
      this.queue.remove(id).catch(() => undefined);
    };
    try {
      const { ms, provenance, message } = answerSchema.parse(plain);
      const bytes = unpack(this.address.secret, resultPurpose(this.name, id, provenance), message, pending.name);
      this.provenances.add(provenance);
      pending.resolve({ bytes, ms, release });
    } catch (error) {
      // Who goes on has it done again.
      release();
      const why = error instanceof CosmicError ? error.message : `${pending.name} has no result of ours`;
      const remedy = 'see who else writes to the server, then go on by --resume: what was done before is saved';
      pending.reject(queueError(this.address, why, remedy));
    }
  }

  private take(id: string): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    this.promises.delete(id);
    return pending;
  }
}
