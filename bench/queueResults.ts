/** What `npm run bench:queue` measures. */
import type { CommandRun } from './commands.js';
import type { Machine } from './machine.js';

/** One process and a queue of one sweep, side by side. */
export interface QueuePair {
  readonly designs: number;
  readonly alone: CommandRun;
  /** Of the driver. */
  readonly queue: CommandRun;
  /** Of the processor, of workers and server meanwhile. */
  readonly othersProcessorSeconds: number;
}

export interface QueueResults {
  readonly date: string;
  readonly machine: Machine;
  readonly workers: number;
  /** In the order in which they were measured, the short sweep and the long one in turns. */
  readonly pairs: readonly QueuePair[];
}
