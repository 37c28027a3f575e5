import { parentPort, workerData } from 'node:worker_threads';
import type { CompiledSpace } from '../../../psa/space.js';
import { createEngine } from './engine.js';
import { runTask, type Task } from './task.js';

/** A worker thread: the space comes as its data, then tasks as messages, each answered by its result. */
const engine = createEngine(workerData as CompiledSpace);
parentPort?.on('message', (task: Task) => {
  parentPort?.postMessage(runTask(engine, task));
});
