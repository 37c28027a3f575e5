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
import { elementwise, HALF, under } from './rows.js';

type Counts = readonly [dense: number, kv: number, expert: number];

/** Read in half precision and written as such; products wait for it as for all rows before them. */
function copyWeights(name: string, [dense, kv, expert]: Counts): Operation {
  return elementwise(name, 0, 'one', 0, 0, {
    input: [2 * HALF * dense, 'weightCopied'],
    output: [2 * HALF * kv, 'weightKvCopied'],
    weight: [2 * HALF * expert, 'weightExpertCopied'],
    join: 'none',
  });
}

function copyGradients(name: string, [dense, kv, expert]: Counts): Operation[] {
  const row = elementwise(name, 0, 'one', 0, 0, {
    input: [HALF * dense, 'gradientCopied'],
    output: [HALF * kv, 'gradientKvCopied'],
    weight: [HALF * expert, 'gradientExpertCopied'],
    join: 'none',
    weightGradient: true,
  });
  return under({ gradientsCopied: true }, [row]);
}

/** Of one part of a model: before its forward pass, before its backward pass, and behind that. */
function copies(part: string, counts: Counts): Record<'forward' | 'backward' | 'gradients', Operation[]> {
  return {
    forward: under({ weightsCopied: true }, [copyWeights(`copy ${part}weights`, counts)]),
    backward: under({ weightsCopied: true, weightsStay: false }, [copyWeights(`copy ${part}weights again`, counts)]),
    gradients: copyGradients(`copy ${part}gradients`, counts),
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
