/** Many workers and many parts, over the real protocol; the parts cost nothing. */
import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartResult } from '../host/queue/parts.js';
import { createQueueEvaluator } from '../host/queue/queueEvaluator.js';
import { parseAddress } from '../host/queue/server.js';
import { work } from '../host/queue/worker.js';
import { openSpace } from '../host/runs/openSpace.js';
import { sweepRequest, sweepSettings } from '../host/runs/settings.js';
import { partToPlain } from '../host/runs/sweepCheckpoint.js';
import { emptyPart } from '../kernels/reduce/reduce.js';
import { hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';

const PARTS = Number(process.env.COSMIC_QUEUE_PARTS ?? 400);
const WORKERS = Number(process.env.COSMIC_QUEUE_WORKERS ?? 10);
const SIZE = 400;

describe.skipIf(!hasQueueServer)(`${WORKERS} workers and ${PARTS} parts`, { timeout: 1_200_000 }, () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await startQueueServer();
  });
  afterAll(() => server.stop());

  it('every part is done once, in bounded memory, and workers that are told to stop do', async () => {
    const address = parseAddress(server.url);
    const open = openSpace('cosmic-network');
    const begun = new Map<string, number>();
    const runner = async (text: string): Promise<PartResult> => {
      const { start, count } = JSON.parse(text) as { start: string; count: string };
      begun.set(start, (begun.get(start) ?? 0) + 1);
      const part = { ...emptyPart(BigInt(start)), evaluated: BigInt(count) };
      return { bytes: JSON.stringify(partToPlain(part)), count: Number(count) };
    };
    const stop = new AbortController();
    setMaxListeners(2 * WORKERS, stop.signal);
    // All workers are one thread here, which may sleep: a part whose worker slept for its eight seconds another does, too.
    const workers = Array.from({ length: WORKERS }, () =>
      work(address, { evaluator: { backend: 'cpu', threads: 1 }, signal: stop.signal, runner, lockMs: 120_000 }),
    );
    await server.hearsOf('workers', WORKERS);
    const settings = sweepSettings(open, { count: BigInt(PARTS * SIZE) });
    const evaluator = await createQueueEvaluator(open, address, { backend: 'cpu', settings, partSize: SIZE });
    let mostWorkers = 0;
    const onChunk = () => {
      mostWorkers = Math.max(mostWorkers, evaluator.workers!());
    };
    const part = await evaluator.sweep(sweepRequest(settings), { onChunk });
    await evaluator.close();
    expect(part.evaluated).toBe(BigInt(PARTS * SIZE));
    expect(mostWorkers).toBe(WORKERS);
    expect(begun.size).toBeGreaterThanOrEqual(PARTS);
    expect([...begun].filter(([, times]) => times !== 1)).toEqual([]);
    const client = server.client();
    const memory = await client.info('memory');
    expect(Number(/used_memory_peak:(\d+)/.exec(memory)![1])).toBeLessThan(256e6);
    // What is left of the run on the server: nothing.
    expect(await client.keys('cosmic:*')).toEqual(['cosmic:workers']);
    const told = performance.now();
    stop.abort();
    const summaries = await Promise.all(workers);
    const drainMs = performance.now() - told;
    expect(summaries.reduce((sum, { parts }) => sum + parts, 0)).toBe(begun.size);
    expect(await client.keys('cosmic:*')).toEqual([]);
    client.disconnect();
    console.info(
      `${begun.size} parts; workers ended after ${Math.round(drainMs)} ms; server at most ` +
        `${/used_memory_peak_human:(\S+)/.exec(memory)![1]}, this process ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
    );
  });
});
