/** The default profile: physics. */
import { createBounder } from '../../kernels/bound/bounder.js';
import { structuralGenes } from '../../kernels/bound/box.js';
import { explain } from '../../kernels/explain.js';
import { createMemoryFloor } from '../../kernels/memory/floor.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { type Timeline, timeline } from '../../kernels/schedule/timeline.js';
import { createSimulator } from '../../kernels/simulate.js';
import type { CompiledSpace } from '../../psa/space.js';
import { defaultCollective } from './defaultCollective.js';
import { defaultTables } from './defaultTables.js';
import type { Rules } from './profile.js';

/** A step as the profile schedules it. */
function stepTimeline({ workload, tiers }: CompiledSpace, design: Float64Array, drawn?: number): Timeline {
  let startUs = 0;
  const phases = explain(workload, tiers, design).map((graph) => {
    const phase = timeline(graph, startUs, drawn);
    startUs += graph.parts[OUTPUT.timeUs]!;
    return phase;
  });
  return {
    slices: phases.flatMap(({ slices }) => slices),
    repeated: phases.flatMap(({ repeated }) => repeated),
  };
}

export const physics: Rules = {
  name: 'default',
  title: '',
  option: '',
  description: 'the default profile is physics',
  overMemory: '',
  overPeak: '',
  backends: undefined,
  autoBackend: undefined,
  fullStackEvaluations: 20_000,
  createSimulator,
  createBounder: undefined,
  createMemoryFloor,
  shapeNumber: undefined,
  singleGenes: structuralGenes,
  createBoxBounder: createBounder,
  operationTables: defaultTables,
  collective: defaultCollective,
  timeline: stepTimeline,
};
