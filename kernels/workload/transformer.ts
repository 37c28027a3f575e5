/**
 * Op graphs of transformers: the rows of one layer, of the embedding and of the head, forward and backward.
 * Tensor and sequence parallelism and the bytes that are kept (34·s·b·h + 5·a·s²·b per layer): arXiv 2205.05198, figures
 * 4–6 and section 4. Experts exchange tokens by all-to-all: GShard, arXiv 2006.16668. In the backward pass the reduction of
 * dX runs beside the product of dW, as in Megatron-LM.
 */
import { layerKinds } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { attentionShare } from './attention.js';
import {
  attentionBackwardRows,
  attentionBlock,
  attentionBlockBackward,
  attentionForwardRows,
  coreInputAgain,
} from './attentionBlock.js';
import { denseMlp, mlpBackwardRows, mlpForwardRows, operationsAgain } from './mlp.js';
import { mlpBackward, mlpBlock } from './mlpBlock.js';
import type { Operation, Scale } from './operation.js';
import { recomputed, recomputedLayer, unneeded } from './recomputation.js';
import {
  columnBackward,
  communicate,
  dropoutMask,
  elementwise,
  enterTensorParallel as enter,
  forward,
  HALF,
  inputGradient,
  leaveTensorParallel as leave,
  OWN_TOKENS,
  type Product,
  SINGLE,
  shared,
  weightGradient,
} from './rows.js';
import { shardCopies } from './shardCopies.js';
import { stateSpaceBackward, stateSpaceBlock } from './stateSpace.js';
import { addedGradients } from './summedGradients.js';
import { withTensorCopies } from './tensorCopies.js';

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

/**
 * A layer whose attention and MLP read the same input and leave together, with one reduction (GPT-J; PaLM, arXiv 2204.02311,
 * section 2).
 */
function parallelLayer(m: ModelPhase): { forward: Operation[]; backward: Operation[] } {
  const mlp = denseMlp(m, m.ffn);
  const elements = m.seq * m.hidden;
  const bytes = HALF * elements;
  return {
    forward: [
      ...attentionForwardRows(m),
      ...mlpForwardRows(mlp),
      ...unneeded([
        ...leave('layer output', bytes),
        elementwise('layer residual', elements, 'tokensSeq', 3, 1, { saved: dropoutMask(m) }),
      ]),
    ],
    backward: [
      elementwise('layer residual bwd', elements, 'tokensSeq', 2, 1),
      ...coreInputAgain(m),
      enter('layer output gradient', bytes),
      ...operationsAgain(mlp),
      ...recomputed({ recomputeMlp: true }, mlpForwardRows(mlp)),
      ...mlpBackwardRows(mlp),
      ...attentionBackwardRows(m, [mlp.up]),
    ],
  };
}

/** Layers that predict a later token join its embedding to their input: a product of twice the width (arXiv 2412.19437, 2.2). */
function joined(m: ModelPhase): { forward: Operation[]; backward: Operation[] } {
  const count = layerKinds(m).reduce((sum, { mtp, layers }) => sum + (mtp ? layers : 0), 0);
  if (count === 0) return { forward: [], backward: [] };
  const widths = { tokens: m.seq, inner: 2 * m.hidden, columns: m.hidden };
  const product: Product = { ...OWN_TOKENS, name: 'joined input', ...widths };
  return {
    forward: shared(count / m.layers, [forward(product)]),
    backward: shared(count / m.layers, [inputGradient(product, 'last'), weightGradient(product, 'none')]),
  };
}

/** Rows of attention, where any layer has it. */
function attention(m: ModelPhase, rows: (m: ModelPhase) => Operation[]): Operation[] {
  return attentionShare(m) > 0 ? rows(m) : [];
}

function layerOf(m: ModelPhase): { forward: Operation[]; backward: Operation[] } {
  if (m.parallelBlock) return parallelLayer(m);
  const { forward, backward } = joined(m);
  return {
    forward: [...forward, ...attention(m, attentionBlock), ...stateSpaceBlock(m), ...mlpBlock(m)],
    backward: [...mlpBackward(m), ...stateSpaceBackward(m), ...attention(m, attentionBlockBackward), ...backward],
  };
}

/** A product between the width of the token table and that of the residual stream, where those differ (OPT-350M). */
function edgeProduct(m: ModelPhase, name: string, tokens: number, inner: number, columns: number): Product[] {
  if (m.embedDim === m.hidden) return [];
  return [{ ...OWN_TOKENS, name, tokens, inner, columns, half: true }];
}

function edgeBackward(products: readonly Product[]): Operation[] {
  return products.flatMap((product) => [inputGradient(product, 'last'), weightGradient(product, 'none')]);
}

/** The embedding: a table that is looked up, split over its vocabulary, or a product over patches. */
function embedding(m: ModelPhase): { forward: Operation[]; backward: Operation[] } {
  if (m.vocab === 0) {
    const widths = { tokens: m.seq, inner: m.patch, columns: m.hidden };
    const product: Product = { ...OWN_TOKENS, name: 'patch embedding', ...widths, half: true };
    return { forward: [forward(product)], backward: [weightGradient(product, 'last')] };
  }
  const elements = m.seq * m.embedDim;
  const widened = edgeProduct(m, 'embedding up', m.seq, m.embedDim, m.hidden);
  return {
    forward: [
      elementwise('token embedding', elements, 'tokens', 1, 1, { saved: dropoutMask(m) }),
      ...leave('embedding', HALF * elements),
      ...widened.map(forward),
    ],
    backward: [
      ...edgeBackward(widened),
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
  const width = m.vocab === 0 ? m.hidden : m.embedDim;
  const narrowed = m.vocab === 0 ? [] : edgeProduct(m, 'head down', tokens, m.hidden, width);
  const bytes = HALF * tokens * width;
  const product: Product = {
    name: 'logits',
    tokens,
    inner: width,
    columns,
    work: scale,
    x: 'tokens',
    y: scale,
    w: 'weight',
    copies: 1,
    keep: 'tokensSeq',
    half: true,
  };
  const logits = tokens * columns;
  return {
    forward: [
      elementwise('final norm', m.seq * m.hidden, 'tokensNorm', 1, 1, {
        saved: [HALF * m.seq * m.hidden, 'tokensSeq'],
      }),
      ...narrowed.map(forward),
      enter('head input', bytes),
      forward(product),
      elementwise('loss', logits, 'tokensLoss', 7, 5, { saved: [SINGLE * logits, scale] }),
      communicate('reduce loss', 'allReduce', 'tp', [3 * SINGLE * tokens, 'tokens']),
    ],
    backward: [
      elementwise('loss bwd', logits, 'tokensLoss', 4, 3),
      ...columnBackward('head input', [product], bytes),
      ...edgeBackward(narrowed),
      elementwise('final norm bwd', m.seq * m.hidden, 'tokensNorm', 3, 1),
    ],
  };
}

/** Forgets what is kept: inference has no backward pass. */
function withoutSaved(rows: readonly Operation[]): Operation[] {
  return rows.map((row) => ({ ...row, saved: [0, 'one'] }));
}

/** The op graph of a model in one phase. */
export function opGraph(m: ModelPhase): OpGraph {
  const layer = layerOf(m);
  // Each layer that predicts a later token passes through the head once more.
  const passes = 1 + m.mtpLayers;
  if (m.phase !== 'training') {
    return {
      embedForward: withoutSaved(embedding(m).forward),
      layerForward: withoutSaved(layer.forward),
      headForward: withoutSaved(head(m).forward),
      headBackward: [],
      layerBackward: [],
      embedBackward: [],
    };
  }
  const added = addedGradients(m);
  const copied = shardCopies(m);
  const forward = withTensorCopies(layer.forward);
  return {
    embedForward: [...copied.embed.forward, ...withTensorCopies(embedding(m).forward)],
    layerForward: [...copied.layer.forward, ...forward],
    headForward: [...copied.head.forward, ...shared(passes, withTensorCopies(head(m).forward))],
    headBackward: [...shared(passes, withTensorCopies(head(m).backward)), ...added.head, ...copied.head.gradients],
    layerBackward: [
      ...copied.layer.backward,
      ...recomputedLayer(forward),
      ...withTensorCopies(layer.backward),
      ...added.layer,
      ...copied.layer.gradients,
    ],
    embedBackward: [...withTensorCopies(embedding(m).backward), ...added.embed, ...copied.embed.gradients],
  };
}
