/** What predictions of measured steps say of steps that nobody has measured. Written by `cosmic study accuracy --evidence`. */
import { join } from 'node:path';
import { z } from 'zod';
import { readText } from '../../psa/files.js';
import { once } from '../../psa/once.js';
import { packageRoot } from '../../psa/packageRoot.js';
import { LEVELS } from './spread.js';

/**
 * What of a framework on a machine was validated: the two together, each with others, one of them, none. Rows of the other
 * kinds are those that were measured, predicted with the constants of others (host/validate/measured/elsewhere.ts).
 */
export const VALIDATED = ['together', 'apart', 'machine', 'software', 'neither'] as const;
export type Validated = (typeof VALIDATED)[number];

export const MODEL_KINDS = ['dense', 'mixture'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export const FORMATS = ['sixteenBit', 'narrow'] as const;
/** Of the products: half precision, or formats of eight and of four bits. */
export type Format = (typeof FORMATS)[number];

const count = z.int().min(1);
const spread = z.array(z.number()).length(LEVELS.length);

const evidenceSchema = z.strictObject({
  /** Names of the files of rows, and the command that wrote this. */
  files: z.array(z.string()),
  command: z.string(),
  /** Frameworks on machines of which rows were kept out of the fit, such as `megatron-core on h100-sxm`. */
  installations: z.array(z.string()),
  /** A launch of the slowest host among the frameworks of rows, us: where nothing is known of a framework, its host may be that. */
  slowestLaunchUs: z.number().min(0).default(0),
  /** NPUs of the largest validated job. */
  mostNpus: count,
  /**
   * Publications that neither constants nor the reading of rows were made with, and the median of ln(measured / predicted) over the
   * steps of each: a publication has its own network, software and care, which all its steps share.
   */
  publications: z.array(z.strictObject({ source: z.string(), steps: count, shift: z.number() })).default([]),
  /**
   * ln(measured time / predicted time) of rows that were kept out of the fit, of publications that were not. Where nothing is known of the framework, quantiles above
   * the median are of times that are predicted with the slowest host.
   */
  classes: z.array(
    z.strictObject({
      validated: z.enum(VALIDATED),
      model: z.enum(MODEL_KINDS),
      format: z.enum(FORMATS),
      steps: count,
      /** Models of an installation, and sources. */
      models: count,
      sources: count,
      spread,
    }),
  ),
  /**
   * Of two runs of one job that publications measured which nobody fitted, ln of how many times slower the one that is predicted to be
   * slower was, over the same as predicted: of pairs that are predicted to differ, where a job counts as the root of its pairs.
   */
  gains: z
    .strictObject({
      ...{ publications: count, jobs: count, pairs: count },
      /** Half of them lie no further off, to either side. */
      half: z.number().min(0),
      /** The ends between which 80 % of one more publication's are expected. */
      middle: z.tuple([z.number(), z.number()]),
    })
    .optional(),
  /** Constants of fits without one model, relative to those of the presets: what is plausible, each set at once. */
  fits: z.array(z.record(z.string(), z.number().positive())),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type EvidenceClass = Evidence['classes'][number];
export type Publication = Evidence['publications'][number];

const FILE = join(packageRoot, 'host', 'doubt', 'evidence.json');

/** The evidence that the project has. */
export const loadEvidence: () => Evidence = once(() =>
  evidenceSchema.parse(JSON.parse(readText(FILE, 'install cosmic again'))),
);
