/**
 * What a part of a simulation depends on, so that a design that differs in few genes from the one before costs little: a gene
 * knows which of these its slots change. The same numbers in WGSL.
 */

import type { Change } from '../psa/parameters/row.js';
import { MAX_DIMENSIONS, PARAMETERS } from '../psa/parameters.js';

/** Bits. The first MAX_DIMENSIONS: the rate of the links of a dimension; as many more: all else of a dimension. */
export const CHANGED = {
  links: 1,
  dimension: 1 << MAX_DIMENSIONS,
  /** How the axes lie over the dimensions. */
  layout: 1 << (2 * MAX_DIMENSIONS),
  /** How collectives run in all dimensions. */
  channels: 2 << (2 * MAX_DIMENSIONS),
  /** The plan of the step: all other slots. */
  plan: 4 << (2 * MAX_DIMENSIONS),
  nothing: 0,
} as const satisfies Readonly<Record<Change, number>>;

/** The bits of `links`, or shifted by MAX_DIMENSIONS of `dimension`. */
export const ALL_DIMENSIONS = (1 << MAX_DIMENSIONS) - 1;

/** A design that has nothing to do with the one before. */
export const CHANGED_ALL = (8 << (2 * MAX_DIMENSIONS)) - 1;

/** What changes with a slot of a design. */
export function changesOfSlot(slot: number): number {
  const { changes, slot: first } = PARAMETERS.findLast((parameter) => parameter.slot <= slot)!;
  return changes === 'links' || changes === 'dimension' ? CHANGED[changes] << (slot - first) : CHANGED[changes];
}
