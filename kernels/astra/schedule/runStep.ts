/** One training step in ASTRA-sim: STG's graph of a design, the time of each of its rows, and their execution. */
import type { Stop } from '../collective/collective.js';
import type { System } from '../collective/message.js';
import type { OpGraph } from '../graph/opGraph.js';
import type { Row } from '../graph/rows.js';
import { Execution } from './readyList.js';
import { RowTimes, type StgWorkload, shapeOf } from './rowTimes.js';
import type { StageRun } from './stage.js';

/** A node as it ran. */
export interface RanNode {
  readonly row: Row;
  readonly stage: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** What a step came to. */
export interface Step {
  readonly stages: readonly StageRun[];
  readonly graph: OpGraph;
}

/** The graph of a step's shape, ready to run. */
export function executionOf({ workload, pieces }: RowTimes): Execution {
  return new Execution(shapeOf(workload), pieces);
}

/** Runs a step whose rows have times. */
export function runStep(
  { durationNs, stagesAgree }: RowTimes,
  execution: Execution,
  onNode?: (node: RanNode) => void,
): Step {
  const { graph } = execution;
  const told =
    onNode &&
    ((node: number, startNs: number, endNs: number) => {
      onNode({ row: graph.rows[graph.rowOf[node]!]!, stage: graph.stageOf[node]!, startNs, endNs });
    });
  return { stages: execution.run(durationNs, { onNode: told, stagesAgree }), graph };
}

/**
 * Runs a step, or tells why the program comes to no end with it.
 *
 * @param onNode called for each node as it starts
 * @example
 * const step = simulateStep(system, workload);
 * 'stop' in step ? step.stop : finishNs(step); // nanoseconds
 */
export function simulateStep(system: System, workload: StgWorkload, onNode?: (node: RanNode) => void): Step | Stop {
  if (workload.pp > workload.layers) return { stop: 'the generator asserts a layer for each stage' };
  const times = new RowTimes(workload);
  return times.read(system) ?? runStep(times, executionOf(times), onNode);
}

/** Time at which the last NPU of a step ends, ns. */
export function finishNs({ stages }: Step): number {
  return Math.max(...stages.map((stage) => stage.finishNs));
}
