/** Studies over a queue come to what one process does. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';
import { startWorkers } from './queueWorkers.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder('queue-studies');

describe.skipIf(!hasQueueServer)('over a queue', () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await startQueueServer();
  });
  afterAll(() => server.stop());

  /** Runs a command with two workers and without a queue; where, and what it printed. */
  async function both(name: string, ...command: string[]) {
    const [driven, alone] = ['driven', 'alone'].map((one) => join(folder, name, one));
    for (const at of [driven!, alone!]) mkdirSync(at, { recursive: true });
    const stopWorkers = await startWorkers(server, folder, 2);
    const [far, near] = await Promise.all([
      cosmic(driven!, ...command, '--queue', server.url),
      cosmic(alone!, ...command),
    ]);
    expect(far.code, far.stderr).toBe(0);
    await stopWorkers();
    const client = server.client();
    expect(await client.keys('cosmic:*')).toEqual([]);
    client.disconnect();
    return { driven: driven!, alone: alone!, far, near };
  }

  it('a study of agents has the files of one process', async () => {
    const some = ['--spaces', 'workload', '--agents', 'random,ga', '--seeds', '9', '--budgets', '100'];
    const { driven, alone, far, near } = await both('agents', 'study', 'agents', ...some, '--out', 'found');
    expect(filesOf(join(driven, 'found'))).toEqual(filesOf(join(alone, 'found')));
    expect(far.stdout).toBe(near.stdout);
  });

  it("a case of the paper's study has the figures of one process", async () => {
    const one = ['--models', 'vit-base', '--systems', 'cosmic-512', '--profile', 'default'];
    const search = ['--evaluations', '300', '--population', '64', '--out', 'study.md', '--json'];
    const { driven, alone, far, near } = await both('paper', 'study', 'paper', ...one, ...search);
    expect(JSON.parse(far.stdout)).toEqual(JSON.parse(near.stdout));
    // But for the lines that tell how long it took.
    const tables = (at: string) =>
      readFileSync(join(at, 'study.md'), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('|'));
    expect(tables(driven)).toEqual(tables(alone));
    expect(tables(driven).length).toBeGreaterThan(10);
  });
});
