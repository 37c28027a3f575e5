import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosmic, startCosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';

const folder = mkdtempSync(join(tmpdir(), 'cosmic-queues-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder in which commands name their runs alike. */
function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

const WORKER = ['--until-empty', '--threads', '1', '--backend', 'cpu'];

describe.skipIf(!hasQueueServer)('a queue', () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await startQueueServer();
  });
  afterAll(() => server.stop());

  const startWorkers = (count: number) =>
    Array.from({ length: count }, () => startCosmic(folder, 'worker', server.url, ...WORKER));

  it('gives a sweep of four workers the folder of one process', async () => {
    const sweep = ['sweep', 'cosmic-network', '--count', '400000', '--pareto', '--out', 'run'];
    const [alone, driven] = [place('alone'), place('driven')];
    await cosmic(alone, ...sweep, '--backend', 'cpu');
    const workers = startWorkers(4);
    const driver = await cosmic(driven, ...sweep, '--queue', server.url);
    expect(driver.code, driver.stderr).toBe(0);
    for (const { outcome } of workers) expect((await outcome).code).toBe(0);
    expect(filesOf(join(driven, 'run'))).toEqual(filesOf(join(alone, 'run')));
  });
});
