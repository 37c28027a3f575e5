/**
 * Op graphs of transformers: the rows of one layer, of the embedding and of the head, forward and backward.
 * Tensor and sequence parallelism and the bytes that are kept (34·s·b·h + 5·a·s²·b per layer): arXiv 2205.05198, figures
 * 4–6 and section 4. Experts exchange tokens by all-to-all: GShard, arXiv 2006.16668. In the backward pass the reduction of
 * dX runs beside the product of dW, as in Megatron-LM.
 */
import type { ModelPhase } from '../../psa/space.js';
import { attentionBackward, attentionDecode, attentionForward } from './attention.js';
import type { Operation, Scale, Term } from './operation.js';
import {
  communicate,
  elementwise,
  enterTensorParallel as enter,
  forward,
  HALF,
  inputGradient,
  leaveTensorParallel as leave,
  type Product,
  recomputed,
  SINGLE,
  weightGradient,
} from './rows.js';

/** The sections of an op graph, in the order of their tables. */
export const SECTIONS = [
  'embedForward',
  'layerForward',
  'headForward',
  'headBackward',
  'layerBackward',
  'embedBackward',
] as const;
/** Those of a layer: they run beside the traffic of weights and gradients. */
export const LAYER_SECTIONS = ['layerForward', 'layerBackward'] as const;
/** Place of each section. */
export const SECTION = {
  embedForward: 0,
  layerForward: 1,
  headForward: 2,
  headBackward: 3,
  layerBackward: 4,
  embedBackward: 5,
} as const satisfies Record<Section, number>;
export type Section = (typeof SECTIONS)[number];
export type OpGraph = Record<Section, readonly Operation[]>;

interface LayerProducts {
  /** Q, K and V: one product, or two where fewer heads hold keys and values. */
  readonly qkv: readonly Product[];
  readonly projection: Product;
  readonly router: Product | undefined;
  readonly up: Product;
  readonly down: Product;
  /** Tokens that the MLP sees for each token: experts per token. */
  readonly fanOut: number;
  readonly gates: number;
}

function layerProducts(m: ModelPhase): LayerProducts {
  const width = m.heads * m.headDim;
  const kvWidth = 2 * m.kvHeads * m.headDim;
  const routed = m.experts > 1;
  const fanOut = routed ? m.expertsPerToken : 1;
  const gates = m.gated ? 2 : 1;
  const dense = { tokens: m.seq, copies: 1, work: 'tokensTp', w: 'weight' } as const;
  const columnParallel = { ...dense, inner: m.hidden, x: 'tokens', y: 'tokensTp', keep: 'tokensSeq' } as const;
  const rowParallel = { ...dense, columns: m.hidden, x: 'tokensTp', y: 'tokens', keep: 'tokensTp' } as const;
  const mlp = routed
    ? ({ tokens: m.seq * fanOut, copies: m.experts, w: 'weightExpert' } as const)
    : ({ tokens: m.seq, copies: 1, w: 'weight' } as const);
  const kv = { work: 'tokensKv', y: 'tokensKv', w: 'weightKv', keep: undefined } as const;
  return {
    qkv:
      m.kvHeads < m.heads
        ? [
            { ...columnParallel, name: 'Q', columns: width },
            { ...columnParallel, name: 'KV', columns: kvWidth, ...kv },
          ]
        : [{ ...columnParallel, name: 'QKV', columns: width + kvWidth }],
    projection: { ...rowParallel, name: 'attention projection', inner: width },
    router: routed
      ? {
          ...columnParallel,
          name: 'router',
          columns: m.experts,
          work: 'tokensSeq',
          x: 'tokensSeq',
          y: 'tokensSeq',
          w: 'one',
          keep: undefined,
        }
      : undefined,
    up: { ...columnParallel, ...mlp, name: routed ? 'experts up' : 'MLP up', columns: m.ffn * gates },
    down: { ...rowParallel, ...mlp, name: routed ? 'experts down' : 'MLP down', inner: m.ffn },
    fanOut,
    gates,
  };
}

function attentionBlock(m: ModelPhase): Operation[] {
  const { qkv, projection } = layerProducts(m);
  const elements = m.seq * m.hidden;
  const keyBytes = 2 * HALF * m.kvHeads * m.headDim;
  const gatherKeys: Operation = {
    ...communicate('gather keys and values', 'allGather', 'sp', [keyBytes * m.context, 'kv']),
    saved: [keyBytes * m.seq, 'tokensKv'],
  };
  return [
    elementwise('attention norm', elements, 'tokensSeq', 1, 1, { saved: [HALF * elements, 'tokensSeq'] }),
    enter('attention input', HALF * elements),
    ...qkv.map(forward),
    ...(m.phase === 'decode' ? attentionDecode(m) : [gatherKeys, ...attentionForward(m)]),
    forward(projection),
    ...leave('attention output', HALF * elements),
    elementwise('attention residual', elements, 'tokensSeq', 2, 1, { saved: dropoutMask(m) }),
  ];
}

/** A 1-byte mask of each residual branch that is dropped. */
function dropoutMask(m: ModelPhase): Term {
  return [m.dropout ? m.seq * m.hidden : 0, 'tokensSeq'];
}

function mlpBlock(m: ModelPhase): Operation[] {
  const { router, up, down, fanOut, gates } = layerProducts(m);
  const elements = m.seq * m.hidden;
  const bytes = HALF * elements * fanOut;
  const inner = m.seq * fanOut * m.ffn;
  return [
    elementwise('MLP norm', elements, 'tokensSeq', 1, 1, { saved: [HALF * elements, 'tokensSeq'] }),
    ...(router ? [forward(router), communicate('dispatch tokens', 'allToAll', 'ep', [bytes, 'tokensSeq'])] : []),
    enter('MLP input', bytes),
    forward(up),
    elementwise('activation', inner, 'tokensTp', gates, 1, { saved: [HALF * inner * gates, 'tokensTp'] }),
    forward(down),
    ...leave('MLP output', bytes),
    ...(router ? [communicate('combine tokens', 'allToAll', 'ep', [bytes, 'tokensSeq'])] : []),
    elementwise('MLP residual', elements, 'tokensSeq', 1 + fanOut, 1, { saved: dropoutMask(m) }),
  ];
}

/** Backward through Y = X·W in column-parallel layout: gather X beside dX, reduce dX beside dW. */
function columnBackward(name: string, products: readonly Product[], bytes: number): Operation[] {
  return [
    enter(`${name} again`, bytes),
    ...products.map((product) => inputGradient(product, 'none')),
    ...leave(`${name} gradient`, bytes),
    ...products.map((product) => weightGradient(product, 'previous')),
  ];
}

function mlpBackward(m: ModelPhase): Operation[] {
  const { router, up, down, fanOut, gates } = layerProducts(m);
  const elements = m.seq * m.hidden;
  const bytes = HALF * elements * fanOut;
  return [
    elementwise('MLP residual bwd', elements, 'tokensSeq', 2, 1),
    ...(router ? [communicate('combine tokens bwd', 'allToAll', 'ep', [bytes, 'tokensSeq'])] : []),
    enter('MLP output gradient', bytes),
    inputGradient(down, 'last'),
    weightGradient(down, 'none'),
    elementwise('activation bwd', m.seq * fanOut * m.ffn, 'tokensTp', 1 + gates, gates),
    ...columnBackward('MLP input', [up], bytes),
    ...(router
      ? [
          communicate('dispatch tokens bwd', 'allToAll', 'ep', [bytes, 'tokensSeq'] as Term),
          inputGradient(router, 'last'),
          weightGradient(router, 'none'),
        ]
      : []),
    elementwise('MLP norm bwd', elements, 'tokensSeq', 3, 1),
  ];
}

function attentionBlockBackward(m: ModelPhase): Operation[] {
  const { qkv, projection } = layerProducts(m);
  const elements = m.seq * m.hidden;
  const bytes = HALF * elements;
  const keys: Term = [2 * HALF * m.context * m.kvHeads * m.headDim, 'kv'];
  return [
    elementwise('attention residual bwd', elements, 'tokensSeq', 2, 1),
    communicate('gather keys and values again', 'allGather', 'sp', keys, { recomputeAll: false }),
    enter('attention output gradient', bytes),
    inputGradient(projection, 'last'),
    weightGradient(projection, 'none'),
    ...recomputed({ recomputeCore: true }, attentionForward(m)),
    ...attentionBackward(m),
    communicate('reduce-scatter keys and values', 'reduceScatter', 'sp', keys),
    elementwise('keys and values gradient', 2 * m.seq * m.kvHeads * m.headDim, 'tokensKv', 1, 1),
    ...columnBackward('attention input', qkv, bytes),
    elementwise('attention norm bwd', elements, 'tokensSeq', 3, 1),
  ];
}

function layerBackward(m: ModelPhase): Operation[] {
  const again = recomputed({ recomputeAll: true }, [...attentionBlock(m), ...mlpBlock(m)]);
  return [...again, ...mlpBackward(m), ...attentionBlockBackward(m)];
}

/** The embedding: a table that is looked up, split over its vocabulary, or a product over patches. */
function embedding(m: ModelPhase): { forward: Operation[]; backward: Operation[] } {
  const elements = m.seq * m.hidden;
  if (m.vocab === 0) {
    const product: Product = {
      name: 'patch embedding',
      tokens: m.seq,
      inner: m.patch,
      columns: m.hidden,
      work: 'tokensSeq',
      x: 'tokensSeq',
      y: 'tokensSeq',
      w: 'one',
      copies: 1,
      keep: 'tokensSeq',
    };
    return { forward: [forward(product)], backward: [weightGradient(product, 'last')] };
  }
  return {
    forward: [
      elementwise('token embedding', elements, 'tokens', 1, 1, { saved: dropoutMask(m) }),
      ...leave('embedding', HALF * elements),
    ],
    backward: [
      enter('embedding gradient', HALF * elements),
      elementwise('token embedding bwd', elements, 'tokens', 2, 1),
    ],
  };
}

/** The head: logits over the vocabulary or the classes, split over tp, and the loss in single precision. */
function head(m: ModelPhase): { forward: Operation[]; backward: Operation[] } {
  // Inference needs the logits of a sequence's last token only; a patch model classifies one token.
  const tokens = m.vocab === 0 || m.phase !== 'training' ? 1 : m.seq;
  const columns = m.vocab === 0 ? m.classes : m.vocab;
  const scale: Scale = 'tokensTp';
  const bytes = HALF * tokens * m.hidden;
  const product: Product = {
    name: 'logits',
    tokens,
    inner: m.hidden,
    columns,
    work: scale,
    x: 'tokens',
    y: scale,
    w: 'weight',
    copies: 1,
    keep: 'tokensSeq',
  };
  const logits = tokens * columns;
  return {
    forward: [
      elementwise('final norm', m.seq * m.hidden, 'tokensSeq', 1, 1, { saved: [HALF * m.seq * m.hidden, 'tokensSeq'] }),
      enter('head input', bytes),
      forward(product),
      elementwise('loss', logits, scale, 7, 5, { saved: [SINGLE * logits, scale] }),
      communicate('reduce loss', 'allReduce', 'tp', [3 * SINGLE * tokens, 'tokens']),
    ],
    backward: [
      elementwise('loss bwd', logits, scale, 4, 3),
      ...columnBackward('head input', [product], bytes),
      elementwise('final norm bwd', m.seq * m.hidden, 'tokensSeq', 3, 1),
    ],
  };
}

/** Forgets what is kept: inference has no backward pass. */
function withoutSaved(rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, saved: [0, 'one'] }));
}

/** The op graph of a model in one phase. */
export function opGraph(m: ModelPhase): OpGraph {
  const layerForward = [...attentionBlock(m), ...mlpBlock(m)];
  if (m.phase !== 'training') {
    return {
      embedForward: withoutSaved(embedding(m).forward),
      layerForward: withoutSaved(layerForward),
      headForward: withoutSaved(head(m).forward),
      headBackward: [],
      layerBackward: [],
      embedBackward: [],
    };
  }
  return {
    embedForward: embedding(m).forward,
    layerForward,
    headForward: head(m).forward,
    headBackward: head(m).backward,
    layerBackward: layerBackward(m),
    embedBackward: embedding(m).backward,
  };
}
