/** How sure it is that a job fits in memory: as often as published peaks lay no further above what was predicted of them. */
import { join } from 'node:path';
import { z } from 'zod';
import { readText } from '../../psa/files.js';
import { once } from '../../psa/once.js';
import { packageRoot } from '../../psa/packageRoot.js';
import type { MemoryUse } from '../display/memoryUse.js';
import { mean } from '../statistics/statistics.js';

/** Peaks that publications print, over what is predicted of them with what stays in reserve; sorted. */
const evidenceSchema = z.strictObject({
  command: z.string(),
  publications: z.array(z.strictObject({ source: z.string(), ratios: z.array(z.number().positive()).min(1) })),
});
export type MemoryEvidence = z.infer<typeof evidenceSchema>;

const FILE = join(packageRoot, 'host', 'doubt', 'memoryEvidence.json');

export const loadMemoryEvidence: () => MemoryEvidence = once(() =>
  evidenceSchema.parse(JSON.parse(readText(FILE, 'install cosmic again'))),
);

/**
 * The chance that a job fits which is predicted to need so much of its memory, reserve included, where publications count alike:
 * of n peaks k that fitted say (k + 1/2) / (n + 1) (Krichevsky and Trofimov 1981).
 *
 * @param share of the memory, above 0
 * @param without a source that has no say, as when its own runs are judged
 */
export function chanceToFit(share: number, evidence = loadMemoryEvidence(), without?: string): number {
  const chances = evidence.publications
    .filter(({ source }) => source !== without)
    .map(({ ratios }) => (ratios.filter((ratio) => ratio * share <= 1).length + 0.5) / (ratios.length + 1));
  return mean(chances);
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
