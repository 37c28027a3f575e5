/** The backends that are compared: one CPU thread, all of them, and WebGPU. */
import { createEvaluator, type Evaluator, type EvaluatorOptions } from '../host/index.js';
import type { CompiledSpace } from '../psa/index.js';

export interface Contender {
  /** As tables name it. */
  readonly backend: string;
  readonly evaluator: Evaluator;
}

/** Opens one after the other; whoever opens them closes them, and where one does not open those before it are closed. */
export async function openContenders(space: CompiledSpace, cores: number, hasAdapter: boolean): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const open = async (backend: string, options: EvaluatorOptions): Promise<void> => {
    contenders.push({ backend, evaluator: await createEvaluator(space, options) });
  };
  try {
    await open('cpu, 1 thread', { backend: 'cpu', threads: 1 });
    if (cores > 1) await open(`cpu, ${cores} threads`, { backend: 'cpu', threads: cores });
    if (hasAdapter) await open('webgpu', { backend: 'webgpu' });
  } catch (error) {
    await closeContenders(contenders);
    throw error;
  }
  return contenders;
}

export async function closeContenders(contenders: readonly Contender[]): Promise<void> {
  for (const { evaluator } of contenders) await evaluator.close();
}
