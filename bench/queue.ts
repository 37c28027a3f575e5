/**
 * `npm run bench:queue -- redis://host:6379 [PAIRS [SHORT LONG]]`: a sweep by a queue's workers with a thread each, beside one process
 * with as many threads. A short and a long sweep, in turns; what the long one takes more is free of starts and ends. Writes
 * <date>-<machine>.json to bench/results/queue.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomically } from '../host/disk/files.js';
import { connect, parseAddress, type ServerAddress } from '../host/queue/server.js';
import { CosmicError } from '../psa/errors.js';
import { packageRoot } from '../psa/packageRoot.js';
import { jsonText } from '../psa/plainData.js';
import { runCommand } from './commands.js';
import { machine, machineName } from './machine.js';
import type { QueuePair, QueueResults } from './queueResults.js';
import { queueTable } from './tables/queue.js';

/** Designs of the two sweeps: a quarter of a minute and a minute on two cores. */
const SHORT = 300_000_000;
const LONG = 1_200_000_000;
const PAIRS = 5;
/** So long do workers take to load what they need. */
const WARM_UP_MS = 3000;

interface Workers {
  /** Of the processor, that they have taken so far. */
  processorSeconds(): number;
  stop(): Promise<void>;
}

/** By the ticks of a hundredth of a second that Linux counts, fields 14 and 15 of which the second may hold spaces: proc(5). */
function processorSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Of the processor, that a server has taken so far. */
async function serverProcessorSeconds(address: ServerAddress): Promise<number> {
  const { redis, close } = await connect(address);
  const text = await redis.info('cpu');
  close();
  const used = [...text.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)];
  return used.reduce((sum, [, seconds]) => sum + Number(seconds), 0);
}

/** Starts workers; they serve all runs until they are stopped. */
function startWorkers(url: string, count: number): Workers {
  const args = ['worker', url, '--threads', '1', '--backend', 'cpu'];
  const main = join(packageRoot, 'dist', 'host', 'cli', 'main.js');
  const workers = Array.from({ length: count }, () => spawn(process.execPath, [main, ...args], { stdio: 'ignore' }));
  return {
    processorSeconds: () => workers.reduce((sum, { pid }) => sum + processorSecondsOf(pid!), 0),
    async stop() {
      const ends = workers.map((worker) => once(worker, 'exit'));
      for (const worker of workers) worker.kill('SIGTERM');
      await Promise.all(ends);
    },
  };
}

/** Which of the two is first changes from pair to pair. */
async function measurePair(url: string, crew: Workers, designs: number, queueFirst: boolean): Promise<QueuePair> {
  const workers = availableParallelism();
  const others = async () => crew.processorSeconds() + (await serverProcessorSeconds(parseAddress(url)));
  const sweep = ['sweep', 'cosmic-full', '--count', String(designs), '--backend', 'cpu'];
  const alone = () => runCommand({ title: 'alone', args: [...sweep, '--threads', String(workers)] });
  const driven = async () => {
    const before = await others();
    const queue = await runCommand({ title: 'queue', args: [...sweep, '--queue', url] });
    return { queue, othersProcessorSeconds: (await others()) - before };
  };
  if (!queueFirst) return { designs, alone: await alone(), ...(await driven()) };
  const first = await driven();
  return { designs, alone: await alone(), ...first };
}

async function main(url: string, pairs: number, counts: readonly number[]): Promise<void> {
  const workers = availableParallelism();
  const on = await machine();
  const date = new Date().toISOString().slice(0, 10);
  const file = join(packageRoot, 'bench', 'results', 'queue', `${date}-${machineName(on)}.json`);
  const crew = startWorkers(url, workers);
  try {
    await sleep(WARM_UP_MS);
    await measurePair(url, crew, counts[0]! / 10, false);
    const done: QueuePair[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      for (const designs of counts) done.push(await measurePair(url, crew, designs, pair % 2 === 1));
      const results: QueueResults = { date, machine: on, workers, pairs: done };
      writeAtomically(file, jsonText(results));
      console.log(queueTable(results).markdown);
    }
  } finally {
    await crew.stop();
  }
}

const [url, pairs = PAIRS, ...counts] = process.argv.slice(2);
if (url === undefined) {
  throw new CosmicError('ARGUMENT', 'no server is named', {
    remedy: 'start one by valkey-server, then npm run bench:queue -- redis://127.0.0.1:6379',
  });
}
await main(url, Number(pairs), counts.length === 0 ? [SHORT, LONG] : counts.map(Number));
