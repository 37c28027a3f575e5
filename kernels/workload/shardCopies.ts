/**
 * Copies beside collectives over sharded weights, on the stream of compute. PyTorch's fully_shard keeps each parameter apart: before a
 * pass split_with_sizes_copy takes the weights of a layer out of what the all-gather wrote, and behind the backward pass chunk_cat
 * brings the gradients, in the type of their reduction, to where the reduce-scatter reads them
 * (torch/distributed/fsdp/_fully_shard/_fsdp_collectives.py). Products read views of the flat parameter of PyTorch's first FSDP where
 * it was gathered, but autograd joins the gradients of such views by a copy.
 * What is copied of a shard alone, beside other streams, is left out.
 */
import type { ModelPhase } from '../../psa/space.js';
import { parameterCounts } from './modelSize.js';
import type { Operation } from './operation.js';
import { HALF, type ParameterParts, parameterTraffic, under } from './rows.js';

/** Read in half precision and written as such. */
function copyWeights(name: string, parts: ParameterParts): Operation {
  return parameterTraffic(name, parts, 2 * HALF, ['weightCopied', 'weightKvCopied', 'weightExpertCopied']);
}

function copyGradients(name: string, parts: ParameterParts): Operation[] {
  const scales = ['gradientCopied', 'gradientKvCopied', 'gradientExpertCopied'] as const;
  return under({ gradientsCopied: true }, [parameterTraffic(name, parts, HALF, scales, { weightGradient: true })]);
}

/** Of one part of a model: before its forward pass, before its backward pass, and behind that. */
function copies(part: string, parts: ParameterParts): Record<'forward' | 'backward' | 'gradients', Operation[]> {
  return {
    forward: under({ weightsCopied: true }, [copyWeights(`copy ${part}weights`, parts)]),
    backward: under({ weightsCopied: true, weightsStay: false }, [copyWeights(`copy ${part}weights again`, parts)]),
    gradients: copyGradients(`copy ${part}gradients`, parts),
  };
}

/** Of a layer in the mean of all, of the embedding and of the head, which stay gathered for the backward pass. */
export function shardCopies(m: ModelPhase): Record<'layer' | 'embed' | 'head', ReturnType<typeof copies>> {
  const { dense, kv, expert, embed, head } = parameterCounts(m);
  return {
    layer: copies('', [dense, kv, expert]),
    embed: copies('embedding ', [embed, 0, 0]),
    head: copies('head ', [head, 0, 0]),
  };
}
