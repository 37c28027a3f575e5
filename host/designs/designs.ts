import { OUTPUT_COUNT, OUTPUTS, type OutputName } from '../../kernels/outputs.js';
import type { DesignEntry } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { plural } from '../display/format.js';
import { createSimulator, rulesOf } from '../profiles/profiles.js';

/** A design and what the f64 simulator tells of it. */
export interface EvaluatedDesign {
  /** SLOT_COUNT numbers. */
  readonly design: Float64Array;
  /** OUTPUT_COUNT numbers, in the order of OUTPUTS. */
  readonly outputs: Float64Array;
  /** Bit mask of STATUS; 0 is feasible. */
  readonly status: number;
}

/**
 * The f64 simulator of a space, for single designs that are to be shown.
 *
 * @example
 * const evaluate = designEvaluator(space);
 * evaluate(designOf(space, 42n)).outputs[OUTPUT.timeUs];
 */
export function designEvaluator(space: CompiledSpace): (design: Float64Array) => EvaluatedDesign {
  const simulate = createSimulator(space.workload, space.tiers);
  return (design) => {
    const outputs = new Float64Array(OUTPUT_COUNT);
    return { design, outputs, status: simulate(design, outputs, 0) };
  };
}

/** `gpt3-175b on cosmic-1024, 512 NPUs, workload.dp=8`: what was asked for, with the profile where it is not physics. */
export function titleOf(space: CompiledSpace): string {
  const { workload, systemName, npus } = space;
  return [
    `${workload.name} on ${systemName}${rulesOf(workload).title}`,
    plural(npus, 'NPU'),
    ...overridesInForce(space),
  ].join(', ');
}

/** Each name once, as it was set last; the number of NPUs is said for itself. */
function overridesInForce({ overrides }: CompiledSpace): string[] {
  const byName = new Map(overrides.map((override) => [override.split('=', 1)[0]!, override]));
  byName.delete('system.npus');
  return [...byName.values()];
}

/** `network.npus[2]`: the third dimension's; without brackets where the parameter has one value. */
export function entryName({ parameter, dimension }: DesignEntry): string {
  return dimension === undefined ? parameter : `${parameter}[${dimension}]`;
}

/** Outputs by their names. */
export function namedOutputs(outputs: Float64Array): Record<OutputName, number> {
  return Object.fromEntries(OUTPUTS.map(({ name }, place) => [name, outputs[place]!])) as Record<OutputName, number>;
}
