import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { createThreads } from '../backends/cpu/pool.js';
import type { History, SeededTrial } from './trials.js';
import { createTrialTask, type TrialTaskData } from './trialTask.js';

/** Runs the searches of one space, in their order, as many side by side as there are threads. */
export interface TrialRunner {
  /**
   * @param onDone is told of each that is finished, in any order
   * @param signal ends it after the searches in progress
   */
  run(
    trials: readonly SeededTrial[],
    onDone: (trial: SeededTrial, history: History) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

/** @param threads all cores unless given */
export function createTrialRunner(data: TrialTaskData, threads = availableParallelism()): TrialRunner {
  const pool =
    threads === 1 ? inlinePool(data) : createThreads<SeededTrial, History>('host/study/trialWorker.js', data, threads);
  return {
    async run(trials, onDone, signal) {
      const waiting = trials.values();
      const lane = async () => {
        for (const trial of waiting) {
          if (signal?.aborted === true) return;
          onDone(trial, await pool.run(trial));
        }
      };
      await Promise.all(Array.from({ length: threads }, lane));
    },
    close: () => pool.close(),
  };
}

/** The calling thread alone; it lets events through before each search. */
function inlinePool(data: TrialTaskData) {
  const task = createTrialTask(data);
  return {
    async run(trial: SeededTrial) {
      await setImmediate();
      return task(trial);
    },
    async close() {},
  };
}
