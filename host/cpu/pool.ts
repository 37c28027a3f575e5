import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CosmicError } from '../../psa/errors.js';
import { packageRoot } from '../../psa/packageRoot.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Engine } from './engine.js';
import { runTask, type Task, type TaskResult } from './task.js';

/** Threads that run tasks; more tasks than threads wait for their turn. */
export interface Pool {
  run(task: Task): Promise<TaskResult>;
  close(): Promise<void>;
}

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
function workerFile(): string {
  const file = join(packageRoot, 'dist/host/cpu/worker.js');
  if (existsSync(file)) return file;
  throw new CosmicError('BACKEND_LIMIT', 'the worker threads are not compiled', {
    remedy: 'run `npm run build`, or use one thread',
  });
}

interface Job {
  readonly task: Task;
  resolve(result: TaskResult): void;
  reject(error: unknown): void;
}

/** A pool of worker threads. */
export function createWorkerPool(space: CompiledSpace, threads: number): Pool {
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Job>();

  const dispatch = (): void => {
    while (idle.length > 0 && waiting.length > 0) {
      const worker = idle.pop()!;
      const job = waiting.shift()!;
      running.set(worker, job);
      worker.ref();
      worker.postMessage(job.task);
    }
  };

  const finish = (worker: Worker): Job | undefined => {
    const job = running.get(worker);
    running.delete(worker);
    return job;
  };

  const file = workerFile();
  const workers = Array.from({ length: threads }, () => {
    // The process's own Node flags (--input-type, say) may make no sense for a worker.
    const worker = new Worker(file, { workerData: space, execArgv: [] });
    worker.on('message', (result: TaskResult) => {
      finish(worker)?.resolve(result);
      // An idle pool must not keep the process alive.
      worker.unref();
      idle.push(worker);
      dispatch();
    });
    worker.on('error', (error) => {
      finish(worker)?.reject(error);
      for (const job of waiting.splice(0)) job.reject(error);
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
