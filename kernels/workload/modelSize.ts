/** Parameters of a model, and its work a token: what papers and model cards publish. */
import { attends, blocksOf, hasState, type LayerKind, layerKinds, shareOf } from '../../psa/layerKinds.js';
import type { StateRule } from '../../psa/modelFields.js';
import type { ModelPhase } from '../../psa/space.js';

/** Columns of a product's weights with, if it has one, their bias. */
function product(inner: number, columns: number, bias: boolean): number {
  return (inner + (bias ? 1 : 0)) * columns;
}

/** Weights of a norm so wide: a scale, and a shift too. */
function normWeights({ norm }: ModelPhase, width: number): number {
  return (norm === 'layer' ? 2 : 1) * width;
}

/** Attention without what makes keys and values, and that. */
function attentionParameters(m: ModelPhase): { dense: number; kv: number } {
  const queries = m.heads * m.headDim;
  const values = m.heads * m.valueDim;
  const bias = m.attentionBias !== 'none';
  const projection = product(values, m.hidden, m.attentionBias === 'all');
  if (m.kvRank === 0) {
    const keys = m.kvHeads * m.headDim;
    const widths = { none: 0, head: m.headDim + m.headDim, full: queries + keys }[m.qkNorm];
    const gates = m.attentionGate ? values : 0;
    return {
      dense: product(m.hidden, queries + gates, bias) + projection + normWeights(m, widths),
      kv: product(m.hidden, keys + m.kvHeads * m.valueDim, bias),
    };
  }
  // Keys and values of latent attention are as many as there are heads, which tp splits like the queries.
  const latent = product(m.hidden, m.kvRank + m.ropeDim, bias) + normWeights(m, m.kvRank);
  const pressed = m.queryRank > 0 ? product(m.hidden, m.queryRank, bias) + normWeights(m, m.queryRank) : 0;
  const up = m.kvRank * m.heads * (m.headDim - m.ropeDim + m.valueDim);
  return { dense: pressed + (m.queryRank || m.hidden) * queries + latent + up + projection, kv: 0 };
}

/** Widths of a layer with a state, in values of a token. */
export interface StateWidths {
  /** Channels: values of all heads. */
  readonly inner: number;
  /** What is written into states, and as much that reads them: keys and queries of all groups; and those of all heads. */
  readonly group: number;
  readonly keys: number;
  /** Columns of the first product, and all that is made of its input, with gates that are pressed on their way. */
  readonly columns: number;
  readonly made: number;
}

/** Steps or decays of heads, strengths of what they write, and gates of each channel of keys. */
function ruleWidth({ stateRule, stateHeads, stateDim }: ModelPhase): number {
  return {
    mamba2: stateHeads,
    lightning: 0,
    gatedDelta: 2 * stateHeads,
    kimiDelta: stateHeads * (1 + stateDim),
  }[stateRule];
}

export function stateWidths(m: ModelPhase): StateWidths {
  const inner = m.stateHeads * m.stateHeadDim;
  const group = m.stateGroups * m.stateDim;
  const keys = m.stateHeads * m.stateDim;
  const made = 2 * inner + 2 * group + ruleWidth(m);
  return { inner, group, keys, columns: m.stateGateRank > 0 ? made - inner - keys : made, made };
}

/** Gates on their way through a narrow width: of channels and of outputs (Kimi Linear, arXiv 2510.26692). */
function pressedGates(m: ModelPhase): number {
  const { inner, keys } = stateWidths(m);
  return m.stateGateRank * (2 * m.hidden + inner + keys);
}

/** What a rule has beside its products: decays, biases of steps, direct ways; and the norm of outputs, of all heads or one for each. */
function ruleParameters(m: ModelPhase): number {
  const { inner, group, keys } = stateWidths(m);
  return {
    mamba2: 3 * m.stateHeads + inner + inner + 2 * group,
    lightning: inner,
    gatedDelta: 2 * m.stateHeads + m.stateHeadDim,
    kimiDelta: m.stateHeads + keys + m.stateHeadDim,
  }[m.stateRule];
}

/** A layer with a state: its products, a convolution (Mamba-2's, arXiv 2405.21060, has a bias), and what its rule has. */
function stateSpaceParameters(m: ModelPhase): number {
  const { inner, group, columns } = stateWidths(m);
  const convolution = m.stateConvolution * (inner + 2 * group);
  return m.hidden * columns + pressedGates(m) + convolution + ruleParameters(m) + inner * m.hidden;
}

function mixerOf(m: ModelPhase, kind: LayerKind): { dense: number; kv: number } {
  const { dense, kv } = attends(kind) ? attentionParameters(m) : { dense: 0, kv: 0 };
  return { dense: dense + (hasState(kind) ? stateSpaceParameters(m) : 0), kv };
}

/** Width that experts work in. */
export function expertWidth({ expertLatent, hidden }: ModelPhase): number {
  return expertLatent || hidden;
}

function mlpParameters(m: ModelPhase, ffn: number, width = m.hidden): number {
  return product(width, (m.gated ? 2 : 1) * ffn, m.mlpBias) + product(ffn, width, m.mlpBias);
}

/** The router, the ways into and out of a latent and the experts that all tokens go through, or the whole MLP; and all other experts. */
function mlpOf(m: ModelPhase, { mlp, ffn }: LayerKind): { dense: number; expert: number } {
  if (mlp === 'none') return { dense: 0, expert: 0 };
  if (mlp === 'dense') return { dense: mlpParameters(m, ffn), expert: 0 };
  const shared = m.sharedFfn > 0 ? mlpParameters(m, m.sharedFfn) : 0;
  const latent = 2 * m.hidden * m.expertLatent;
  return { dense: m.hidden * m.experts + latent + shared, expert: m.experts * mlpParameters(m, ffn, expertWidth(m)) };
}

/** Parameters of all layers of a kind. */
function kindParameters(m: ModelPhase, kind: LayerKind): Record<'dense' | 'kv' | 'expert', number> {
  const mixer = mixerOf(m, kind);
  const mlp = mlpOf(m, kind);
  // A layer that predicts a later token joins its input with that token's embedding: a product of twice the width, two norms.
  const joined = kind.mtp ? 2 * m.hidden * m.hidden + 2 * normWeights(m, m.hidden) : 0;
  const norms = (m.norms / 2) * blocksOf(kind) * normWeights(m, m.hidden);
  const dense = mixer.dense + mlp.dense + norms + joined;
  return { dense: kind.layers * dense, kv: kind.layers * mixer.kv, expert: kind.layers * mlp.expert };
}

/** Between the width of the token table and that of the residual stream, where those differ. */
function edgeProjection({ embedDim, hidden }: ModelPhase): number {
  return embedDim === hidden ? 0 : embedDim * hidden;
}

type ParameterPart = 'dense' | 'kv' | 'expert' | 'embed' | 'head' | 'ownHead';

/**
 * Parameters: of a layer as the mean of all kinds (dense, keys and values, experts), of the embedding, of the head, and of a head
 * that lies with the embedding.
 */
export function parameterCounts(m: ModelPhase): Record<ParameterPart, number> {
  const kinds = layerKinds(m).map((kind) => kindParameters(m, kind));
  const mean = (part: 'dense' | 'kv' | 'expert') => kinds.reduce((sum, kind) => sum + kind[part], 0) / m.layers;
  const projection = edgeProjection(m);
  const head = m.vocab * m.embedDim + (m.vocab > 0 ? 0 : m.classes * m.hidden) + projection;
  return {
    dense: mean('dense'),
    kv: mean('kv'),
    expert: mean('expert'),
    embed: m.vocab * m.embedDim + (m.vocab > 0 ? 0 : m.patch * m.hidden) + m.positions * m.hidden + projection,
    head,
    ownHead: m.tiedEmbeddings ? projection : head,
  };
}

/** Dense layers that lead a mixture. */
export function leadingLayers({ experts, leadingDense, layers }: ModelPhase): number {
  return experts === 1 ? 0 : Math.min(leadingDense, layers);
}

/** Parameters where layers differ: dense ones of a layer that leads; dense and experts of another, in the mean; of all that predict a later token. */
export function parametersByPlace(m: ModelPhase) {
  const kinds = layerKinds(m);
  const leading = leadingLayers(m);
  const sum = (some: readonly LayerKind[], part: 'dense' | 'kv' | 'expert') =>
    some.reduce((total, kind) => total + kindParameters(m, kind)[part], 0);
  const own = kinds.filter(({ mtp }) => !mtp);
  const predicting = kinds.filter(({ mtp }) => mtp);
  const dense = kinds.find(({ mlp }) => mlp === 'dense');
  const leadingDense = leading > 0 && dense ? sum([{ ...dense, layers: 1 }], 'dense') : 0;
  const others = Math.max(m.layers - leading, 1);
  return {
    leadingDense,
    otherDense: (sum(own, 'dense') - leading * leadingDense) / others,
    otherExpert: sum(own, 'expert') / others,
    mtpDense: sum(predicting, 'dense'),
    mtpKv: sum(predicting, 'kv'),
    mtpExpert: sum(predicting, 'expert'),
  };
}

/** What a model's papers state of its size. */
export interface ModelSize {
  /** Parameters of the model itself, without layers that predict a later token. */
  readonly parameters: number;
  /** Of these, what a token goes through: in a mixture the router, the shared and so many of the other experts. */
  readonly activeParameters: number;
  /** Parameters of layers that predict a later token. */
  readonly mtpParameters: number;
  /** FLOPs of a forward pass a token, with attention in full, and with its masked half left out where it is causal. */
  readonly forwardFlopsFull: number;
  readonly forwardFlopsCausal: number;
}

/** Pairs of a query and a key that a sequence's attention is over; `masked`: without those that causal attention skips. */
export function attentionPairs(m: ModelPhase, window: number | undefined, masked: boolean): number {
  const span = Math.min(window ?? m.context, m.context);
  // Each of the first tokens sees one more than the one before, up to the window.
  return m.seq * span - (masked && m.causal && m.phase !== 'decode' ? span ** 2 / 2 : 0);
}

/** FLOPs of the attention core of all layers for a sequence: scores, and sums of values. */
export function attentionFlops(m: ModelPhase, masked: boolean): number {
  const width = m.heads * (m.headDim + m.valueDim);
  return layerKinds(m).reduce(
    (sum, kind) => sum + (attends(kind) ? kind.layers * 2 * width * attentionPairs(m, kind.window, masked) : 0),
    0,
  );
}

/**
 * FLOPs for each number of a state and token: it decays, is added to and read out. Megatron-LM counts 7 of Mamba-2's scan and 8 of a
 * gated delta rule (num_floating_point_operations): four operations of 2, of which a rule that does not first ask what a key had
 * lacks one.
 */
export const RULE_FLOPS: Readonly<Record<StateRule, number>> = { mamba2: 7, lightning: 6, gatedDelta: 8, kimiDelta: 8 };

/** FLOPs of the states of all layers for a sequence, as of a recurrence. */
export function stateFlops(m: ModelPhase): number {
  const { inner } = stateWidths(m);
  const layers = m.layers * shareOf(m, hasState);
  return RULE_FLOPS[m.stateRule] * layers * m.seq * inner * m.stateDim;
}

/**
 * The size of a model as its makers state it.
 *
 * @param productFlops FLOPs of its products for a sequence, without the attention core
 * @example
 * modelSize(loadModel('mixtral-8x7b').phases[0]).activeParameters; // 12.9e9
 */
export function modelSize(m: ModelPhase, productFlops: number): ModelSize {
  const kinds = layerKinds(m);
  const { embed, ownHead } = parameterCounts(m);
  const edges = embed + ownHead + normWeights(m, m.hidden);
  const sum = (some: readonly LayerKind[], expertShare: number) =>
    some
      .map((kind) => kindParameters(m, kind))
      .reduce((total, { dense, kv, expert }) => total + dense + kv + expert * expertShare, 0);
  const own = kinds.filter(({ mtp }) => !mtp);
  const perToken = (flops: number) => flops / m.seq;
  return {
    parameters: sum(own, 1) + edges,
    activeParameters: sum(own, m.expertsPerToken / m.experts) + edges,
    mtpParameters: sum(
      kinds.filter(({ mtp }) => mtp),
      1,
    ),
    forwardFlopsFull: perToken(productFlops + attentionFlops(m, false) + stateFlops(m)),
    forwardFlopsCausal: perToken(productFlops + attentionFlops(m, true) + stateFlops(m)),
  };
}

/** Parameters of a model, with those of layers that predict a later token. */
export function allParameters(m: ModelPhase): number {
  const { parameters, mtpParameters } = modelSize(m, 0);
  return parameters + mtpParameters;
}
