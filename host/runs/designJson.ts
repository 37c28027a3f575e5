/** Designs for programs: parameters and outputs by their names, units in the names. */
import { reasonsOf } from '../../kernels/outputs.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Baseline } from '../designs/baseline.js';
import { type EvaluatedDesign, entryName, namedOutputs } from '../designs/designs.js';
import type { NearMiss } from '../optimum/nearest.js';
import type { Winner } from '../search/winners.js';

export function designJson(space: CompiledSpace, { design, outputs, status }: EvaluatedDesign) {
  const parameters = describeDesign(space, design);
  return {
    parameters: Object.fromEntries(parameters.map((entry) => [entryName(entry), entry.value])),
    outputs: namedOutputs(outputs),
    infeasible: reasonsOf(status),
  };
}

export function winnerJson(space: CompiledSpace, winner: Winner) {
  const { ordinal, objectives, ties } = winner;
  return { ordinal: ordinal.toString(), objectives, ties, ...designJson(space, winner) };
}

export function nearestJson(space: CompiledSpace, nearest: NearMiss) {
  const { ordinal, lacks } = nearest;
  return { ordinal: ordinal.toString(), lacks, ...designJson(space, nearest) };
}

/** The default of a system; null where there is none. */
export function baselineJson(space: CompiledSpace, baseline: Baseline | undefined) {
  if (baseline === undefined) return null;
  return { objectives: baseline.objectives ?? null, ...designJson(space, baseline) };
}
