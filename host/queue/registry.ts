/** What a server knows of runs that are driven and workers that wait: names with the time when they were last heard of. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { CosmicError } from '../../psa/errors.js';
import { parsedJson, readPlain } from '../../psa/plainData.js';
import type { BackendName } from '../backends/evaluator.js';
import { BACKENDS } from '../backends/evaluator.js';
import { spaceSchema } from '../runs/manifest.js';
import { cosmicVersion } from '../runs/version.js';
import { PROTOCOL, pack, unpack } from './messages.js';
import type { SizeSteps } from './partSizes.js';
import { queueError, type ServerAddress } from './server.js';

/** All keys begin so; BullMQ's own of a queue are `cosmic:<run>:…`. */
export const PREFIX = 'cosmic';

/** Where it is told that runs have begun or ended. All databases of a server have it: what it tells of may be in another. */
export const NEWS = `${PREFIX}:news`;

const RUNS = `${PREFIX}:runs`;
const WORKERS = `${PREFIX}:workers`;
const runKey = (run: string): string => `${PREFIX}:run:${run}`;
const sizeKey = (run: string): string => `${PREFIX}:size:${run}`;

/** Who was not heard of for so long is not there; everyone calls three times in it. */
const LIVES_MS = 15_000;
export const CALL_MS = LIVES_MS / 5;

const RUN_NAME = /^[0-9a-f]{64}$/;
const WORKER_NAME = /^(webgpu|cpu) [0-9a-f]{16}$/;

const runSchema = z.strictObject({
  cosmic: z.string().max(100),
  backend: z.enum(BACKENDS),
  work: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('space'), space: spaceSchema }),
    /** Its parts say which. */
    z.strictObject({ kind: z.literal('study') }),
  ]),
});

/** A run as workers have to know it: a space is in its texts, a study is of presets, nobody opens a file. */
export type QueuedRun = z.infer<typeof runSchema>;

export class Registry {
  /** How far the server's clock is before ours, ms; those of other machines may be wrong. Known from the first call on. */
  private aheadMs: number | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly address: ServerAddress,
  ) {}

  /** Tells of a run, or that it is driven still. */
  async callRun(name: string, announcement: string): Promise<void> {
    await this.redis.set(runKey(name), announcement);
    if (await this.call(RUNS, name)) await this.tellNews();
  }

  /** @param keep what another driver of it will want to know */
  async forgetRun(name: string, keep: boolean): Promise<void> {
    await this.redis.zrem(RUNS, name);
    await this.redis.del(runKey(name));
    if (!keep) await this.redis.del(sizeKey(name));
    await this.tellNews();
  }

  /** Names of runs that are driven. */
  async runs(): Promise<string[]> {
    return (await this.heardOf(RUNS)).filter((name) => RUN_NAME.test(name));
  }

  /**
   * What a driver tells of a run.
   *
   * @returns undefined where it has just ended
   * @throws CosmicError RUN_MISMATCH where it is of another version, QUEUE where it is not as it was written
   */
  async run(name: string): Promise<QueuedRun | undefined> {
    const text = await this.redis.get(runKey(name));
    return text === null ? undefined : readAnnouncement(this.address, name, text);
  }

  /** Designs of parts, from which design on, as they were chosen while the run was driven. */
  async partSizes(name: string): Promise<SizeSteps> {
    const steps = Object.entries(await this.redis.hgetall(sizeKey(name))).filter(
      ([start, size]) => /^\d{1,30}$/.test(start) && /^[1-9]\d{0,14}$/.test(size),
    );
    return new Map(steps.map(([start, size]) => [BigInt(start), Number(size)]));
  }

  async keepPartSize(name: string, start: bigint, designs: number): Promise<void> {
    await this.redis.hset(sizeKey(name), start.toString(), String(designs));
  }

  /** @param name by {@link workerName} */
  async callWorker(name: string): Promise<void> {
    await this.call(WORKERS, name);
  }

  async forgetWorker(name: string): Promise<void> {
    await this.redis.zrem(WORKERS, name);
  }

  /** The best backends of the workers that are there. */
  async workers(): Promise<BackendName[]> {
    return (await this.heardOf(WORKERS)).flatMap((name) => (WORKER_NAME.exec(name)?.[1] as BackendName) ?? []);
  }

  /** Nothing depends on it: a word may get lost, and the server may not let us. */
  private async tellNews(): Promise<void> {
    await this.redis.publish(NEWS, '').catch(() => undefined);
  }

  private async clock(): Promise<number> {
    const [seconds] = (await this.redis.time()) as unknown as [string | number];
    this.aheadMs = 1000 * Number(seconds) - Date.now();
    return this.aheadMs;
  }

  /**
   * Who calls, looks after those who do no longer.
   *
   * @returns whether it was not there before
   */
  private async call(list: string, name: string): Promise<boolean> {
    const now = Math.round(Date.now() + (await this.clock()));
    const added = await this.redis.zadd(list, String(now), name);
    await this.redis.zremrangebyscore(list, '-inf', `(${now - LIVES_MS}`);
    return Number(added) > 0;
  }

  /** One command: many ask often. */
  private async heardOf(list: string): Promise<string[]> {
    const now = Date.now() + (this.aheadMs ?? (await this.clock()));
    return this.redis.zrangebyscore(list, `(${Math.round(now - LIVES_MS)}`, '+inf');
  }
}

/** A new worker's name: its best backend, and what tells it from others. */
export function workerName(backend: BackendName, random: string): string {
  return `${backend} ${random}`;
}

/**
 * What a driver tells workers of its run.
 *
 * @throws CosmicError QUEUE where the texts of the space are too long
 */
export function announcementOf({ secret }: ServerAddress, name: string, run: Omit<QueuedRun, 'cosmic'>): string {
  const message = pack(secret, name, JSON.stringify({ ...run, cosmic: cosmicVersion }));
  if (message === undefined) {
    throw new CosmicError('QUEUE', 'the files of the space are too long for a queue', {
      remedy: 'leave out of them what the space does not use',
    });
  }
  // Outside the seal, so that other versions can tell.
  return JSON.stringify({ cosmic: cosmicVersion, protocol: PROTOCOL, message });
}

const announcementSchema = z.object({ cosmic: z.string().max(100), protocol: z.number(), message: z.unknown() });

function readAnnouncement(address: ServerAddress, name: string, text: string): QueuedRun {
  const place = address.place;
  const announced = announcementSchema.safeParse(parsedJson(text));
  if (!announced.success) {
    const remedy = 'use another database of it, such as redis://host:6379/1, or remove the keys that begin with cosmic';
    throw queueError(address, 'the server holds a run that no driver of cosmic wrote', remedy);
  }
  const { cosmic, protocol, message } = announced.data;
  if (cosmic !== cosmicVersion || protocol !== PROTOCOL) {
    throw new CosmicError('RUN_MISMATCH', `the run is of cosmic ${cosmic}, this worker is of ${cosmicVersion}`, {
      file: place,
      remedy: 'start workers of the version that drives the run',
    });
  }
  const told = parsedJson(unpack(address.secret, name, message, 'what the server tells of the run').toString());
  return readPlain(runSchema, told, (why) =>
    queueError(address, `the server tells of the run: ${why}`, 'see who else writes to the server'),
  );
}
