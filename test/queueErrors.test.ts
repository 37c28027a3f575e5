/** What goes wrong over a queue: one error each, nothing lost, and no secret in a file or a log. */
import { EventEmitter, once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { pack } from '../host/queue/messages.js';
import type { PartResult } from '../host/queue/parts.js';
import { parseAddress } from '../host/queue/server.js';
import { work } from '../host/queue/worker.js';
import { cosmic, cosmicAfter, type Outcome, startCosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { freePort, hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';
import { temporaryFolder } from './temporaryFolder.js';

const PASSWORD = 'correct-horse-battery';
const folder = temporaryFolder('queue-errors');

const SWEEP = [
  'sweep',
  'cosmic-network',
  '--count',
  '60000',
  '--backend',
  'cpu',
  '--part-size',
  '5000',
  '--out',
  'run',
];
const RESUME = ['sweep', '--resume', 'run', '--part-size', '5000'];
const WORKER = ['--threads', '1', '--backend', 'cpu'];

function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

/** Puts on the server what says to be a run, and does not grow old. */
async function announce(client: Redis, announcement: string): Promise<void> {
  const name = 'ab'.repeat(32);
  await client.set(`cosmic:run:${name}`, announcement);
  await client.zadd('cosmic:runs', String(Date.now() + 3_600_000), name);
}

/** One error: three lines at the end of stderr, no stack, no secret. */
function expectError({ code, stderr, stdout }: Outcome, what: RegExp): void {
  expect(stderr).toMatch(what);
  expect(stderr).toMatch(/error: .+\n {2}at: {2}.+\n {2}fix: .+\n$/);
  expect(stderr).not.toMatch(/defect|\n {4}at /);
  expect(stderr + stdout).not.toContain(PASSWORD);
  expect(code).toBe(2);
}

describe.skipIf(!hasQueueServer)('over a queue', () => {
  let server: QueueServer;
  let expected: Record<string, string>;

  beforeAll(async () => {
    server = await startQueueServer(PASSWORD);
    const alone = place('alone');
    await cosmic(alone, ...SWEEP);
    expected = filesOf(join(alone, 'run'));
  });
  beforeEach(async () => {
    const client = server.client();
    await client.flushall();
    client.disconnect();
  });
  afterAll(() => server.stop());

  /** Goes on with a sweep by a worker of ours, to what one process comes to. */
  async function expectResumed(at: string): Promise<void> {
    const worker = startCosmic(at, 'worker', server.url, ...WORKER, '--until-empty');
    const resumed = await cosmic(at, ...RESUME, '--queue', server.url);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect((await worker.outcome).code).toBe(0);
    expect(filesOf(join(at, 'run'))).toEqual(expected);
  }

  it.each([
    ['driver', (url: string) => [...SWEEP, '--queue', url]],
    ['worker', (url: string) => ['worker', url, ...WORKER]],
  ])('a %s says what is wrong with the server, and how to mend it', async (name, command) => {
    const at = place(name);
    const { host } = new URL(server.url);
    const nobody = await freePort();
    const outcomes = await Promise.all(
      [
        `redis://:${PASSWORD}-${PASSWORD}@${host}`,
        `redis://${host}`,
        `redis://127.0.0.1:${nobody}`,
        `rediss://:${PASSWORD}@${host}`,
        `http://${host}`,
        `redis://:${PASSWORD}@`,
      ].map((url) => cosmic(at, ...command(url))),
    );
    expectError(outcomes[0]!, /does not let us in: name or password are wrong/);
    expectError(outcomes[1]!, /does not let us in: name or password are wrong/);
    expectError(outcomes[2]!, /cannot be reached \(ECONNREFUSED\)/);
    expectError(outcomes[3]!, /cannot be reached/);
    expectError(outcomes[4]!, /address of the queue is not understood/);
    expectError(outcomes[5]!, /address of the queue is not understood/);
  });

  it('a server that stays away ends driver and worker; the run goes on when it is back', async () => {
    const at = place('gone');
    const patient = 'export COSMIC_QUEUE_PATIENCE=3';
    const driver = cosmicAfter(at, patient, ...SWEEP, '--queue', server.url);
    const client = server.client();
    await server.hearsOf('runs');
    const worker = cosmicAfter(at, patient, 'worker', server.url, ...WORKER);
    await server.hearsOf('workers');
    client.disconnect();
    const over = Promise.all([driver, worker]);
    await server.restart('SIGKILL', over);
    const [driven, worked] = await over;
    expectError(driven, /the server has been away for 3 seconds/);
    expectError(worked, /the server (is gone|cannot be reached)/);
    await expectResumed(at);
  });

  it('a worker ends whose server falls silent while it takes up a run', async () => {
    const at = place('silent');
    const driver = cosmic(at, ...SWEEP, '--queue', server.url);
    const client = server.client();
    await server.hearsOf('runs');
    client.disconnect();
    let isSilent = false;
    const between = createServer((near) => {
      const far = connect(Number(new URL(server.url).port), '127.0.0.1');
      near.on('data', (asked) => {
        // What a run is, is asked for by this alone.
        isSilent ||= asked.includes('\r\nget\r\n');
        if (!isSilent) far.write(asked);
      });
      far.on('data', (answer) => isSilent || near.write(answer));
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.on('close', () => far.destroy());
    });
    await new Promise<void>((listening) => between.listen(0, '127.0.0.1', listening));
    vi.stubEnv('COSMIC_QUEUE_PATIENCE', '2');
    const url = new URL(server.url);
    url.port = String((between.address() as AddressInfo).port);
    const working = work(parseAddress(url.href), { evaluator: { backend: 'cpu', threads: 1 } });
    await expect(working).rejects.toThrow('the server is gone');
    between.close();
    vi.unstubAllEnvs();
    const worker = startCosmic(at, 'worker', server.url, ...WORKER, '--until-empty');
    expect((await driver).code).toBe(0);
    expect((await worker.outcome).code).toBe(0);
  });

  it('a worker that has a part when the server goes, and is told to stop, does stop', async () => {
    vi.stubEnv('COSMIC_QUEUE_PATIENCE', '2');
    const address = parseAddress(server.url);
    const at = place('stopped');
    const driver = cosmicAfter(at, 'export COSMIC_QUEUE_PATIENCE=2', ...SWEEP, '--queue', server.url);
    const stop = new AbortController();
    const part = new EventEmitter();
    const runner = async (): Promise<PartResult> => {
      part.emit('begun');
      await once(part, 'end');
      return { bytes: '{}', count: 1 };
    };
    const begun = once(part, 'begun');
    const working = work(address, { evaluator: { backend: 'cpu', threads: 1 }, signal: stop.signal, runner });
    await begun;
    const over = Promise.allSettled([working, driver]);
    const client = server.client().on('error', () => undefined);
    await client.ping();
    const ending = async () => {
      while (client.status === 'ready') await sleep(20);
      client.disconnect();
      stop.abort();
      part.emit('end');
      await over;
    };
    await server.restart('SIGKILL', ending());
    await expect(working).rejects.toThrow(/the server is gone/);
    vi.unstubAllEnvs();
    await expectResumed(at);
  });

  it('what is not ours on the server is told, by driver and worker', async () => {
    const client = server.client();
    await client.set('cosmic:runs', 'somebody else');
    const at = place('foreign');
    const [driver, worker] = await Promise.all([
      cosmic(at, ...SWEEP, '--queue', server.url),
      cosmic(at, 'worker', server.url, ...WORKER),
    ]);
    expectError(driver, /something else under the names of the queue/);
    expectError(worker, /something else under the names of the queue/);
    await client.flushall();
    await announce(client, '["no announcement"]');
    expectError(await cosmic(at, 'worker', server.url, ...WORKER), /a run that no driver of cosmic wrote/);
    client.disconnect();
  });

  it('a worker of another version, or with another secret, takes nothing', async () => {
    const at = place('version');
    const secret = 'export COSMIC_QUEUE_SECRET=it-is-a-secret';
    const driver = cosmicAfter(at, secret, ...SWEEP, '--queue', server.url);
    const client = server.client();
    await server.hearsOf('runs');
    expectError(await cosmic(at, 'worker', server.url, ...WORKER), /what the server tells of the run is not as it was/);
    const [name] = await client.zrange('cosmic:runs', '0', '-1');
    const announcement = (await client.get(`cosmic:run:${name}`))!;
    const worker = cosmicAfter(at, secret, 'worker', server.url, ...WORKER, '--until-empty');
    expect((await driver).code).toBe(0);
    expect((await worker).code).toBe(0);
    expect(filesOf(join(at, 'run'))).toEqual(expected);
    expect(JSON.stringify(filesOf(join(at, 'run')))).not.toMatch(new RegExp(`${PASSWORD}|it-is-a-secret|redis`));
    await announce(client, JSON.stringify({ ...JSON.parse(announcement), cosmic: '99.0.0' }));
    expectError(await cosmic(at, 'worker', server.url, ...WORKER), /the run is of cosmic 99\.0\.0, this worker is of/);
    client.disconnect();
  });

  it('a part that somebody changed is named when the others are done, and done when the run goes on', async () => {
    const at = place('changed');
    const driver = cosmic(at, ...SWEEP, '--queue', server.url);
    const client = server.client();
    const waiting = () => client.keys('cosmic:*:wait');
    while ((await waiting()).length === 0) await sleep(20);
    const [list] = await waiting();
    // The first part, which the others wait for: those before it would be taken at once.
    const job = list!.replace(/wait$/, (await client.lindex(list!, -1))!);
    const data = JSON.parse((await client.hget(job, 'data'))!);
    const { body } = pack('', 'elsewhere', JSON.stringify({ kind: 'sweep', start: '0', count: '1' }))!;
    await client.hset(job, 'data', JSON.stringify({ ...data, body }));
    const worker = startCosmic(at, 'worker', server.url, ...WORKER);
    expectError(
      await driver,
      /designs [\d,]+ to [\d,]+: given up after 3 attempts \(the part is not as it was written\)/,
    );
    // All the others are done, and wait.
    expect(await client.keys('cosmic:*:completed')).toHaveLength(1);
    await expectResumed(at);
    worker.child.kill('SIGTERM');
    expect((await worker.outcome).code).toBe(0);
    client.disconnect();
  });

  it('a result that somebody forged ends the run, and is in none of its files', async () => {
    const at = place('forged');
    const driver = cosmic(at, ...SWEEP, '--queue', server.url);
    const client = server.client();
    await server.hearsOf('runs');
    const [name] = await client.zrange('cosmic:runs', '0', '-1');
    const forged = {
      ms: 1,
      provenance: 'CPU (f64)',
      message: pack('', 'elsewhere', JSON.stringify({ start: '0', evaluated: '5000' })),
    };
    const forger = new Worker(name!, async () => forged, {
      connection: client.duplicate({ maxRetriesPerRequest: null }),
      prefix: 'cosmic',
    });
    expectError(await driver, /designs 0 to 4,999 is not as it was written/);
    await forger.close();
    client.disconnect();
    await expectResumed(at);
  });
});
