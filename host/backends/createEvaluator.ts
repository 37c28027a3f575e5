import type { CompiledSpace } from '../../psa/space.js';
import { requireBackend, rulesOf } from '../profiles/profiles.js';
import { chooseBackend } from './chooseBackend.js';
import { createCpuEvaluator } from './cpu/evaluator.js';
import type { BackendName, Evaluator } from './evaluator.js';
import type { Job } from './plan.js';

/** Where to evaluate. */
export interface EvaluatorOptions {
  /** `auto`: WebGPU where a hardware adapter exists, else the CPU; with a `job` what ends it first by the rates that are kept. */
  readonly backend: 'auto' | BackendName;
  /** Threads of the CPU backend; all cores unless given. */
  readonly threads?: number;
  /** What `auto` is to choose for. */
  readonly job?: Job;
  /** With `webgpu`: designs at the beginning of each sweep that the CPU evaluates while kernels compile; none unless given. */
  readonly cpuFirst?: bigint;
}

async function createAuto(space: CompiledSpace, { threads, job }: EvaluatorOptions): Promise<Evaluator> {
  const { reason, ...chosen } = await chooseBackend(space.workload, job, threads);
  const evaluator = await createEvaluator(space, { ...chosen, ...(threads !== undefined && { threads }) });
  return { ...evaluator, description: `${evaluator.description} — auto: ${reason}` };
}

async function createWebgpu(space: CompiledSpace, { cpuFirst = 0n, threads }: EvaluatorOptions): Promise<Evaluator> {
  const { createStepSimulator } = rulesOf(space.workload);
  if (createStepSimulator !== undefined) {
    const { createStepEvaluator } = await import('./webgpu/stepEvaluator.js');
    return createStepEvaluator(space, createStepSimulator(space.workload, space.tiers), threads);
  }
  if (cpuFirst > 0n) return (await import('./handOver.js')).createHandOver(space, cpuFirst, threads);
  return (await import('./webgpu/evaluator.js')).createWebgpuEvaluator(space);
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
export async function createEvaluator(space: CompiledSpace, options: EvaluatorOptions): Promise<Evaluator> {
  const { backend, threads } = options;
  if (backend !== 'auto') requireBackend(space.workload, backend);
  switch (backend) {
    case 'auto':
      return createAuto(space, options);
    case 'cpu':
      return createCpuEvaluator(space, threads);
    case 'webgpu':
      return createWebgpu(space, options);
    case 'gpujs':
      return (await import('./gpujs/evaluator.js')).createGpujsEvaluator(space);
  }
}
