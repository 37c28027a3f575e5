/** A step in the astra-sim profile, drawn out: what the NPU of each stage computes and sends when. */
import type { Workload } from '../../psa/space.js';
import type { Slice } from '../schedule/timeline.js';
import { runPhase } from './explain.js';
import { COMPUTE, slotOfRow } from './schedule/nodes.js';

/** All nodes of a step of one phase; none where the program does not end it. */
export function phaseTimeline(
  workload: Workload,
  tiers: readonly number[],
  design: Float64Array,
  graph: number,
): Slice[] {
  return runPhase(workload, tiers, design, graph).nodes.map(({ row, stage, startNs, endNs }) => ({
    stage,
    lane: slotOfRow(row) === COMPUTE ? 'compute' : 'communication',
    name: row.name,
    startUs: startNs * 1e-3,
    durationUs: (endNs - startNs) * 1e-3,
  }));
}
