/** Memory of a design by pipeline stage, and what a layer keeps: for people to look at. */

import { SLOT } from '../../psa/parameters.js';
import { requireProfile } from '../../psa/profile.js';
import type { ModelPhase, Workload } from '../../psa/space.js';
import { OUTPUT_COUNT } from '../outputs.js';
import { keptShare } from '../schedule/plan.js';
import { simulateGraph } from '../simulate.js';
import { createState, type State } from '../state.js';
import { lower, rowsOf } from '../workload/lowering.js';
import { isNarrow, SCALE } from '../workload/operation.js';
import { runs } from '../workload/segments.js';
import { emptyPlacesMB, unfusedMB } from './framework.js';
import { stageMemory } from './memory.js';

/** What an operation of a layer keeps of a micro-batch for the backward pass. */
export interface KeptActivation {
  readonly operation: string;
  readonly keptMB: number;
}

export interface PhaseMemory {
  readonly model: string;
  readonly phase: string;
  /** Stages whose memory may differ: the first, the second and the last; a row of OUTPUTS each. */
  readonly stages: readonly { readonly stage: number; readonly outputs: Float64Array }[];
  /** In the mean of all layers, without recomputation; the most first. */
  readonly kept: readonly KeptActivation[];
}

function keptOfLayer(s: State, phase: ModelPhase): KeptActivation[] {
  const kept = lower(phase)
    .steps.layerForward.flatMap(rowsOf)
    .filter((row) => row.saved[0] > 0 && runs(row, s.flags))
    .map((row) => ({
      operation: row.name,
      keptMB: row.share * row.saved[0] * s.scales[SCALE[row.saved[1]]]! * 1e-6 * (isNarrow(row) ? keptShare(s) : 1),
    }));
  const beyond = [
    { operation: 'copies of unfused kernels', keptMB: unfusedMB(s) },
    { operation: 'places of experts that stay empty', keptMB: emptyPlacesMB(s) },
  ];
  return [...kept, ...beyond.filter(({ keptMB }) => keptMB > 0)].sort((a, b) => b.keptMB - a.keptMB);
}

/**
 * Memory of a design by stage, of each phase of its workload.
 *
 * @throws CosmicError ARGUMENT in another profile
 * @example
 * memoryByStage(space.workload, space.tiers, design)[0].stages.at(-1).outputs[OUTPUT.lossMB];
 */
export function memoryByStage(workload: Workload, tiers: readonly number[], design: Float64Array): PhaseMemory[] {
  requireProfile(workload, 'default');
  const last = design[SLOT.workload.pp]! - 1;
  const numbers = [...new Set([0, Math.min(1, last), last])];
  return workload.phases.map((phase, graph) => {
    const s = createState(workload, tiers, graph);
    simulateGraph(s, design);
    const stages = numbers.map((stage) => {
      const outputs = new Float64Array(OUTPUT_COUNT);
      stageMemory(s, outputs, stage);
      return { stage, outputs };
    });
    return { model: phase.model, phase: phase.phase, stages, kept: keptOfLayer(s, phase) };
  });
}
