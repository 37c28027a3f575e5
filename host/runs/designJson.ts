/** Designs for programs: parameters and outputs by their names, units in the names. */
import type { CompiledSpace } from '../../psa/space.js';
import type { Baseline } from '../designs/baseline.js';
import { designRow } from '../designs/designRow.js';
import type { NearMiss } from '../optimum/nearest.js';
import type { Winner } from '../search/winners.js';

export function winnerJson(space: CompiledSpace, winner: Winner) {
  const { ordinal, objectives, ties } = winner;
  return { ordinal: ordinal.toString(), objectives, ties, ...designRow(space, winner) };
}

export function nearestJson(space: CompiledSpace, nearest: NearMiss) {
  const { ordinal, lacks } = nearest;
  return { ordinal: ordinal.toString(), lacks, ...designRow(space, nearest) };
}

/** The default of a system; null where there is none. */
export function baselineJson(space: CompiledSpace, baseline: Baseline | undefined) {
  if (baseline === undefined) return null;
  return { objectives: baseline.objectives ?? null, ...designRow(space, baseline) };
}
