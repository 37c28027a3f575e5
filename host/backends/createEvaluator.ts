import type { CompiledSpace } from '../../psa/space.js';
import { requireBackend } from '../profiles/profiles.js';
import { chooseBackend } from './chooseBackend.js';
import { createCpuEvaluator } from './cpu/evaluator.js';
import type { BackendName, Evaluator } from './evaluator.js';

/** Where to evaluate. */
export interface EvaluatorOptions {
  /** `auto`: WebGPU where a hardware adapter exists, else the CPU. */
  readonly backend: 'auto' | BackendName;
  /** Threads of the CPU backend; all cores unless given. */
  readonly threads?: number;
}

async function createAuto(space: CompiledSpace, threads: number | undefined): Promise<Evaluator> {
  const { backend, reason } = await chooseBackend(space.workload);
  const evaluator = await createEvaluator(space, { backend, ...(threads !== undefined && { threads }) });
  return { ...evaluator, description: `${evaluator.description} — auto: ${reason}` };
}

/**
 * Creates an evaluator for a space. Backends load on demand: the CPU needs neither Dawn nor gpu.js.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT, VALUE_OUT_OF_RANGE
 * @example
 * const evaluator = await createEvaluator(space, { backend: 'auto' });
 * const { outputs } = await evaluator.evaluate({ kind: 'ordinals', start: 0n, count: 1000 });
 * await evaluator.close();
 */
export async function createEvaluator(
  space: CompiledSpace,
  { backend, threads }: EvaluatorOptions,
): Promise<Evaluator> {
  if (backend !== 'auto') requireBackend(space.workload, backend);
  switch (backend) {
    case 'auto':
      return createAuto(space, threads);
    case 'cpu':
      return createCpuEvaluator(space, threads);
    case 'webgpu':
      return (await import('./webgpu/evaluator.js')).createWebgpuEvaluator(space);
    case 'gpujs':
      return (await import('./gpujs/evaluator.js')).createGpujsEvaluator(space);
  }
}
