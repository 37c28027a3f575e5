import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { News } from '../host/queue/news.js';
import { announcementOf, Registry } from '../host/queue/registry.js';
import { connect, parseAddress } from '../host/queue/server.js';
import { cosmic, startCosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';
import { startWorkers } from './queueWorkers.js';
import { temporaryFolder } from './temporaryFolder.js';
import { webgpuAvailable } from './webgpu.js';

const hasWebgpu = await webgpuAvailable();

const folder = temporaryFolder('queues');

/** A folder in which commands name their runs alike. */
function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

describe.skipIf(!hasQueueServer)('a queue', () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await startQueueServer();
  });
  afterAll(() => server.stop());

  it('gives a sweep of four workers the folder of one process', async () => {
    const sweep = ['sweep', 'cosmic-network', '--count', '400000', '--pareto', '--out', 'run'];
    const [alone, driven] = [place('alone'), place('driven')];
    await cosmic(alone, ...sweep, '--backend', 'cpu');
    const stopWorkers = await startWorkers(server, folder, 4);
    const driver = await cosmic(driven, ...sweep, '--queue', server.url);
    expect(driver.code, driver.stderr).toBe(0);
    await stopWorkers();
    expect(filesOf(join(driven, 'run'))).toEqual(filesOf(join(alone, 'run')));
  });

  it.skipIf(!hasWebgpu)("names its workers' adapters as one process names its own", async () => {
    const sweep = ['sweep', 'cosmic-network', '--count', '40000', '--backend', 'webgpu', '--out', 'run'];
    const [alone, driven] = [place('adapter'), place('adapters')];
    const worker = startCosmic(folder, 'worker', server.url, '--until-empty', '--backend', 'webgpu');
    const [near, far] = await Promise.all([cosmic(alone, ...sweep), cosmic(driven, ...sweep, '--queue', server.url)]);
    expect([near.code, far.code], near.stderr + far.stderr).toEqual([0, 0]);
    expect((await worker.outcome).code).toBe(0);
    const files = filesOf(join(driven, 'run'));
    expect(files['manifest.json']).toMatch(/"description": "WebGPU on .+"/);
    expect(files).toEqual(filesOf(join(alone, 'run')));
  });

  it('tells who waits that a run has begun or ended, once each', async () => {
    const address = parseAddress(server.url);
    const [driver, worker] = await Promise.all([connect(address), connect(address)]);
    const registry = new Registry(driver.redis, address);
    const news = new News(worker.redis);
    const name = 'ab'.repeat(32);
    const announcement = announcementOf(address, name, { backend: 'cpu', work: { kind: 'study' } });
    while ((await driver.redis.pubsub('NUMSUB', 'cosmic:news'))[1] === 0) await sleep(5);
    const begun = news.wait(600_000);
    await registry.callRun(name, announcement);
    await begun;
    await registry.callRun(name, announcement);
    const again = new AbortController();
    const told = await Promise.race([news.wait(600_000, again.signal).then(() => 'told'), sleep(100, 'silence')]);
    expect(told).toBe('silence');
    again.abort();
    await registry.forgetRun(name, false);
    await news.wait(600_000);
    news.close();
    driver.close();
    worker.close();
  });
});
