import type { PlainData } from '../../agents/agent.js';
import type { RunFolder } from '../runs/runFolder.js';
import { reportFailure } from './failure.js';

/** Writing is not to hold up the work: at most one checkpoint in this time. */
const EVERY_MS = 1000;

/**
 * Saves checkpoints now and then. Where the disk fails, it asks the work to end and keeps the error, so that the results
 * are shown before it.
 */
export class Checkpoints {
  private lastMs = Date.now();
  private readonly controller = new AbortController();
  private failure: unknown;

  constructor(
    private readonly run: RunFolder,
    interrupt: AbortSignal,
  ) {
    interrupt.addEventListener('abort', () => this.controller.abort(), { once: true });
  }

  /** Aborts when the user interrupts, and when a checkpoint cannot be written. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Saves unless that was done just now. */
  async offer(state: () => PlainData | Promise<PlainData>): Promise<void> {
    if (Date.now() - this.lastMs < EVERY_MS) return;
    const plain = await state();
    this.attempt(() => this.run.saveCheckpoint(plain));
    this.lastMs = Date.now();
  }

  /** Writes files of the run, unless that failed before. */
  attempt(write: () => void): void {
    if (this.failure !== undefined) return;
    try {
      write();
    } catch (error) {
      this.failure = error;
      this.controller.abort();
    }
  }

  /** Tells what kept a file from being written; by then the results are printed, so as text alone. */
  finish(): void {
    if (this.failure !== undefined) reportFailure(this.failure, false);
  }
}
