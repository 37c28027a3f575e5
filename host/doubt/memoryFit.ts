/** How sure it is that a job fits in memory: as often as peaks of published runs lay no further above what was predicted of them. */
import { join } from 'node:path';
import { z } from 'zod';
import { readText } from '../../psa/files.js';
import { once } from '../../psa/once.js';
import { packageRoot } from '../../psa/packageRoot.js';
import type { MemoryUse } from '../display/memoryUse.js';
import { chanceOfOneMore } from './oneMore.js';

const count = z.int().min(0);

const evidenceSchema = z.strictObject({
  command: z.string(),
  /** Of each publication the runs that print their peak, that ran without a word of it, and that ran out of memory. */
  publications: z.array(z.strictObject({ source: z.string(), printed: count, ran: count, failed: count })).min(1),
  /** Peaks over what is predicted of them with what stays in reserve, sorted, and how likely each is; weights add up to 1. */
  ratios: z.array(z.number().positive()).min(1),
  weights: z.array(z.number().min(0)).min(1),
});
export type MemoryEvidence = z.infer<typeof evidenceSchema>;

const FILE = join(packageRoot, 'host', 'doubt', 'memoryEvidence.json');

export const loadMemoryEvidence: () => MemoryEvidence = once(() =>
  evidenceSchema.parse(JSON.parse(readText(FILE, 'install cosmic again'))),
);

/**
 * The chance that a job of one more publication fits which is predicted to need so much of its memory, reserve included.
 *
 * @param share of the memory, above 0
 */
export function chanceToFit(share: number, evidence = loadMemoryEvidence()): number {
  const { publications, ratios, weights } = evidence;
  const fits = weights.reduce((sum, weight, i) => sum + (ratios[i]! * share <= 1 ? weight : 0), 0);
  return chanceOfOneMore(Math.min(1, fits), publications.length);
}

/** Above this chance a job is likely to fit, below the other it is not. */
const LIKELY = 0.75;
const UNLIKELY = 0.5;

/** The chance that what needs so much memory fits beside what stays in reserve. */
export function chanceOfMemory({
  usedMB,
  reserveMB,
  capacityMB,
}: Pick<MemoryUse, 'usedMB' | 'reserveMB' | 'capacityMB'>): number {
  return chanceToFit((usedMB + reserveMB) / capacityMB);
}

export const isLikely = (chance: number): boolean => chance >= LIKELY;
export const isUnlikely = (chance: number): boolean => chance < UNLIKELY;
