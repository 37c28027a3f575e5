/**
 * Rows of the attention half of a layer: norm, the products that make queries, keys and values, the core, the projection.
 * Latent attention: DeepSeek-V2, arXiv 2405.04434, 2.1; its down-projections run whole on each rank's own tokens.
 */
import { attends, endsWithMixer, shareOf } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { attentionBackward, attentionDecode, attentionForward, attentionShare, projected } from './attention.js';
import type { Operation, Term } from './operation.js';
import { droppedWith, recomputed, unneededFrom } from './recomputation.js';
import { rotate, rotateBackward } from './rotary.js';
import {
  columnBackward,
  communicate,
  dropoutMask,
  elementwise,
  enterTensorParallel as enter,
  forward,
  HALF,
  inputGradient,
  keptWith,
  leaveTensorParallel as leave,
  making,
  OWN_TOKENS,
  offloadedWith,
  type Product,
  shared,
  type When,
  weightGradient,
} from './rows.js';

interface AttentionProducts {
  /** Products of each rank's own tokens, whose weights all of them hold. */
  readonly own: readonly Product[];
  /** What the ranks gather, and the products that tp splits. */
  readonly input: string;
  readonly inputBytes: number;
  readonly columns: readonly Product[];
  readonly projection: Product;
}

function attentionProducts(m: ModelPhase): AttentionProducts {
  const dense = { tokens: m.seq, copies: 1, work: 'tokensTp', w: 'weight' } as const;
  const column = { ...dense, inner: m.hidden, x: 'tokens', y: 'tokensTp', keep: 'tokensSeq' } as const;
  const width = m.heads * m.headDim;
  const projection: Product = {
    ...dense,
    name: 'attention projection',
    inner: m.heads * m.valueDim,
    columns: m.hidden,
    x: 'tokensTp',
    y: 'tokens',
    keep: 'tokensTp',
  };
  if (m.kvRank > 0) return { ...latentProducts(m, column), projection };
  const queries = width + (m.attentionGate ? m.heads * m.valueDim : 0);
  const kvWidth = m.kvHeads * (m.headDim + m.valueDim);
  const kv = { work: 'tokensKv', y: 'tokensKv', w: 'weightKv', keep: undefined } as const;
  const columns: readonly Product[] =
    m.kvHeads < m.heads
      ? [
          { ...column, name: 'Q', columns: queries },
          { ...column, name: 'KV', columns: kvWidth, ...kv, sharesInput: true },
        ]
      : [{ ...column, name: 'QKV', columns: queries + kvWidth }];
  return { own: [], input: 'attention input', inputBytes: HALF * m.seq * m.hidden, columns, projection };
}

function latentProducts(
  m: ModelPhase,
  column: Omit<Product, 'name' | 'columns'>,
): Omit<AttentionProducts, 'projection'> {
  const own = { ...column, ...OWN_TOKENS };
  const down: Product = { ...own, name: 'KV down', columns: m.kvRank + m.ropeDim, keep: undefined };
  const pressed = m.queryRank > 0;
  const query: Product = {
    ...column,
    name: pressed ? 'Q up' : 'Q',
    inner: pressed ? m.queryRank : m.hidden,
    columns: m.heads * m.headDim,
  };
  const up: Product = {
    ...column,
    name: 'KV up',
    inner: m.kvRank,
    columns: m.heads * (m.headDim - m.ropeDim + m.valueDim),
  };
  return {
    own: [...(pressed ? [{ ...own, name: 'Q down', columns: m.queryRank }] : []), down],
    input: 'latents',
    inputBytes: HALF * m.seq * ((m.queryRank || m.hidden) + m.kvRank + m.ropeDim),
    // Decoding works on the latents that are cached.
    columns: m.phase === 'decode' ? [query] : [query, up],
  };
}

/** Norms of the latents. */
function latentNorms(m: ModelPhase, name: string, reads: number): Operation[] {
  if (m.kvRank === 0) return [];
  const elements = m.seq * (m.queryRank + m.kvRank);
  const saved: Term = [reads === 1 ? HALF * elements : 0, 'tokensSeq'];
  return [elementwise(name, elements, 'tokensSeq', reads, 1, { saved })];
}

function keysOf(m: ModelPhase): number {
  return HALF * m.kvHeads * (m.headDim + m.valueDim);
}

const HEADS: When = { exchangeHeads: true };
const GATHERED: When = { exchangeHeads: false };

/** Bytes of queries (as wide as their gradients) and of outputs. */
function widthsOf(m: ModelPhase): { queries: Term; outputs: Term } {
  return {
    queries: [HALF * m.seq * m.heads * m.headDim, 'tokensTp'],
    outputs: [HALF * m.seq * m.heads * m.valueDim, 'tokensTp'],
  };
}

/** Outputs times their gates, both of which are kept (Qwen3-Next). */
function gateOutputs(m: ModelPhase): Operation[] {
  const elements = m.seq * m.heads * m.valueDim;
  if (!m.attentionGate) return [];
  return [elementwise('attention gate', elements, 'tokensTp', 2, 1, { saved: [2 * HALF * elements, 'tokensTp'] })];
}

function gateOutputsBackward(m: ModelPhase): Operation[] {
  if (!m.attentionGate) return [];
  return [elementwise('attention gate bwd', m.seq * m.heads * m.valueDim, 'tokensTp', 3, 2)];
}

/** What ranks of sp need of one another before the core. */
function contextIn(m: ModelPhase): Operation[] {
  const exchanged: Term = [keysOf(m) * m.seq, 'kvExchanged'];
  const whole: Term = [keysOf(m) * m.context, 'kv'];
  return [
    {
      ...communicate('gather keys and values', 'allGather', 'sp', whole, GATHERED),
      saved: [keysOf(m) * m.seq, 'tokensKv'],
      droppedWith: projected(m),
      keptWith: 'keepQkv',
    },
    communicate('exchange queries', 'allToAll', 'sp', widthsOf(m).queries, HEADS),
    {
      ...communicate('exchange keys and values', 'allToAll', 'sp', exchanged, HEADS),
      saved: exchanged,
      droppedWith: projected(m),
      keptWith: 'keepQkv',
    },
    ...making('keepAttentionOutput', [communicate('pass on keys and values', 'allGather', 'contextRing', whole)]),
  ];
}

/** And before its backward pass: gradients travel with the keys and values that they belong to. */
function contextInBackward(m: ModelPhase): Operation[] {
  return [
    communicate('exchange output gradients', 'allToAll', 'sp', widthsOf(m).outputs, HEADS),
    communicate('pass on keys, values and gradients', 'allGather', 'contextRing', [2 * keysOf(m) * m.context, 'kv']),
  ];
}

function contextOutBackward(m: ModelPhase): Operation[] {
  return [
    communicate('reduce-scatter keys and values', 'reduceScatter', 'sp', [keysOf(m) * m.context, 'kv'], GATHERED),
    communicate('exchange query gradients', 'allToAll', 'sp', widthsOf(m).queries, HEADS),
    communicate('exchange keys and values gradients', 'allToAll', 'sp', [keysOf(m) * m.seq, 'kvExchanged'], HEADS),
  ];
}

function attentionNorm(m: ModelPhase): Operation {
  const elements = m.seq * m.hidden;
  return elementwise('attention norm', elements, 'tokensNorm', 1, 1, { saved: [HALF * elements, 'tokensSeq'] });
}

/** Is the input of a product what the norm makes, and no latent? */
function readsNorm(m: ModelPhase, { name }: Product): boolean {
  return m.kvRank === 0 || name === 'Q';
}

/** The core, and what makes its input and takes its output: norm, products, attention, projection. */
export function attentionForwardRows(m: ModelPhase): Operation[] {
  const { own, input, inputBytes, columns, projection } = attentionProducts(m);
  const share = attentionShare(m);
  const before = [
    ...offloadedWith('offloadAttentionNorm', [attentionNorm(m)]),
    ...offloadedWith('offloadQkv', [
      ...droppedWith(['recomputeNorms'], own.map(forward)),
      ...latentNorms(m, 'latent norms', 1),
      ...making('keepQkv', [
        enter(input, inputBytes),
        ...columns.flatMap((product) =>
          droppedWith(readsNorm(m, product) ? ['recomputeNorms', 'recomputeOperations'] : [], [forward(product)]),
        ),
      ]),
    ]),
    ...making('keepQkv', rotate(m)),
  ];
  if (m.phase === 'decode') {
    const behind = [...gateOutputs(m), forward(projection)];
    return [...shared(share, before), ...attentionDecode(m), ...shared(share, behind)];
  }
  const exchangeOutputs = communicate('exchange outputs', 'allToAll', 'sp', widthsOf(m).outputs, HEADS);
  return [
    ...shared(share, [...before, ...offloadedWith('offloadAttentionCore', contextIn(m))]),
    ...offloadedWith('offloadAttentionCore', making('keepAttentionOutput', attentionForward(m))),
    ...shared(share, [
      ...making('keepAttentionOutput', [exchangeOutputs]),
      ...offloadedWith('offloadProjection', [
        ...gateOutputs(m),
        ...making('keepProjection', keptWith('keepAttentionOutput', [forward(projection)])),
      ]),
    ]),
  ];
}

/** Do all layers with attention end with it, so that no backward pass looks at its output? A state abreast comes behind it. */
function attentionEnds(m: ModelPhase): boolean {
  return m.norms < 4 && endsWithMixer(m, attends) && shareOf(m, ({ mixer }) => mixer === 'abreast') === 0;
}

/** Reductions of the output and its sum with the residual stream. */
export function attentionBlock(m: ModelPhase): Operation[] {
  const elements = m.seq * m.hidden;
  const rows = [
    ...attentionForwardRows(m),
    ...shared(attentionShare(m), [
      ...making('keepProjection', leave('attention output', HALF * elements)),
      ...keptWith('keepProjection', outputNorm(m, 'attention')),
      elementwise('attention residual', elements, 'tokensSeq', 2, 1, { saved: dropoutMask(m) }),
    ]),
  ];
  return attentionEnds(m) ? unneededFrom(attentionProducts(m).projection.name, rows) : rows;
}

/** A norm behind attention or the MLP, as Gemma 2 has them (arXiv 2408.00118, section 2). */
export function outputNorm(m: ModelPhase, of: 'attention' | 'MLP'): Operation[] {
  const elements = m.seq * m.hidden;
  if (m.norms < 4) return [];
  return [elementwise(`${of} output norm`, elements, 'tokensNorm', 1, 1, { saved: [HALF * elements, 'tokensSeq'] })];
}

export function outputNormBackward(m: ModelPhase, of: 'attention' | 'MLP'): Operation[] {
  if (m.norms < 4) return [];
  return [elementwise(`${of} output norm bwd`, m.seq * m.hidden, 'tokensNorm', 3, 1)];
}

/** Queries, keys and values of latents once more, where they were dropped. */
function projectAgain(m: ModelPhase): Operation[] {
  if (m.kvRank === 0) return [];
  const { input, inputBytes, columns } = attentionProducts(m);
  const exchanges = contextIn(m).filter(({ when }) => when.exchangeHeads);
  return recomputed({ recomputeUpProjections: true }, [
    enter(input, inputBytes),
    ...columns.map(forward),
    ...rotate(m),
    ...exchanges,
  ]);
}

/** What the core needs again: latents projected, keys and values gathered. */
export function coreInputAgain(m: ModelPhase): Operation[] {
  const keys: Term = [keysOf(m) * m.context, 'kv'];
  const when = { ...GATHERED, recomputeAll: false };
  return [...projectAgain(m), communicate('gather keys and values again', 'allGather', 'sp', keys, when)];
}

/**
 * What every second product leaves to be done again, in torchtitan's count Q, K, V, projection: keys and the projection. The residual
 * stream behind it is that of the MLP's norm.
 */
function operationsAgain(m: ModelPhase): Operation[] {
  const { columns, projection } = attentionProducts(m);
  const keys = columns.at(-1)!;
  return recomputed({ recomputeOperations: true }, [
    attentionNorm(m),
    ...shared(columns.length > 1 ? 1 / 2 : 1 / 3, [forward(keys)]),
    forward(projection),
    elementwise('attention residual', m.seq * m.hidden, 'tokensSeq', 2, 1),
  ]);
}

/** Backward through the projection and the core, up to the products; `parallel`: further products of the same input. */
export function attentionBackwardRows(m: ModelPhase, parallel: readonly Product[] = []): Operation[] {
  const { own, input, inputBytes, columns, projection } = attentionProducts(m);
  const share = attentionShare(m);
  return [
    ...shared(share, [
      ...operationsAgain(m),
      inputGradient(projection, 'last'),
      weightGradient(projection, 'none'),
      ...gateOutputsBackward(m),
    ]),
    ...recomputed({ recomputeCore: true }, attentionForward(m)),
    ...shared(share, contextInBackward(m)),
    ...attentionBackward(m),
    ...shared(share, [
      ...contextOutBackward(m),
      ...rotateBackward(m),
      elementwise('keys and values gradient', m.seq * m.kvHeads * (m.headDim + m.valueDim), 'tokensKv', 1, 1),
      ...recomputed({ recomputeNorms: true }, [attentionNorm(m)]),
      ...columnBackward(input, [...parallel, ...columns], inputBytes),
      ...latentNorms(m, 'latent norms bwd', 3),
      ...own.flatMap((product) => [inputGradient(product, 'last'), weightGradient(product, 'none')]),
      elementwise('attention norm bwd', m.seq * m.hidden, 'tokensNorm', 3, 1),
    ]),
  ];
}

export function attentionBlockBackward(m: ModelPhase): Operation[] {
  const elements = m.seq * m.hidden;
  return [
    ...shared(attentionShare(m), [
      elementwise('attention residual bwd', elements, 'tokensSeq', 2, 1),
      ...outputNormBackward(m, 'attention'),
      ...coreInputAgain(m),
      enter('attention output gradient', HALF * elements),
    ]),
    ...attentionBackwardRows(m),
  ];
}
