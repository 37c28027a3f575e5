/** The numbers of an op graph beside its rows: tables in f64, functions in WGSL. */
import { attends, blocksOf, type LayerKind, layerKinds, shareOf } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { cacheHeads, meanCacheBytes } from './attention.js';
import {
  allParameters,
  attentionFlops,
  expertWidth,
  leadingLayers,
  parameterCounts,
  parametersByPlace,
  stateFlops,
} from './modelSize.js';
import type { Operation } from './operation.js';
import { HALF, SINGLE } from './rows.js';
import { meanStateBytes, sharedHeads } from './stateSpace.js';
import type { OpGraph } from './transformer.js';

export const PHASE = { training: 0, prefill: 1, decode: 2 } as const;

/** Places in the integer header of a graph. */
export const GRAPH_INTEGER = {
  PHASE: 0,
  LAYERS: 1,
  HEADS: 2,
  KV_HEADS: 3,
  SEQ: 4,
  BATCH: 5,
  EXPERTS: 6,
  /** How many ways tensor parallelism may split a cache. */
  CACHE_HEADS: 7,
  /** 1 where attention looks backwards only. */
  CAUSAL: 8,
  /** Dense layers that lead a mixture. */
  LEADING: 9,
  /** Of layers with a state, heads that tp and sp share out and groups that tp does, 0 without such layers. */
  STATE_HEADS: 10,
  STATE_GROUPS: 11,
} as const;

/** Places in the real header of a graph. Parameters in millions, sizes in MB and work in MFLOP per sequence. */
export const GRAPH_REAL = {
  WEIGHT: 0,
  /** Parameters of a layer that tensor parallelism splits, those of keys and values, and those of all experts. */
  DENSE_M: 1,
  KV_M: 2,
  EXPERT_M: 3,
  EMBED_M: 4,
  HEAD_M: 5,
  MODEL_MFLOP: 6,
  /** What one stage sends the next; also what full recomputation keeps of a layer. */
  BOUNDARY_MB: 7,
  /** Keys and values of a layer at the full context. */
  CACHE_MB: 8,
  TOKENS: 9,
  HEAD_DIM: 10,
  /** Parameters of the head where the embedding is on the same stage: no table of its own if the two are tied. */
  OWN_HEAD_M: 11,
  /** Logarithm of the share of experts that none of a sequence's tokens reaches. */
  UNREACHED_LOG: 12,
  /** Logits, in millions: of training those of every pass through the head. */
  LOGITS_M: 13,
  /** What unfused kernels keep beyond the rows, of a layer: norms, rotated queries and keys, activated gates. */
  NORM_COPIES_MB: 14,
  ROTARY_COPIES_MB: 15,
  ACTIVATION_COPIES_MB: 16,
  /** Parameters as DENSE_M and EXPERT_M, where layers differ: of a dense layer that leads, of another one in the mean. */
  LEADING_DENSE_M: 17,
  OTHER_DENSE_M: 18,
  OTHER_EXPERT_M: 19,
  /** Of all layers that predict a later token, which the last stage has. */
  MTP_DENSE_M: 20,
  MTP_KV_M: 21,
  MTP_EXPERT_M: 22,
  /** Tokens as experts get them, or return them where that is kept, of a layer in the mean. */
  ROUTED_MB: 23,
  /** All parameters that training updates. */
  PARAMETERS_M: 24,
  /** What state-space layers have of a sequence in inference, of a layer in the mean. */
  STATE_MB: 25,
  /** And what experts' products and activation read of them. */
  ROUTED_KEPT_MB: 26,
  /** Experts over those of a token: what a rank of all tokens' experts gets at most over the mean. */
  MOST_ROUTED: 27,
} as const;

/** Values of GRAPH_INTEGER and GRAPH_REAL. */
export interface GraphHeader {
  readonly integer: Uint32Array;
  readonly real: Float64Array;
}

/** FLOPs of the products of a forward pass of one sequence, without the attention core; products with masks only move tokens. */
export function productFlops(m: ModelPhase, graph: OpGraph): number {
  const flopsOf = (rows: readonly Operation[]) =>
    rows
      .filter(({ kind, when }) => kind === 'gemm' && !when.dispatchMasks)
      .reduce((sum, { flops, share }) => sum + share * flops[0], 0);
  return flopsOf(graph.embedForward) + m.layers * flopsOf(graph.layerForward) + flopsOf(graph.headForward);
}

/** Each token misses an expert with a probability of 1 − k/E, where the router spreads tokens evenly. */
function unreachedLog({ seq, experts, expertsPerToken }: ModelPhase): number {
  return expertsPerToken < experts ? seq * Math.log1p(-expertsPerToken / experts) : -SURELY_REACHED;
}

/** So many values of each token that experts get of a sequence, in half precision, of a layer in the mean, bytes. */
function routedBytes(m: ModelPhase, values: number): number {
  return HALF * m.seq * m.expertsPerToken * values * shareOf(m, hasExperts);
}

/**
 * Bytes that unfused kernels keep of a layer's sequence. A norm: its input in single precision, and that normalised in half;
 * rotations: queries and keys once more; a gated MLP: its activated gate, in the mean of all layers.
 */
function unfusedCopies(m: ModelPhase): Record<'norm' | 'rotary' | 'activation', number> {
  const mean = (of: (kind: LayerKind) => number) =>
    layerKinds(m).reduce((sum, kind) => sum + (kind.layers / m.layers) * of(kind), 0);
  const width = mean(({ mlp, ffn }) => (mlp === 'experts' ? m.expertsPerToken * ffn + m.sharedFfn : ffn));
  const blocks = mean((kind) => (kind.mtp ? 0 : blocksOf(kind)));
  const attending = mean((kind) => (attends(kind) && !kind.mtp ? 1 : 0));
  return {
    norm: (m.norms / 2) * blocks * (SINGLE + HALF) * m.seq * m.hidden,
    rotary: m.learnedPositions ? 0 : attending * HALF * m.seq * (m.heads + m.kvHeads) * m.headDim,
    activation: m.gated ? HALF * m.seq * width : 0,
  };
}

const hasExperts = ({ mlp }: LayerKind): boolean => mlp === 'experts';

/** e to the minus this is nothing beside 1, in single precision too. */
const SURELY_REACHED = 100;

/** Numbers by their names, each at its place. */
function placed<Name extends string>(
  places: Readonly<Record<Name, number>>,
  numbers: Readonly<Record<Name, number>>,
): number[] {
  const names = Object.keys(places) as Name[];
  return names.sort((a, b) => places[a] - places[b]).map((name) => numbers[name]);
}

/** The header of a phase's op graph. */
export function headerOf(m: ModelPhase, graph: OpGraph): GraphHeader {
  const parameters = parameterCounts(m);
  const byPlace = parametersByPlace(m);
  const copies = unfusedCopies(m);
  const training = m.phase === 'training';
  // Attention counts in full, as in the papers that publish utilisation (arXiv 2104.04473, equation 3), so masked halves too.
  const forwardFlops = productFlops(m, graph) + attentionFlops(m, false) + stateFlops(m);
  const boundary = HALF * m.seq * m.hidden;
  const integer = {
    PHASE: PHASE[m.phase],
    LAYERS: m.layers,
    HEADS: m.heads,
    KV_HEADS: m.kvHeads,
    SEQ: m.seq,
    BATCH: m.batch,
    EXPERTS: m.experts,
    CACHE_HEADS: cacheHeads(m),
    CAUSAL: m.causal ? 1 : 0,
    LEADING: leadingLayers(m),
    STATE_HEADS: sharedHeads(m),
    STATE_GROUPS: m.stateHeads > 0 ? m.stateGroups : 0,
  };
  const real = {
    WEIGHT: m.weight,
    DENSE_M: parameters.dense * 1e-6,
    KV_M: parameters.kv * 1e-6,
    EXPERT_M: parameters.expert * 1e-6,
    EMBED_M: parameters.embed * 1e-6,
    HEAD_M: parameters.head * 1e-6,
    MODEL_MFLOP: (training ? 3 : 1) * forwardFlops * 1e-6,
    BOUNDARY_MB: boundary * 1e-6,
    CACHE_MB: meanCacheBytes(m) * 1e-6,
    TOKENS: m.seq,
    HEAD_DIM: (m.headDim + m.valueDim) / 2,
    OWN_HEAD_M: parameters.ownHead * 1e-6,
    UNREACHED_LOG: unreachedLog(m),
    LOGITS_M: training && m.vocab > 0 ? (1 + m.mtpLayers) * m.seq * m.vocab * 1e-6 : 0,
    NORM_COPIES_MB: copies.norm * 1e-6,
    ROTARY_COPIES_MB: copies.rotary * 1e-6,
    ACTIVATION_COPIES_MB: copies.activation * 1e-6,
    LEADING_DENSE_M: byPlace.leadingDense * 1e-6,
    OTHER_DENSE_M: byPlace.otherDense * 1e-6,
    OTHER_EXPERT_M: byPlace.otherExpert * 1e-6,
    MTP_DENSE_M: byPlace.mtpDense * 1e-6,
    MTP_KV_M: byPlace.mtpKv * 1e-6,
    MTP_EXPERT_M: byPlace.mtpExpert * 1e-6,
    ROUTED_MB: routedBytes(m, expertWidth(m)) * 1e-6,
    PARAMETERS_M: allParameters(m) * 1e-6,
    STATE_MB: meanStateBytes(m) * 1e-6,
    ROUTED_KEPT_MB: routedBytes(m, expertWidth(m) + (m.gated ? 3 : 2) * m.ffn) * 1e-6,
    MOST_ROUTED: m.experts / m.expertsPerToken,
  };
  return {
    integer: Uint32Array.from(placed(GRAPH_INTEGER, integer)),
    real: Float64Array.from(placed(GRAPH_REAL, real)),
  };
}
