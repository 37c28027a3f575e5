import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import type { Evaluator } from '../backends/evaluator.js';
import { type BoundingEvaluator, canProve } from './prove.js';

/** Does work with an evaluator that bounds boxes: the given one, or one on the CPU where its backend has no bounds. */
export async function withBounds<T>(
  evaluator: Evaluator,
  work: (bounding: BoundingEvaluator) => Promise<T>,
): Promise<T> {
  if (canProve(evaluator)) return work(evaluator);
  const onCpu = createCpuEvaluator(evaluator.space);
  try {
    if (canProve(onCpu)) return await work(onCpu);
    throw new Error('the CPU bounds boxes');
  } finally {
    await onCpu.close();
  }
}
