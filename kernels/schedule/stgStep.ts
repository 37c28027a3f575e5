/** One training step in ASTRA-sim: STG's graph of a design, the time of each of its rows, and their execution. */
import { groupNs } from '../collective/astraCollective.js';
import { type AstraSystem, routeNs } from '../network/message.js';
import { QUANTITY, QUANTITY_COUNT, type StgGroup, type StgRow } from '../workload/stg.js';
import { type StgGraph, stgGraph } from '../workload/stgGraph.js';
import type { StgShape } from '../workload/stgShape.js';
import { readyList, type StageRun } from './readyList.js';

/** A model and its parallelisation, in STG's own terms. */
export interface StgWorkload {
  readonly layers: number;
  readonly hidden: number;
  readonly ffn: number;
  readonly vocab: number;
  readonly seq: number;
  /** Sequences of a step, and of a micro-batch over all data-parallel ranks. */
  readonly batch: number;
  readonly microBatch: number;
  readonly dp: number;
  readonly tp: number;
  /** Sequence (context) parallelism. */
  readonly cp: number;
  readonly pp: number;
  readonly sharded: boolean;
  readonly tpsp: boolean;
}

export function shapeOf({ layers, batch, microBatch, dp, tp, cp, pp, sharded, tpsp }: StgWorkload): StgShape {
  return {
    layers,
    stages: pp,
    microBatches: batch / microBatch,
    flags: { dp: dp > 1, tp: tp > 1, cp: cp > 1, sharded, tpsp },
  };
}

/** The value of each QUANTITY, elements or multiply-accumulates. */
export function quantitiesOf(w: StgWorkload): Float64Array {
  const { hidden: d, ffn: f, vocab: V, tp: t, dp, cp } = w;
  const q = new Float64Array(QUANTITY_COUNT);
  const tokens = (w.microBatch / dp) * (w.seq / cp);
  q[QUANTITY.tokens] = tokens * d;
  q[QUANTITY.local] = (tokens * d) / t;
  q[QUANTITY.norm] = w.tpsp ? (tokens * d) / t : tokens * d;
  q[QUANTITY.keys] = ((w.microBatch / dp) * w.seq * d) / t;
  q[QUANTITY.inner] = (tokens * f) / t;
  q[QUANTITY.attentionMacs] = (tokens * d * d) / t;
  q[QUANTITY.mlpMacs] = (tokens * d * f) / t;
  q[QUANTITY.attentionWeight] = (d * d) / t;
  q[QUANTITY.mlpWeight] = (d * f) / t;
  q[QUANTITY.weights] = (4 * d * d + 2 * d * f) / t;
  q[QUANTITY.shard] = q[QUANTITY.weights]! / (w.sharded ? dp : 1);
  q[QUANTITY.vocabularyMacs] = (tokens * d * V) / t;
  q[QUANTITY.logits] = (tokens * V) / t;
  q[QUANTITY.headOutput] = w.tpsp ? (tokens * V) / t : tokens * V;
  q[QUANTITY.vocabularyWeight] = w.tpsp ? V * d : (V * d) / t;
  q[QUANTITY.embeddingOutput] = w.tpsp ? (tokens * d) / t : tokens * d;
  q[QUANTITY.innerWhole] = w.tpsp ? (tokens * f) / t : tokens * f;
  return q;
}

/** NPU numbers from one member of a group to the next: dp is innermost, then tp, cp and pp. */
function strideOf({ dp, tp, cp }: StgWorkload, group: StgGroup): number {
  if (group === 'dp') return 1;
  if (group === 'tp') return dp;
  return group === 'cp' ? dp * tp : dp * tp * cp;
}

function computeNs(system: AstraSystem, ops: number, elements: number): number {
  const rate = Math.min(system.memoryBandwidth * (ops / elements), system.peak);
  return Math.trunc((ops / rate) * 1e9);
}

/** Time of a row on a stage, ns; undefined where the program cannot run its collective. */
function rowNs(system: AstraSystem, w: StgWorkload, q: Float64Array, row: StgRow, stage: number): number | undefined {
  const size = Math.trunc(row.size[0] * q[QUANTITY[row.size[1]]]!);
  // The program skips a node of no size for ever.
  if (size === 0) return undefined;
  const stride = strideOf(w, row.group);
  const base = stage * strideOf(w, 'pp');
  if (row.group === 'pp') {
    const to = stage + 1 < w.pp ? base + stride : base - stride;
    return routeNs(system, base, to, size);
  }
  if (row.collective === undefined) return computeNs(system, Math.trunc(row.ops[0] * q[QUANTITY[row.ops[1]]]!), size);
  const members = Array.from({ length: w[row.group] }, (_, i) => base + i * stride);
  return groupNs(system, members, row.collective, size);
}

/** The program asserts that time passes between the beginning and the end of its first node. */
function beginsWithNothing({ rows }: StgGraph, times: readonly (number | undefined)[]): boolean {
  return times[rows.findIndex(({ name }) => name === 'embedding')] === 0;
}

/** A node as it ran. */
export interface RanNode {
  readonly row: StgRow;
  readonly stage: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** What a step came to. */
export interface StgStep {
  readonly stages: readonly StageRun[];
  readonly graph: StgGraph;
}

/**
 * Runs a step; undefined where the program deadlocks, aborts, or has no outcome.
 *
 * @param onNode called for each node as it starts
 * @example
 * const step = stgStep(system, workload);
 * Math.max(...step.stages.map(({ finishNs }) => finishNs)); // nanoseconds
 */
export function stgStep(
  system: AstraSystem,
  workload: StgWorkload,
  onNode?: (node: RanNode) => void,
): StgStep | undefined {
  // The generator asserts a layer for each stage.
  if (workload.pp > workload.layers) return undefined;
  const graph = stgGraph(shapeOf(workload));
  const quantities = quantitiesOf(workload);
  const durations: Float64Array[] = [];
  for (let stage = 0; stage < workload.pp; stage++) {
    const times = graph.rows.map((row) => rowNs(system, workload, quantities, row, stage));
    if (times.includes(undefined) || (stage === 0 && beginsWithNothing(graph, times))) return undefined;
    durations.push(Float64Array.from(times as number[]));
  }
  const told =
    onNode &&
    ((node: number, startNs: number, endNs: number) => {
      onNode({ row: graph.rows[graph.rowOf[node]!]!, stage: graph.stageOf[node]!, startNs, endNs });
    });
  return { stages: readyList(graph, durations, told), graph };
}
