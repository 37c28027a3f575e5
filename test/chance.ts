/** What tests leave to chance, as when to kill a process: a seed decides, which they print, and which COSMIC_SEED repeats. */
import { randomInt } from 'node:crypto';
import { RandomStream } from '../agents/shared/stream.js';

/** Numbers from 0 to below 1. */
export function chance(): () => number {
  const seed = Number(process.env.COSMIC_SEED ?? randomInt(2 ** 32));
  console.info(`COSMIC_SEED=${seed}`);
  const stream = new RandomStream(seed);
  return () => stream.word() / 2 ** 32;
}
