/** What agents check of a state that they take in: it comes from a file, which may be another agent's or changed by hand. */
import { z } from 'zod';
import { CosmicError } from '../../psa/errors.js';
import { readPlain } from '../../psa/plainData.js';
import type { AgentGene, PlainData } from '../agent.js';

/** How many of something, or the place in an array. */
export const count = z.int().min(0);

export const numbers = z.array(z.number());

/** The state of an agent within another one, which checks it by itself. */
export const innerState = z.custom<PlainData>();

/** Rows of numbers, one after another, each from 0 to the largest digit of its gene. */
export function placeRows(genes: readonly AgentGene[]) {
  return numbers.refine((places) => isRows(genes, places), 'these are no designs of the space');
}

/** Rows of digits, one after another. */
export function digitRows(genes: readonly AgentGene[]) {
  return placeRows(genes).refine((digits) => digits.every(Number.isInteger), 'digits are whole numbers');
}

function isRows(genes: readonly AgentGene[], places: readonly number[]): boolean {
  const width = genes.length;
  const isWithin = (place: number, i: number) => place >= 0 && place < genes[i % width]!.size;
  return width === 0 ? places.length === 0 : places.length % width === 0 && places.every(isWithin);
}

/** Has each of so many designs a row? */
export function areRowsOf(count: number, rows: readonly number[], { length: width }: readonly AgentGene[]): boolean {
  return rows.length === count * width;
}

/**
 * A saved state as its schema has it.
 *
 * @throws CosmicError RUN_MISMATCH where it is not such a state
 */
export function readState<S>(schema: z.ZodType<S>, plain: PlainData): S {
  const remedy = 'go on from a state that such an agent saved, over the same space, or start a new search';
  return readPlain(
    schema,
    plain,
    (why) => new CosmicError('RUN_MISMATCH', `the saved state is not this agent's: ${why}`, { remedy }),
  );
}
