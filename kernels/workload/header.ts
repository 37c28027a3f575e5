/** The numbers of an op graph beside its rows: tables in f64, functions in WGSL. */
import type { ModelPhase } from '../../psa/space.js';
import { cacheHeads, meanCacheBytes } from './attention.js';
import { attentionFlops, parameterCounts } from './modelSize.js';
import type { Operation } from './operation.js';
import { HALF } from './rows.js';
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
} as const;
export const GRAPH_INTEGERS = 9;

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
  /** Parameters of the head where the embedding is on the same stage: none of its own if the two are tied. */
  OWN_HEAD_M: 11,
  /** Logarithm of the share of experts that none of a sequence's tokens reaches. */
  UNREACHED_LOG: 12,
} as const;
export const GRAPH_REALS = 13;

/** Values of GRAPH_INTEGER and GRAPH_REAL. */
export interface GraphHeader {
  readonly integer: Uint32Array;
  readonly real: Float64Array;
}

/** FLOPs of the products of a forward pass of one sequence, without the attention core. */
export function productFlops(m: ModelPhase, graph: OpGraph): number {
  const flopsOf = (rows: readonly Operation[]) =>
    rows.filter(({ kind }) => kind === 'gemm').reduce((sum, { flops, share }) => sum + share * flops[0], 0);
  return flopsOf(graph.embedForward) + m.layers * flopsOf(graph.layerForward) + flopsOf(graph.headForward);
}

/** Each token misses an expert with a probability of 1 − k/E, where the router spreads tokens evenly. */
function unreachedLog({ seq, experts, expertsPerToken }: ModelPhase): number {
  return expertsPerToken < experts ? seq * Math.log1p(-expertsPerToken / experts) : -SURELY_REACHED;
}

/** e to the minus this is nothing beside 1, in single precision too. */
const SURELY_REACHED = 100;

/** The header of a phase's op graph. */
export function headerOf(m: ModelPhase, graph: OpGraph): GraphHeader {
  const parameters = parameterCounts(m);
  // Attention counts in full, as in the papers that publish utilisation (arXiv 2104.04473, equation 3), so masked halves too.
  const forwardFlops = productFlops(m, graph) + attentionFlops(m, false);
  return {
    integer: Uint32Array.of(
      PHASE[m.phase],
      m.layers,
      m.heads,
      m.kvHeads,
      m.seq,
      m.batch,
      m.experts,
      cacheHeads(m),
      m.causal ? 1 : 0,
    ),
    real: Float64Array.of(
      m.weight,
      parameters.dense * 1e-6,
      parameters.kv * 1e-6,
      parameters.expert * 1e-6,
      parameters.embed * 1e-6,
      parameters.head * 1e-6,
      (m.phase === 'training' ? 3 : 1) * forwardFlops * 1e-6,
      HALF * m.seq * m.hidden * 1e-6,
      meanCacheBytes(m) * 1e-6,
      m.seq,
      (m.headDim + m.valueDim) / 2,
      (m.tiedEmbeddings ? 0 : parameters.head) * 1e-6,
      unreachedLog(m),
    ),
  };
}
