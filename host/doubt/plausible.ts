/** Sets of constants that are plausible: what fits to other measured steps came to, on top of what a design has. */
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type CalibratedConstant, calibratedConstants } from './constants.js';
import { loadEvidence } from './evidence.js';

/** Factors of constants by their names. */
export type ConstantSet = Readonly<Record<string, number>>;

const isOfNetwork = (name: string): boolean => name.startsWith('network.');

/** The part of each fit that holds such constants, of the fits that have any. */
function parts(fits: readonly ConstantSet[], holds: (name: string) => boolean): ConstantSet[] {
  return fits
    .map((fit) => Object.fromEntries(Object.entries(fit).filter(([name]) => holds(name))))
    .filter((fit) => Object.keys(fit).length > 0);
}

/**
 * Draws sets of constants. Those of compute and of the host are of one fit, so that they are plausible together; those of the network,
 * which other fits know, of another.
 *
 * @param seed 0 … 2³² − 1; the same seed gives the same sets
 * @param fits factors of constants by fit; those of the evidence unless given
 */
export function plausibleSets(
  count: number,
  seed: number,
  fits: readonly ConstantSet[] = loadEvidence().fits,
): ConstantSet[] {
  const compute = parts(fits, (name) => !isOfNetwork(name));
  const network = parts(fits, isOfNetwork);
  const words = new Uint32Array(2);
  return Array.from({ length: count }, (_, set) => {
    threefry2x32(seed, 0, set, 0, words);
    return { ...compute[words[0]! % compute.length], ...network[words[1]! % network.length] };
  });
}

/** Factor of a constant: of a dimension its own, else what fits say of all. */
function factorOf(set: ConstantSet, name: string): number {
  return set[name] ?? set[name.replace(/\[\d\]$/, '')] ?? 1;
}

/**
 * Designs with the constants of a set, in one array for all calls: `SLOT_COUNT` numbers.
 *
 * @param constants those that may change
 */
export function constantsWriter(
  constants: readonly CalibratedConstant[],
): (design: Float64Array, set: ConstantSet) => Float64Array {
  const altered = new Float64Array(SLOT_COUNT);
  return (design, set) => {
    altered.set(design);
    for (const { name, slot, most } of constants) altered[slot] = Math.min(altered[slot]! * factorOf(set, name), most);
    return altered;
  };
}

/** What is in doubt of a space: constants that it varies are the user's question. */
export function doubtedConstants(space: CompiledSpace): CalibratedConstant[] {
  const varied = new Set(space.genes.flatMap(({ slots }) => slots));
  return calibratedConstants(space, space.fixed).filter(({ slot }) => !varied.has(slot));
}
