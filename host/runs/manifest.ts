import { z } from 'zod';
import { CosmicError } from '../../psa/errors.js';
import { readPlain } from '../../psa/plainData.js';
import { PROFILES } from '../../psa/space.js';
import {
  backendRecord,
  proofSchema,
  searchesSchema,
  searchSchema,
  sweepSchema,
  wholeNumber,
} from './settingsSchema.js';

/** Goes up when a run of an older version can no longer be resumed. */
export const RUN_FORMAT = 3;

const sourceText = z.strictObject({ file: z.string(), text: z.string() });

export const spaceSchema = z.strictObject({
  /** Names of presets, or absolute paths of files; system, software and model where the command line gave them. Nobody opens them. */
  psa: z.string(),
  system: z.string().optional(),
  software: z.string().optional(),
  model: z.string().optional(),
  profile: z.enum(PROFILES).optional(),
  set: z.array(z.string()),
  name: z.string(),
  count: wholeNumber,
  /** What those files said: a run is read from this alone. */
  sources: z.strictObject({
    psa: sourceText,
    system: sourceText,
    software: sourceText.optional(),
    model: z.array(sourceText).min(1),
  }),
  /** Of the compiled space: two runs with the same fingerprint number the same designs. */
  fingerprint: z.string(),
});

/** What a run is: enough to resume it and to regenerate each of its results. */
const manifestSchema = z
  .strictObject({
    format: z.literal(RUN_FORMAT),
    cosmic: z.string(),
    created: z.iso.datetime(),
    command: z.string(),
    space: spaceSchema,
    backend: backendRecord,
    settings: z.discriminatedUnion('kind', [sweepSchema, searchSchema, searchesSchema, proofSchema]),
  })
  .refine(({ space, settings }) => sweepsWithin(settings, BigInt(space.count)), {
    path: ['settings'],
    error: 'the range goes beyond the space',
  });

export type Manifest = z.infer<typeof manifestSchema>;
export type SpaceReference = Manifest['space'];
export type RunSettings = Manifest['settings'];
export type BackendRecord = z.infer<typeof backendRecord>;
export type SweepSettings = z.infer<typeof sweepSchema>;
export type SearchSettings = z.infer<typeof searchSchema>;
export type ProofSettings = z.infer<typeof proofSchema>;

function sweepsWithin(settings: RunSettings, designs: bigint): boolean {
  if (settings.kind !== 'sweep' || settings.source.kind === 'samples') return true;
  return BigInt(settings.start) + BigInt(settings.count) <= designs;
}

/** @throws CosmicError RUN_MISMATCH where it is of another format, FILE_UNREADABLE where it is no manifest */
export function readManifest(plain: unknown, file: string): Manifest {
  const format = (plain as { format?: unknown } | null)?.format;
  if (format !== RUN_FORMAT) {
    throw new CosmicError('RUN_MISMATCH', `the run has format ${String(format)}, this version reads ${RUN_FORMAT}`, {
      file,
      remedy: 'use the version of cosmic that wrote it, or start a new run',
    });
  }
  const remedy = 'the file was changed by hand; start a new run';
  return readPlain(manifestSchema, plain, (why) => new CosmicError('FILE_UNREADABLE', why, { file, remedy }));
}
