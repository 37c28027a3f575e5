import type { PlainData } from '../../agents/agent.js';
import type { Evaluator } from '../backends/evaluator.js';
import type { CheckpointName, RunFolder } from './runFolder.js';

/** Writing is not to hold up the work: at most one checkpoint in this time. */
const EVERY_MS = 1000;

/**
 * Saves checkpoints now and then. Where the disk fails, it asks the work to end and keeps the error, so that what was found
 * is not lost.
 */
export class Checkpoints {
  /** By the clock that only goes forwards. */
  private lastMs = performance.now();
  private readonly controller = new AbortController();
  private readonly onInterrupt = () => this.controller.abort();
  /** What kept a file from being written. */
  failure: unknown;

  constructor(
    private readonly run: RunFolder,
    private readonly interrupt: AbortSignal | undefined,
    private readonly evaluator: Pick<Evaluator, 'provenance'>,
  ) {
    if (interrupt?.aborted === true) this.controller.abort();
    interrupt?.addEventListener('abort', this.onInterrupt, { once: true });
  }

  /** Aborts when the user interrupts, and when a checkpoint cannot be written. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Saves unless that was done just now. */
  async offer(state: () => PlainData | Promise<PlainData>, name: CheckpointName = 'run'): Promise<void> {
    if (performance.now() - this.lastMs < EVERY_MS) return;
    this.save(await state(), name);
    this.lastMs = performance.now();
  }

  /** Saves, and before it who evaluated what is saved: nothing of a run is of nobody. */
  save(state: PlainData, name: CheckpointName = 'run'): void {
    this.recordProvenance();
    this.attempt(() => this.run.saveCheckpoint(state, name));
  }

  recordProvenance(): void {
    this.attempt(() => this.run.recordProvenance(this.evaluator.provenance));
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

  /** Listens to the interrupt no longer. */
  close(): void {
    this.interrupt?.removeEventListener('abort', this.onInterrupt);
  }
}
