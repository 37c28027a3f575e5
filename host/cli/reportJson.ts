import { reasonsOf, STATUSES } from '../../kernels/outputs.js';
import { HISTOGRAM_LOW } from '../../kernels/reduce/layout.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Baseline } from '../baseline.js';
import { type EvaluatedDesign, entryName, namedOutputs, profileOf } from '../designs.js';
import type { Manifest } from '../runs/manifest.js';
import type { Winner } from '../winners.js';

/** A design for programs: parameters and outputs by their names, units in the names. */
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

/** What a run is about, for programs. */
export function runJson(space: CompiledSpace, { command, backend, settings }: Manifest) {
  return {
    command,
    space: space.name,
    system: space.systemName,
    model: space.workload.name,
    profile: profileOf(space),
    backend: backend.name,
    settings,
  };
}

/** The default of a system, for programs; null where there is none. */
export function baselineJson(space: CompiledSpace, baseline: Baseline | undefined) {
  if (baseline === undefined) return null;
  return { objectives: baseline.objectives ?? null, ...designJson(space, baseline) };
}

/** Counters of infeasible designs by the names of their reasons. */
export function reasonsJson(byReason: readonly (number | bigint)[]): Record<string, number> {
  return Object.fromEntries(STATUSES.map(({ name }, bit) => [name, Number(byReason[bit]!)]));
}

/** Feasible designs by their first objective: bins of a quarter octave that hold any, from (inclusive) and to (exclusive). */
export function histogramJson(histogram: readonly bigint[]): { from: number; to: number; designs: string }[] {
  const edge = (bin: number) => 2 ** ((bin + HISTOGRAM_LOW) / 4);
  return histogram.flatMap((designs, bin) =>
    designs === 0n ? [] : [{ from: edge(bin), to: edge(bin + 1), designs: designs.toString() }],
  );
}
