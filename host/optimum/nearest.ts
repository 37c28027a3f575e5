/** Of a space without a feasible design: the one that comes nearest, and what it lacks. */

import { usableMB } from '../../kernels/memory/memory.js';
import { brokenLimits, violation } from '../../kernels/objective/fitness.js';
import type { Goal } from '../../kernels/objective/goal.js';
import type { Limit } from '../../kernels/objective/limits.js';
import { OUTPUT, reasonsOf, STATUS } from '../../kernels/outputs.js';
import { designOf, digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import { formatNumber } from '../display/format.js';

export interface NearMiss extends EvaluatedDesign {
  readonly ordinal: bigint;
  /** In words, a reason or a limit each: `needs 96.2 GB of memory, 13.2 GB more than it may fill`. */
  readonly lacks: readonly string[];
}

/** Designs that are looked at: spread over the space, then along the way from the nearest of them. */
const SPREAD = 2048n;
const ALONG = 8192;

/** Rows of a gene that are tried at each step of the way. */
const ROWS = 64;

/** Steps of a share of the golden ratio reach all parts of a range alike. */
const GOLDEN = 6180339887n;
const GOLDEN_UNIT = 10n ** 10n;

/** Ordinals all over a space, or all of a small one. */
function* spreadOrdinals({ count }: CompiledSpace): Generator<bigint> {
  const all = count <= SPREAD;
  for (let i = 0n; i < (all ? count : SPREAD); i++) yield all ? i : ((i * GOLDEN * count) / GOLDEN_UNIT) % count;
}

/** Some rows of a gene, from the first to the last. */
function someRows(size: number): number[] {
  const count = Math.min(size, ROWS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
}

function lacksOf({ design, outputs }: EvaluatedDesign, reasons: number, limits: readonly Limit[]): string[] {
  const neededGB = outputs[OUTPUT.reservedMB]! / 1000;
  const overGB = neededGB - usableMB(design) / 1000;
  const memory = `needs ${formatNumber(neededGB)} GB of memory, ${formatNumber(overGB)} GB more than it may fill`;
  const broken = brokenLimits(limits, outputs, 0);
  return [
    ...((reasons & STATUS.MEMORY) === 0 ? [] : [memory]),
    ...reasonsOf(reasons & ~STATUS.MEMORY),
    ...limits
      .filter((_, k) => ((broken >>> k) & 1) === 1)
      .map(({ label, output, factor }) => `has ${formatNumber(outputs[output]! * factor)} where ${label} is asked for`),
  ];
}

/**
 * Looks for the design that is nearest to feasible: it has the fewest reasons against it, and of equals exceeds what has a
 * measure (memory, limits) by the smallest share. All of a small space is looked at; of a larger one designs all over it, and
 * what is reached from the nearest of those by changing one gene at a time.
 */
export function nearestToFeasible(space: CompiledSpace, { mask, limits }: Pick<Goal, 'mask' | 'limits'>): NearMiss {
  const evaluate = designEvaluator(space);
  const measured = (ordinal: bigint) => {
    const evaluated = evaluate(designOf(space, ordinal));
    const reasons = evaluated.status & mask;
    const distance = violation(reasons, usableMB(evaluated.design), limits, evaluated.outputs, 0);
    return { ...evaluated, ordinal, reasons, distance };
  };
  let best = measured(0n);
  const consider = (ordinal: bigint): boolean => {
    const other = measured(ordinal);
    if (other.distance >= best.distance) return false;
    best = other;
    return true;
  };
  for (const ordinal of spreadOrdinals(space)) {
    // None is nearer than the first that is feasible.
    if (best.distance === 0) break;
    consider(ordinal);
  }
  let left = best.distance === 0 ? 0 : ALONG;
  for (let nearer = true; nearer && space.count > SPREAD && left > 0; ) {
    nearer = false;
    for (const [gene, { size }] of space.genes.entries()) {
      const digits = ordinalToDigits(space, best.ordinal);
      for (const row of someRows(size)) nearer = consider(digitsToOrdinal(space, digits.with(gene, row))) || nearer;
      left -= Math.min(size, ROWS);
    }
  }
  const { reasons, distance: _, ...evaluated } = best;
  return { ...evaluated, lacks: lacksOf(evaluated, reasons, limits) };
}
