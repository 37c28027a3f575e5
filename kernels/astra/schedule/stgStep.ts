/** One training step in ASTRA-sim: STG's graph of a design, the time of each of its rows, and their execution. */
import type { AstraSystem } from '../collective/message.js';
import type { StgRow } from '../graph/stg.js';
import { type StgGraph, stgGraph } from '../graph/stgGraph.js';
import { readyList, type StageRun } from './readyList.js';
import { StgTimes, type StgWorkload, shapeOf } from './stgTimes.js';

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

/** Runs a step whose rows have times. */
export function runStep({ workload, durationNs }: StgTimes, onNode?: (node: RanNode) => void): StgStep {
  const graph = stgGraph(shapeOf(workload));
  const told =
    onNode &&
    ((node: number, startNs: number, endNs: number) => {
      onNode({ row: graph.rows[graph.rowOf[node]!]!, stage: graph.stageOf[node]!, startNs, endNs });
    });
  return { stages: readyList(graph, durationNs, told), graph };
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
  const times = new StgTimes(workload);
  return times.read(system) ? runStep(times, onNode) : undefined;
}
