/**
 * Rows of the attention core: scores, softmax, values; unfused (scores in memory), fused, and over a cache.
 * Fused: FlashAttention-2, arXiv 2307.08691, whose backward pass does 2.5 × the products of its forward pass and which
 * skips the masked half of causal scores. Saved bytes: arXiv 2205.05198, section 4.1.
 */
import type { ModelPhase } from '../../psa/space.js';
import type { Operation, Term } from './operation.js';
import { attentionProduct, communicate, elementwise, HALF } from './rows.js';

const unfused = { when: { fusedAttention: false } } as const;
const fused = { when: { fusedAttention: true } } as const;

function sizesOf(m: ModelPhase) {
  const width = m.heads * m.headDim;
  const pairs = m.seq * m.context;
  return {
    /** FLOPs of one product over all pairs of tokens. */
    flops: 2 * pairs * width,
    scores: m.heads * pairs,
    queryBytes: HALF * m.seq * width,
    keyBytes: HALF * m.context * m.kvHeads * m.headDim,
    causalShare: m.causal ? 0.5 : 1,
  };
}

/** Queries of the local part of the sequence over all keys, which sequence parallelism has gathered (arXiv 2407.21783, 3.3.2). */
export function attentionForward(m: ModelPhase): Operation[] {
  const { flops, scores, queryBytes, keyBytes, causalShare } = sizesOf(m);
  const queries: Term = [queryBytes, 'tokensTp'];
  // Dropped attention probabilities: a mask of 1 byte and a second copy besides the softmax's output.
  const dropout = m.dropout ? 1 : 0;
  const saved: Term = [(HALF + 3 * dropout) * scores, 'tokensTp'];
  return [
    attentionProduct('attention scores', {
      flops: [flops, 'tokensTp'],
      input: queries,
      weight: [keyBytes, 'kv'],
      output: [HALF * scores, 'tokensTp'],
      saved: queries,
      ...unfused,
    }),
    elementwise('softmax', scores, 'tokensTp', 1, 1 + dropout, { saved, core: true, ...unfused }),
    attentionProduct('attention values', {
      flops: [flops, 'tokensTp'],
      input: [HALF * scores, 'tokensTp'],
      weight: [keyBytes, 'kv'],
      output: queries,
      ...unfused,
    }),
    attentionProduct('fused attention', {
      flops: [2 * causalShare * flops, 'tokensTp'],
      input: queries,
      weight: [2 * keyBytes, 'kv'],
      output: queries,
      saved: queries,
      ...fused,
    }),
  ];
}

export function attentionBackward(m: ModelPhase): Operation[] {
  const { flops, scores, queryBytes, keyBytes, causalShare } = sizesOf(m);
  const twoProducts = {
    flops: [2 * flops, 'tokensTp'] as Term,
    input: [queryBytes + HALF * scores, 'tokensTp'] as Term,
    weight: [2 * keyBytes, 'kv'] as Term,
    ...unfused,
  };
  return [
    attentionProduct('attention values bwd', { ...twoProducts, output: [HALF * scores, 'tokensTp'] }),
    elementwise('softmax bwd', scores, 'tokensTp', 2, 1, unfused),
    attentionProduct('attention scores bwd', { ...twoProducts, output: [queryBytes, 'tokensTp'] }),
    attentionProduct('fused attention bwd', {
      flops: [5 * causalShare * flops, 'tokensTp'],
      input: [3 * queryBytes, 'tokensTp'],
      weight: [4 * keyBytes, 'kv'],
      output: [queryBytes, 'tokensTp'],
      ...fused,
    }),
  ];
}

/** One new token over the cache; with sp > 1 each rank holds a part of it, and the partial results are combined. */
export function attentionDecode(m: ModelPhase): Operation[] {
  const { flops, queryBytes, keyBytes } = sizesOf(m);
  return [
    attentionProduct('attention over cache', {
      flops: [2 * flops, 'context'],
      input: [queryBytes, 'tokensTp'],
      weight: [2 * keyBytes, 'cache'],
      output: [queryBytes, 'tokensTp'],
    }),
    communicate('combine attention', 'allReduce', 'sp', [queryBytes, 'tokensTp']),
  ];
}
