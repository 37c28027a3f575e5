/** The astra-sim profile: what ASTRA-sim and its workload generator make of a design (docs/astra-sim.md). */
import { shapeNumber } from '../../kernels/astra/design.js';
import { createBounder, createSimulator, createStepSimulator } from '../../kernels/astra/simulate.js';
import { phaseTimeline } from '../../kernels/astra/timeline.js';
import type { Bounder } from '../../kernels/bound/bounder.js';
import { OUTPUT, OUTPUT_COUNT } from '../../kernels/outputs.js';
import type { Timeline } from '../../kernels/schedule/timeline.js';
import { digitsToDesign } from '../../psa/ordinals.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { astraCollective } from './astraCollective.js';
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

/** Bounds boxes of one design each. */
function createDesignBounder(space: CompiledSpace): Bounder {
  const bound = createBounder(space.workload, space.tiers);
  const design = new Float64Array(SLOT_COUNT);
  const bounds = {
    status: 0,
    mixed: false,
    least: new Float64Array(OUTPUT_COUNT),
    most: new Float64Array(OUTPUT_COUNT),
  };
  const { least, most } = bounds;
  return ({ first }) => {
    bounds.status = bound(digitsToDesign(space, first, design), least, 0);
    most.set(least);
    most[OUTPUT.timeUs] = Number.POSITIVE_INFINITY;
    // The time of a bound has no parts.
    least[OUTPUT.busyUs] = 0;
    most[OUTPUT.busyUs] = Number.POSITIVE_INFINITY;
    least[OUTPUT.mfu] = 0;
    least[OUTPUT.tokensPerSecond] = 0;
    return bounds;
  };
}

export const astraSim: Rules = {
  name: 'astra-sim',
  title: ', astra-sim profile',
  option: ' --profile astra-sim',
  description: '[the astra-sim profile](astra-sim.md) follows ASTRA-sim and its workload generator',
  overMemory: ' (ASTRA-sim has no limit)',
  overPeak: 'MFU above 100 %: to ASTRA-sim a multiply-accumulate is one operation, and attention has no products.',
  backends: ['cpu', 'webgpu'],
  autoBackend: {
    name: 'cpu',
    reason: 'no hardware adapter was measured in the astra-sim profile (`cosmic doctor --tune`)',
  },
  createStepSimulator,
  fullStackEvaluations: 100_000,
  createSimulator,
  createBounder,
  shapeNumber,
  createMemoryFloor: undefined,
  singleGenes: ({ genes }) => [...genes.keys()],
  createBoxBounder: createDesignBounder,
  operationTables: astraTables,
  collective: astraCollective,
  timeline: stepTimeline,
};
