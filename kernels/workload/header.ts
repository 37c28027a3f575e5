/** The numbers of an op graph beside its rows: tables in f64, functions in WGSL. */
import type { ModelPhase } from '../../psa/space.js';
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
} as const;
export const GRAPH_INTEGERS = 7;

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
} as const;
export const GRAPH_REALS = 11;

/** Values of GRAPH_INTEGER and GRAPH_REAL. */
export interface GraphHeader {
  readonly integer: Uint32Array;
  readonly real: Float64Array;
}

function sumFlops(rows: readonly Operation[]): number {
  // Attention counts in full, as in the papers that publish utilisation (arXiv 2104.04473, equation 3), so masked halves too.
  return rows
    .filter((row) => (row.kind === 'gemm' || row.kind === 'attention') && row.when.fusedAttention !== true)
    .reduce((sum, row) => sum + row.flops[0], 0);
}

/** Parameters: of a layer (dense, keys and values, experts), of the embedding and of the head. */
export function parameterCounts(m: ModelPhase): Record<'dense' | 'kv' | 'expert' | 'embed' | 'head', number> {
  const width = m.heads * m.headDim;
  const mlp = (m.gated ? 3 : 2) * m.hidden * m.ffn;
  const routed = m.experts > 1;
  const positions = m.learnedPositions ? m.seq * m.hidden : 0;
  return {
    dense: 2 * m.hidden * width + (routed ? m.hidden * m.experts : mlp) + 2 * m.hidden,
    kv: 2 * m.hidden * m.kvHeads * m.headDim,
    expert: routed ? m.experts * mlp : 0,
    embed: (m.vocab || m.patch) * m.hidden + positions,
    head: (m.vocab || m.classes) * m.hidden,
  };
}

/** The header of a phase's op graph. */
export function headerOf(m: ModelPhase, graph: OpGraph): GraphHeader {
  const parameters = parameterCounts(m);
  const forwardFlops =
    sumFlops(graph.embedForward) + m.layers * sumFlops(graph.layerForward) + sumFlops(graph.headForward);
  return {
    integer: Uint32Array.of(PHASE[m.phase], m.layers, m.heads, m.kvHeads, m.seq, m.batch, m.experts),
    real: Float64Array.of(
      m.weight,
      parameters.dense * 1e-6,
      parameters.kv * 1e-6,
      parameters.expert * 1e-6,
      parameters.embed * 1e-6,
      parameters.head * 1e-6,
      (m.phase === 'training' ? 3 : 1) * forwardFlops * 1e-6,
      HALF * m.seq * m.hidden * 1e-6,
      2 * HALF * m.context * m.kvHeads * m.headDim * 1e-6,
      m.seq,
      m.headDim,
    ),
  };
}
