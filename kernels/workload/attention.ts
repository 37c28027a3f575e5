/**
 * Rows of the attention core: scores, softmax, values; unfused (scores in memory), fused, and over a cache.
 * Fused: FlashAttention-2, arXiv 2307.08691, whose backward pass does five products to its forward pass's two and which
 * skips the masked half of causal scores, and what lies before a window. Saved bytes: arXiv 2205.05198, section 4.1.
 *
 * Context parallelism: keys and values are gathered (arXiv 2407.21783, 3.3.2), heads are exchanged for the sequence (DeepSpeed
 * Ulysses, arXiv 2309.14509), keys and values are passed round a ring (arXiv 2310.01889), or both (arXiv 2405.07719).
 */
import { attends, layerKinds, shareOf } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { attentionPairs } from './modelSize.js';
import type { Flag, Operation, Scale, Term } from './operation.js';
import {
  attentionProduct,
  communicate,
  elementwise,
  forward,
  HALF,
  NOTHING,
  type Product,
  shared,
  under,
} from './rows.js';

const unfused = { when: { fusedAttention: false } } as const;
const fused = { when: { fusedAttention: true } } as const;

function sizesOf(m: ModelPhase) {
  const pairs = m.seq * m.context;
  return {
    /** FLOPs of a product over one pair of tokens: of queries and keys, and of scores and values. */
    keyFlops: 2 * m.heads * m.headDim,
    valueFlops: 2 * m.heads * m.valueDim,
    pairs,
    scores: m.heads * pairs,
    queryBytes: HALF * m.seq * m.heads * m.headDim,
    outputBytes: HALF * m.seq * m.heads * m.valueDim,
    keyBytes: HALF * m.context * m.kvHeads * m.headDim,
    valueBytes: HALF * m.context * m.kvHeads * m.valueDim,
  };
}

/** Layers that look at everything, or back over a window: a share of the layers and its rows' prefix. */
interface Span {
  readonly prefix: string;
  readonly share: number;
  readonly window: number | undefined;
}

function spansOf(m: ModelPhase): Span[] {
  const spans = new Map<number | undefined, number>();
  for (const kind of layerKinds(m)) {
    if (attends(kind)) spans.set(kind.window, (spans.get(kind.window) ?? 0) + kind.layers);
  }
  return [...spans].map(([window, layers]) => ({
    prefix: window === undefined ? '' : 'local ',
    share: layers / m.layers,
    window,
  }));
}

/**
 * The core unfused and fused, in layers of each span. Of fused attention to the whole sequence all but the last keys and values
 * that come round a ring is a row of its own, beside the ring; all else waits for the whole of it.
 */
function aroundCore(
  m: ModelPhase,
  inMemory: Operation[],
  inOneKernel: (span: Span, scale: Scale) => Operation,
): Operation[] {
  const spans = spansOf(m);
  const global = spans.filter(({ window }) => window === undefined);
  const beside = global.flatMap((span) => shared(span.share, [inOneKernel(span, 'tokensPassed')]));
  return [
    ...under({ contextRing: true }, beside).map((row) => ({
      ...row,
      name: row.name.replace('attention', 'attention round the ring'),
      saved: NOTHING,
      join: 'previous' as const,
    })),
    ...shared(attentionShare(m), inMemory),
    ...spans.flatMap((span) =>
      shared(span.share, [inOneKernel(span, span.window === undefined ? 'tokensRing' : 'tokensTp')]),
    ),
  ];
}

/** How often attention runs in the mean of all layers: 1, less where some have none, more where some predict a later token beside them. */
export function attentionShare(m: ModelPhase): number {
  return shareOf(m, attends);
}

/** The module that makes queries, keys and values of latents, and what it makes is dropped with. */
export function projected(m: ModelPhase): readonly Flag[] {
  return m.kvRank > 0 ? ['recomputeUpProjections'] : [];
}

/** Queries of the local part of the sequence over all keys, which sequence parallelism has gathered (arXiv 2407.21783, 3.3.2). */
export function attentionForward(m: ModelPhase): Operation[] {
  const { keyFlops, valueFlops, pairs, scores, queryBytes, outputBytes, keyBytes, valueBytes } = sizesOf(m);
  // Dropped attention probabilities: a mask of 1 byte and a second copy besides the softmax's output.
  const dropout = m.dropout ? 1 : 0;
  const saved: Term = [(HALF + 3 * dropout) * scores, 'tokensTp'];
  const queries = { saved: [queryBytes, 'tokensTp'], droppedWith: projected(m), keptWith: 'keepQkv' } as const;
  const inMemory = [
    attentionProduct('attention scores', {
      flops: [keyFlops * pairs, 'tokensTp'],
      input: [queryBytes, 'tokensTp'],
      weight: [keyBytes, 'kv'],
      output: [HALF * scores, 'tokensTp'],
      ...queries,
      ...unfused,
    }),
    elementwise('softmax', scores, 'tokensSoftmax', 1, 1 + dropout, {
      saved,
      droppedWith: ['recomputeCore'],
      ...unfused,
    }),
    attentionProduct('attention values', {
      flops: [valueFlops * pairs, 'tokensTp'],
      input: [HALF * scores, 'tokensTp'],
      weight: [valueBytes, 'kv'],
      output: [outputBytes, 'tokensTp'],
      ...unfused,
    }),
  ];
  return aroundCore(m, inMemory, ({ prefix, window }, scale) =>
    attentionProduct(`fused ${prefix}attention`, {
      flops: [(keyFlops + valueFlops) * attentionPairs(m, window, true), scale],
      input: [queryBytes, 'tokensTp'],
      weight: [keyBytes + valueBytes, 'kv'],
      output: [outputBytes, 'tokensTp'],
      ...queries,
      ...fused,
    }),
  );
}

export function attentionBackward(m: ModelPhase): Operation[] {
  const { keyFlops, valueFlops, pairs, scores, queryBytes, outputBytes, keyBytes, valueBytes } = sizesOf(m);
  const inMemory = [
    attentionProduct('attention values bwd', {
      flops: [2 * valueFlops * pairs, 'tokensTp'],
      input: [outputBytes + HALF * scores, 'tokensTp'],
      weight: [2 * valueBytes, 'kv'],
      output: [HALF * scores, 'tokensTp'],
      ...unfused,
    }),
    elementwise('softmax bwd', scores, 'tokensSoftmax', 2, 1, unfused),
    attentionProduct('attention scores bwd', {
      flops: [2 * keyFlops * pairs, 'tokensTp'],
      input: [queryBytes + HALF * scores, 'tokensTp'],
      weight: [2 * keyBytes, 'kv'],
      output: [queryBytes, 'tokensTp'],
      ...unfused,
    }),
  ];
  // Scores once more and the gradients of queries and keys; those of probabilities and of values.
  return aroundCore(m, inMemory, ({ prefix, window }, scale) =>
    attentionProduct(`fused ${prefix}attention bwd`, {
      rate: 'attentionBackward',
      flops: [(3 * keyFlops + 2 * valueFlops) * attentionPairs(m, window, true), scale],
      input: [queryBytes + 2 * outputBytes, 'tokensTp'],
      weight: [2 * (keyBytes + valueBytes), 'kv'],
      output: [queryBytes, 'tokensTp'],
      ...fused,
    }),
  );
}

/** Products of each head of its own: parts of queries and outputs to the latent width and back (arXiv 2405.04434, 2.1.2). */
function absorbed(m: ModelPhase, name: string, inner: number, columns: number): Product {
  return {
    name,
    tokens: m.seq * m.heads,
    inner,
    columns,
    work: 'tokensTp',
    x: 'tokensTp',
    y: 'tokensTp',
    w: 'weight',
    copies: m.heads,
    keep: undefined,
    half: true,
  };
}

/**
 * One new token over the cache; with sp > 1 each rank holds a part of it, and the partial results are combined. A latent
 * cache is read once for all heads, whose products are as wide as it.
 */
export function attentionDecode(m: ModelPhase): Operation[] {
  const share = attentionShare(m);
  const latent = m.kvRank > 0;
  const kind = latent ? 'latent ' : '';
  const keyDim = latent ? m.kvRank + m.ropeDim : m.headDim;
  const valueDim = latent ? m.kvRank : m.valueDim;
  const inputBytes = HALF * m.seq * m.heads * keyDim;
  const outputBytes = HALF * m.seq * m.heads * valueDim;
  const overCache = spansOf(m).flatMap(({ prefix, share: ofSpan, window }) =>
    shared(ofSpan, [
      attentionProduct(`${prefix}${kind}attention over cache`, {
        rate: 'cache',
        flops: [2 * m.heads * (keyDim + valueDim) * attentionPairs(m, window, false), 'context'],
        input: [inputBytes, 'tokensTp'],
        weight: [cacheBytes(m) * Math.min(window ?? m.context, m.context), 'cache'],
        output: [outputBytes, 'tokensTp'],
      }),
    ]),
  );
  const behind = [
    communicate(`combine ${kind}attention`, 'allReduce', 'sp', [outputBytes, 'tokensTp']),
    communicate(`combine ${kind}attention of the ring`, 'allReduce', 'contextRing', [outputBytes, 'tokensTp']),
    ...(latent ? [forward(absorbed(m, 'absorb values', m.kvRank, m.valueDim))] : []),
  ];
  return [
    ...(latent ? shared(share, [forward(absorbed(m, 'absorb keys', m.headDim - m.ropeDim, m.kvRank))]) : []),
    ...overCache,
    ...shared(share, behind),
  ];
}

/** Bytes that a layer caches of a token: the keys and values of its heads, or the latent and the rotated key of all of them. */
export function cacheBytes(m: ModelPhase): number {
  return HALF * (m.kvRank > 0 ? m.kvRank + m.ropeDim : m.kvHeads * (m.headDim + m.valueDim));
}

/** MB of the cache of a layer, in the mean of all: a local layer keeps its window alone. */
export function meanCacheBytes(m: ModelPhase): number {
  return spansOf(m).reduce(
    (sum, { share, window }) => sum + share * cacheBytes(m) * Math.min(window ?? m.context, m.context),
    0,
  );
}

/** How many ways tp may split the cache. */
export function cacheHeads(m: ModelPhase): number {
  return m.kvRank > 0 ? 1 : m.kvHeads;
}
