import { SLOT_COUNT } from '../../psa/parameters.js';
import { MAX_LIMITS } from '../objective/limits.js';
import { STATUSES } from '../outputs.js';
import type { Breeding } from './breeding.js';

/** Places of a generation's tally, in u32s: counts, then the bits of the best fitness so far and the row of its design. */
export const TALLY = {
  infeasible: 0,
  reasons: 1,
  limits: 1 + STATUSES.length,
  fitness: 1 + STATUSES.length + MAX_LIMITS,
  row: 2 + STATUSES.length + MAX_LIMITS,
} as const;

/** A row has at most a word for each gene, and a gene sets at least one slot. */
export const TALLY_WORDS = TALLY.row + SLOT_COUNT;

/** Fitness in f32 from which on a design is infeasible, and of a slot without a design: see fitness.wgsl. */
export const INFEASIBLE_F32 = Math.fround(1e36);
export const NO_DESIGN_F32 = Math.fround(3.4e38);

/** A gene sets at least one slot, so there are no more; four fit in a vector. */
export const OPEN_GENE_VECTORS = Math.ceil(SLOT_COUNT / 4);

/** Values of the fields of `Evolution` in kernels/entry/evolve.wgsl. */
export interface EvolutionFields extends Omit<Breeding, 'sizes'> {
  readonly elites: number;
}

/**
 * An evolution as the GPU reads it.
 *
 * @param elites place behind the tallies where the best of each workgroup are kept
 */
export function evolutionFields({ sizes: _, ...breeding }: Breeding, elites: number): EvolutionFields {
  return { ...breeding, elites };
}

/** Values of the fields of `Generation` in kernels/entry/evolve.wgsl: places count in words of the population, or of the tallies. */
export interface GenerationFields {
  readonly number: number;
  /** Children that are made; the designs of further slots stay. */
  readonly count: number;
  readonly parents: number;
  readonly children: number;
  readonly tally: number;
}
