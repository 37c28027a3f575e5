/** The islands of a search, as they live in memory and as they are saved. */
import { z } from 'zod';
import { type Breeding, NO_DESIGN, type Parents } from '../../../kernels/evolution/breeding.js';
import type { PlainData } from '../../agent.js';
import { count, readState } from '../../shared/savedState.js';

/** The designs of all islands. */
export interface IslandsState extends Parents {
  /** The generation that is asked for next. */
  readonly generation: number;
}

/** Islands before their first generation. */
export function emptyIslands({ islands, population, sizes }: Breeding): IslandsState {
  const slots = islands * population;
  return {
    generation: 0,
    digits: new Uint32Array(slots * sizes.length),
    fitness: new Float64Array(slots).fill(NO_DESIGN),
  };
}

/** Islands as plain data: their arrays in base64, since as numbers a million digits take longer than their evaluation. */
export function islandsToPlain({ generation, digits, fitness }: IslandsState): PlainData {
  return { generation, digits: toBase64(digits), fitness: toBase64(fitness) };
}

/** Arrays of so many bytes. */
function savedState(digitBytes: number, fitnessBytes: number) {
  const bytes = (length: number) =>
    z
      .base64({ abort: true })
      .transform(fromBase64)
      // What is not as large is no array of words or numbers: nobody is to look into it.
      .refine(({ byteLength }) => byteLength === length, { error: `these are not ${length} bytes`, abort: true });
  return z.strictObject({
    generation: count,
    digits: bytes(digitBytes).transform((buffer) => new Uint32Array(buffer)),
    fitness: bytes(fitnessBytes).transform((buffer) => new Float64Array(buffer)),
  });
}

/** @throws CosmicError RUN_MISMATCH where they are not such islands */
export function islandsFromPlain(plain: PlainData, breeding: Breeding): IslandsState {
  const { sizes } = breeding;
  const { digits, fitness } = emptyIslands(breeding);
  const schema = savedState(digits.byteLength, fitness.byteLength)
    .refine(
      (state) => state.digits.every((digit, i) => digit < sizes[i % sizes.length]!),
      'these are no designs of the space',
    )
    .refine((state) => state.fitness.every(Number.isFinite), 'a fitness is no number');
  return readState(schema, plain);
}

function toBase64({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** A buffer of its own: that of a small Buffer begins anywhere. */
function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
}
