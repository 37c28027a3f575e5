/** The astra-sim profile: what ASTRA-sim and its workload generator make of a design (docs/astra-sim.md). */
import { createBounder, createSimulator } from '../../kernels/astra/simulate.js';
import { phaseTimeline } from '../../kernels/astra/timeline.js';
import type { Timeline } from '../../kernels/schedule/timeline.js';
import type { CompiledSpace } from '../../psa/space.js';
import { astraTables } from './astraTables.js';
import type { Rules } from './profile.js';

/** Nothing of a step is left out. */
function stepTimeline({ workload, tiers }: CompiledSpace, design: Float64Array): Timeline {
  let startUs = 0;
  const slices = workload.phases.flatMap((_, graph) => {
    const phase = phaseTimeline(workload, tiers, design, graph).map((slice) => ({
      ...slice,
      startUs: slice.startUs + startUs,
    }));
    startUs = phase.reduce((last, slice) => Math.max(last, slice.startUs + slice.durationUs), startUs);
    return phase;
  });
  return { slices, repeated: [] };
}

export const astraSim: Rules = {
  name: 'astra-sim',
  title: ', astra-sim profile',
  option: ' --profile astra-sim',
  description: '[the astra-sim profile](astra-sim.md) follows ASTRA-sim and its workload generator',
  overMemory: ' (ASTRA-sim has no limit)',
  onlyBackend: { name: 'cpu', reason: 'the astra-sim profile is there alone' },
  fullStackEvaluations: 100_000,
  createSimulator,
  createBounder,
  operationTables: astraTables,
  timeline: stepTimeline,
};
