/** Workers of a queue, from before there is work until there is no more. */
import { expect } from 'vitest';
import { startCosmic } from './commandLine.js';
import type { QueueServer } from './queueServer.js';

/**
 * Starts workers and waits until all are there: one that a busy machine starts late would wait for a run that has ended.
 *
 * @returns tells them to stop, and expects that they do
 */
export async function startWorkers(server: QueueServer, cwd: string, count: number): Promise<() => Promise<void>> {
  const command = ['worker', server.url, '--threads', '1', '--backend', 'cpu'];
  const workers = Array.from({ length: count }, () => startCosmic(cwd, ...command));
  await server.hearsOf('workers', count);
  return async () => {
    for (const { child } of workers) child.kill('SIGTERM');
    for (const { outcome } of workers) expect((await outcome).code).toBe(0);
  };
}
