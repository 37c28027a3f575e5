/** A step in the astra-sim profile, drawn out: what the NPU of each stage computes and sends when. */
import type { Workload } from '../../psa/space.js';
import { readNetwork } from '../network/network.js';
import { createState } from '../state.js';
import { readGraph } from '../workload/graph.js';
import { astraSystem, isKnown, stgWorkload } from './astraStep.js';
import { stgStep } from './stgStep.js';
import type { Slice } from './timeline.js';

/** All nodes of a step of one phase; none where the program does not end it. */
export function astraTimeline(
  workload: Workload,
  tiers: readonly number[],
  design: Float64Array,
  graph: number,
): Slice[] {
  const s = createState(workload, tiers);
  s.design = design;
  s.graph = graph;
  readNetwork(s);
  readGraph(s);
  const stg = stgWorkload(s);
  if (!isKnown(s, stg)) return [];
  const slices: Slice[] = [];
  stgStep(astraSystem(s), stg, ({ row, stage, startNs, endNs }) => {
    const lane = row.collective === undefined && row.group !== 'pp' ? 'compute' : 'communication';
    slices.push({ stage, lane, name: row.name, startUs: startNs * 1e-3, durationUs: (endNs - startNs) * 1e-3 });
  });
  return slices;
}
