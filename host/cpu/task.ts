import type { SweepPart } from '../../kernels/reduce/reduce.js';
import type { Batch, Results, SweepRequest } from '../evaluator.js';
import type { Engine } from './engine.js';

/** Work for one thread: plain data, so that it travels to a worker. */
export type Task =
  | { readonly kind: 'evaluate'; readonly batch: Batch }
  | { readonly kind: 'sweep'; readonly request: SweepRequest; readonly start: bigint; readonly count: number };

export type TaskResult = Results | SweepPart;

/** Runs a task on this thread. */
export function runTask(engine: Engine, task: Task): TaskResult {
  return task.kind === 'evaluate' ? engine.evaluate(task.batch) : engine.sweep(task.request, task.start, task.count);
}
