import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';

/** JSON has no big integers: they travel as strings. */
const big = z
  .string()
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

const candidate = z.object({ position: big, ordinal: big, objectives: z.array(z.number()) });

const part = z.object({
  start: big,
  evaluated: big,
  feasible: big,
  byReason: z.array(big),
  byLimit: z.array(big).default([]),
  histogram: z.array(big),
  top: z.array(candidate),
  pareto: z.array(candidate),
});

/** A part of a sweep as plain data. */
export function partToPlain(finished: SweepPart): PlainData {
  const text = JSON.stringify(finished, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as PlainData;
}

/** @throws CosmicError FILE_UNREADABLE */
export function partFromPlain(plain: PlainData, file: string): SweepPart {
  const parsed = part.safeParse(plain);
  if (parsed.success) return parsed.data;
  throw new CosmicError('FILE_UNREADABLE', "the checkpoint is not a sweep's", { file, remedy: 'start a new run' });
}
