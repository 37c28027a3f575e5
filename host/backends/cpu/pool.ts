import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CosmicError } from '../../../psa/errors.js';
import { packageRoot } from '../../../psa/packageRoot.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { Engine } from './engine.js';
import { runTask, type Task, type TaskResult } from './task.js';

/** Threads that run tasks; more tasks than threads wait for their turn. */
export interface Threads<T, R> {
  run(task: T): Promise<R>;
  close(): Promise<void>;
}

export type Pool = Threads<Task, TaskResult>;

/** A pool of the calling thread alone; it lets events through before each task. */
export function createInlinePool(engine: Engine): Pool {
  return {
    async run(task) {
      await setImmediate();
      return runTask(engine, task);
    },
    async close() {},
  };
}

/** Workers run compiled code, also when the caller runs from source: Node has no loader for TypeScript. */
function compiled(source: string): string {
  const file = join(packageRoot, 'dist', source);
  if (existsSync(file)) return file;
  throw new CosmicError('BACKEND_LIMIT', 'the worker threads are not compiled', {
    remedy: 'run `npm run build`, or use one thread',
  });
}

interface Job<T, R> {
  readonly task: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** An error as the thread threw it: on its way here it lost its class. */
function asThrown(error: Error): Error {
  return error.name === 'CosmicError' ? Object.setPrototypeOf(error, CosmicError.prototype) : error;
}

/** A pool of worker threads. */
export function createWorkerPool(space: CompiledSpace, threads: number): Pool {
  return createThreads('host/backends/cpu/worker.js', space, threads);
}

/**
 * Worker threads that answer each message with one.
 *
 * @param source what they run, such as `host/backends/cpu/worker.js`
 * @param workerData plain data that each begins with
 */
export function createThreads<T, R>(source: string, workerData: unknown, threads: number): Threads<T, R> {
  const waiting: Job<T, R>[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Job<T, R>>();

  const dispatch = (): void => {
    while (idle.length > 0 && waiting.length > 0) {
      const worker = idle.pop()!;
      const job = waiting.shift()!;
      running.set(worker, job);
      worker.ref();
      worker.postMessage(job.task);
    }
  };

  const finish = (worker: Worker): Job<T, R> | undefined => {
    const job = running.get(worker);
    running.delete(worker);
    return job;
  };

  const file = compiled(source);
  const workers = Array.from({ length: threads }, () => {
    // The process's own Node flags (--input-type, say) may make no sense for a worker.
    const worker = new Worker(file, { workerData, execArgv: [] });
    worker.on('message', (result: R) => {
      finish(worker)?.resolve(result);
      // An idle pool must not keep the process alive.
      worker.unref();
      idle.push(worker);
      dispatch();
    });
    worker.on('error', (error: Error) => {
      const failure = asThrown(error);
      finish(worker)?.reject(failure);
      for (const job of waiting.splice(0)) job.reject(failure);
    });
    worker.unref();
    idle.push(worker);
    return worker;
  });

  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        dispatch();
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
