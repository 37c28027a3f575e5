import { expect, it } from 'vitest';
import type { CommandRun } from './commands.js';
import type { QueuePair, QueueResults } from './queueResults.js';
import { queueTable } from './tables/queue.js';

const run = (seconds: number, processorSeconds: number): CommandRun => ({ seconds, processorSeconds });

it('a long sweep beyond a short one tells of neither start nor end', () => {
  const pair = (designs: number, alone: number, queue: number, driver: number): QueuePair => ({
    designs,
    alone: run(alone, 2 * alone),
    queue: run(queue, driver),
    othersProcessorSeconds: 2 * alone - driver + (designs - 100) / 400,
  });
  const pairs = [pair(100, 2, 4, 0.8), pair(500, 10, 14, 1), pair(100, 4, 4, 0.8), pair(500, 12, 14, 1.3)];
  const { markdown } = queueTable({ date: '', machine: {} as QueueResults['machine'], workers: 2, pairs });
  const rows = markdown.split('\n').slice(2);
  expect(rows).toEqual([
    '| 100 designs, from start to end | 2 | 4 | 0.50 (0.50 … 1.00) | 1.00 (1.00 … 1.00) | 20.0 (20.0 … 20.0) |',
    '| 500 designs, from start to end | 10 | 14 | 0.71 (0.71 … 0.86) | 0.95 (0.95 … 0.96) | 7.1 (7.1 … 9.3) |',
    '| the 400 designs between | 8 | 10 | 0.80 (0.80 … 0.80) | 0.94 (0.94 … 0.94) | 2.0 (2.0 … 5.0) |',
  ]);
});
