/** The backends that are compared: one CPU thread, all of them, and WebGPU. */
import { createEvaluator, type Evaluator } from '../host/index.js';
import type { CompiledSpace } from '../psa/index.js';

export interface Contender {
  /** As tables name it. */
  readonly backend: string;
  readonly evaluator: Evaluator;
}

/** Opens one after the other; whoever opens them closes them. */
export async function openContenders(space: CompiledSpace, cores: number, hasAdapter: boolean): Promise<Contender[]> {
  const onCpu = async (threads: number): Promise<Contender> => ({
    backend: `cpu, ${threads} thread${threads === 1 ? '' : 's'}`,
    evaluator: await createEvaluator(space, { backend: 'cpu', threads }),
  });
  return [
    await onCpu(1),
    ...(cores > 1 ? [await onCpu(cores)] : []),
    ...(hasAdapter ? [{ backend: 'webgpu', evaluator: await createEvaluator(space, { backend: 'webgpu' }) }] : []),
  ];
}
