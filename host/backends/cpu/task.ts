import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import type { Batch, Bounds, BoundsRequest, BoxesRequest, BoxValues, Results, SweepRequest } from '../evaluator.js';
import type { Engine } from './engine.js';

/** Work for one thread: plain data, so that it travels to a worker. */
export type Task =
  | { readonly kind: 'evaluate'; readonly batch: Batch; readonly skip: number }
  | { readonly kind: 'sweep'; readonly request: SweepRequest; readonly start: bigint; readonly count: number }
  | { readonly kind: 'bounds'; readonly request: BoundsRequest }
  | { readonly kind: 'bound'; readonly request: BoxesRequest };

export type TaskResult = Results | SweepPart | Bounds | BoxValues;

/** Runs a task on this thread. */
export function runTask(engine: Engine, task: Task): TaskResult {
  switch (task.kind) {
    case 'evaluate':
      return engine.evaluate(task.batch, task.skip);
    case 'sweep':
      return engine.sweep(task.request, task.start, task.count);
    case 'bounds':
      return engine.bounds(task.request);
    case 'bound':
      return engine.bound(task.request);
  }
}
