/** A workload as two flat tables, the same numbers for the TypeScript and the WGSL simulator. */
import type { ModelPhase, Workload } from '../../psa/space.js';
import { CALL, CALL_COUNT, type Operation, packInteger, packReal, ROW_INTEGERS, ROW_REALS } from './operation.js';
import { HALF } from './rows.js';
import { type OpGraph, opGraph, SECTIONS } from './transformer.js';

export const PHASE = { training: 0, prefill: 1, decode: 2 } as const;

/** Places in the integer header of a graph; SECTIONS holds (first row, rows) of each section. */
export const GRAPH_INTEGER = {
  PHASE: 0,
  LAYERS: 1,
  HEADS: 2,
  KV_HEADS: 3,
  SEQ: 4,
  BATCH: 5,
  EXPERTS: 6,
  SECTIONS: 7,
} as const;
export const GRAPH_INTEGERS = GRAPH_INTEGER.SECTIONS + 2 * SECTIONS.length;

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

/** The first integer is the number of graphs; headers follow, then the rows of all graphs. */
export const HEADER_START = 1;

export interface WorkloadTables {
  readonly integer: Uint32Array;
  readonly real: Float64Array;
  /** Where the rows begin in either table. */
  readonly integerRows: number;
  readonly realRows: number;
  /** The graphs that were packed, for names. */
  readonly graphs: readonly OpGraph[];
}

/** Most segments that the sections of a graph come to: no more than its rows. */
export const MAX_SEGMENTS = 160;

/** Numbers the calls of a graph's rows: those that send the same, kind, group and payload, are one. */
export function numberCalls(graph: OpGraph): Map<string, number> {
  const calls = new Map<string, number>();
  const rows = Object.values(graph).flat();
  for (const op of rows) {
    if (op.kind === 'collective' && !calls.has(callKey(op))) calls.set(callKey(op), CALL.rows + calls.size);
  }
  if (CALL.rows + calls.size > CALL_COUNT || rows.length > MAX_SEGMENTS) throw new Error('op graph too large');
  return calls;
}

export function callKey({ collective, group, input }: Operation): string {
  return [collective, group, ...input].join(' ');
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

function headerReals(m: ModelPhase, graph: OpGraph): number[] {
  const parameters = parameterCounts(m);
  const forwardFlops =
    sumFlops(graph.embedForward) + m.layers * sumFlops(graph.layerForward) + sumFlops(graph.headForward);
  return [
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
  ];
}

/** Packs every phase of a workload; see {@link GRAPH_INTEGER}, {@link GRAPH_REAL} and operation.ts for the layout. */
export function buildTables(workload: Workload): WorkloadTables {
  const graphs = workload.phases.map(opGraph);
  const integerHeaders: number[] = [];
  const realHeaders: number[] = [];
  const integerRows: number[] = [];
  const realRows: number[] = [];
  for (const [g, m] of workload.phases.entries()) {
    const graph = graphs[g]!;
    const calls = numberCalls(graph);
    integerHeaders.push(PHASE[m.phase], m.layers, m.heads, m.kvHeads, m.seq, m.batch, m.experts);
    realHeaders.push(...headerReals(m, graph));
    for (const section of SECTIONS) {
      integerHeaders.push(integerRows.length / ROW_INTEGERS, graph[section].length);
      for (const row of graph[section]) {
        integerRows.push(...packInteger(row, calls.get(callKey(row)) ?? 0));
        realRows.push(...packReal(row));
      }
    }
  }
  if (realRows.length / ROW_REALS !== integerRows.length / ROW_INTEGERS) throw new Error('op graph tables disagree');
  return {
    integer: Uint32Array.from([graphs.length, ...integerHeaders, ...integerRows]),
    real: Float64Array.from([...realHeaders, ...realRows]),
    integerRows: HEADER_START + integerHeaders.length,
    realRows: realHeaders.length,
    graphs,
  };
}
