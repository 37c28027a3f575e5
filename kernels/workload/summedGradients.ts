/**
 * Gradients of a micro-batch that are added to those before by operations of their own, where the products that make them do not do
 * it (Megatron-LM's --no-gradient-accumulation-fusion; DeepSpeed's gradients in single precision).
 */
import type { ModelPhase } from '../../psa/space.js';
import { parameterCounts } from './modelSize.js';
import type { Operation } from './operation.js';
import { HALF, type ParameterParts, parameterTraffic, under } from './rows.js';

function add(name: string, parts: ParameterParts): Operation[] {
  const scales = ['weightSummed', 'weightKvSummed', 'weightExpertSummed'] as const;
  return under({ gradientsAdded: true }, [parameterTraffic(name, parts, HALF, scales, { weightGradient: true })]);
}

/** Of a layer in the mean of all, of the embedding and of the head. */
export function addedGradients(m: ModelPhase): Record<'layer' | 'embed' | 'head', Operation[]> {
  const { dense, kv, expert, embed, head } = parameterCounts(m);
  return {
    layer: add('add gradients', [dense, kv, expert]),
    embed: add('add embedding gradients', [embed, 0, 0]),
    head: add('add head gradients', [head, 0, 0]),
  };
}
