import { parentPort, workerData } from 'node:worker_threads';
import type { SeededTrial } from './trials.js';
import { createTrialTask, type TrialTaskData } from './trialTask.js';

/** A thread of a study: searches come as messages, each answered by its history. */
const run = createTrialTask(workerData as TrialTaskData);
parentPort?.on('message', (trial: SeededTrial) => {
  parentPort?.postMessage(run(trial));
});
