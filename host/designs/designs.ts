import type { Overfull } from '../../kernels/memory/floor.js';
import { OUTPUT_COUNT, OUTPUTS, type OutputName } from '../../kernels/outputs.js';
import type { DesignEntry } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
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
  const simulate = createSimulator(space);
  return (design) => {
    const outputs = new Float64Array(OUTPUT_COUNT);
    return { design, outputs, status: simulate(design, outputs, 0) };
  };
}

/**
 * Tells of designs of a space, fast, that they do not fit in memory: of none that does, but not of all others.
 *
 * @example
 * const isOverfull = memoryFloor(space);
 * const mayFit = designs.filter((design) => !isOverfull(design));
 */
export function memoryFloor({ workload, tiers }: CompiledSpace): Overfull {
  return rulesOf(workload).createMemoryFloor?.(workload, tiers) ?? (() => false);
}

/** `network.npus[2]`: the third dimension's; without brackets where the parameter has one value. */
export function entryName({ parameter, dimension }: DesignEntry): string {
  return dimension === undefined ? parameter : `${parameter}[${dimension}]`;
}

/** Outputs by their names. */
export function namedOutputs(outputs: Float64Array): Record<OutputName, number> {
  return Object.fromEntries(OUTPUTS.map(({ name }, place) => [name, outputs[place]!])) as Record<OutputName, number>;
}
