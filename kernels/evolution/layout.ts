import { SLOT_COUNT } from '../../psa/parameters.js';
import { MAX_LIMITS, type OutputLimit } from '../objective/fitness.js';
import { STATUSES } from '../outputs.js';
import type { Breeding } from './breeding.js';

/** Places of a generation's report, in u32s: counts, then the bits of the best fitness so far and the row of its design. */
export const REPORT = {
  infeasible: 0,
  reasons: 1,
  limits: 1 + STATUSES.length,
  fitness: 1 + STATUSES.length + MAX_LIMITS,
  row: 2 + STATUSES.length + MAX_LIMITS,
} as const;

/** A row has at most a word for each gene, and a gene sets at least one slot. */
export const REPORT_WORDS = REPORT.row + SLOT_COUNT;

/** Fitness in f32 from which on a design is infeasible, and of a slot without a design: see fitness.wgsl. */
export const INFEASIBLE_F32 = Math.fround(1e36);
export const NO_DESIGN_F32 = Math.fround(3.4e38);

/** A gene sets at least one slot, so there are no more; four fit in a vector. */
export const OPEN_GENE_VECTORS = Math.ceil(SLOT_COUNT / 4);

/** Byte offset of each field of `Evolution` in kernels/entry/evolve.wgsl. A test compares the layout with the WGSL. */
export const EVOLUTION_OFFSETS = {
  seed: 0,
  islands: 4,
  population: 8,
  tournament: 12,
  crossover: 16,
  migration: 20,
  mutation: 24,
  limitCount: 28,
  elites: 32,
  openGenes: 48,
  limits: 48 + 16 * OPEN_GENE_VECTORS,
} as const;

export const EVOLUTION_BYTES = EVOLUTION_OFFSETS.limits + 16 * MAX_LIMITS;

/**
 * An evolution as the GPU reads it.
 *
 * @param limits at most {@link MAX_LIMITS}
 * @param elites place behind the reports where the best of each workgroup are kept
 */
export function packEvolution(breeding: Breeding, limits: readonly OutputLimit[], elites: number): ArrayBuffer {
  const { openGenes, sizes: _, ...words } = breeding;
  const buffer = new ArrayBuffer(EVOLUTION_BYTES);
  const view = new DataView(buffer);
  const scalars = { ...words, limitCount: limits.length, elites };
  for (const [name, value] of Object.entries(scalars)) {
    view.setUint32(EVOLUTION_OFFSETS[name as keyof typeof EVOLUTION_OFFSETS], value, true);
  }
  new Uint32Array(buffer, EVOLUTION_OFFSETS.openGenes).set(openGenes);
  const rows = limits.flatMap(({ output, factor, sense, bound }) => [output, factor, sense === '<=' ? 1 : -1, bound]);
  new Float32Array(buffer, EVOLUTION_OFFSETS.limits).set(rows);
  return buffer;
}

/** Words of `Generation` in kernels/entry/evolve.wgsl: places count in words of the population, or of the reports. */
export interface GenerationFields {
  readonly number: number;
  /** Children that are made; the designs of further slots stay. */
  readonly count: number;
  readonly parents: number;
  readonly children: number;
  readonly report: number;
}

export function packGeneration({ number, count, parents, children, report }: GenerationFields): Uint32Array {
  return Uint32Array.of(number, count, parents, children, report);
}
