import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AGENT_NAMES } from '../../agents/agents.js';
import { packageRoot } from '../../psa/packageRoot.js';
import { type CompiledSpace, PROFILES } from '../../psa/space.js';

/** Goes up when a run of an older version can no longer be resumed. */
export const RUN_FORMAT = 2;

const wholeNumber = z.string().regex(/^\d+$/);

const sourceText = z.strictObject({ file: z.string(), text: z.string() });

const spaceSchema = z.strictObject({
  /** Names of presets, or absolute paths of files; system and model where the command line gave them. */
  psa: z.string(),
  system: z.string().optional(),
  model: z.string().optional(),
  profile: z.enum(PROFILES).optional(),
  set: z.array(z.string()),
  name: z.string(),
  count: wholeNumber,
  /** What those files said: a run is read from this alone. */
  sources: z.strictObject({ psa: sourceText, system: sourceText, model: z.array(sourceText).min(1) }),
  /** Of the compiled space: two runs with the same fingerprint number the same designs. */
  fingerprint: z.string(),
});

const sweepSettings = z.strictObject({
  kind: z.literal('sweep'),
  source: z.union([
    z.strictObject({ kind: z.literal('ordinals') }),
    z.strictObject({ kind: z.literal('samples'), seed: z.number() }),
  ]),
  start: wholeNumber,
  count: wholeNumber,
  objectives: z.array(z.string()),
  /** Limits on outputs, such as `memory <= 24e9`. */
  constraints: z.array(z.string()).optional(),
  top: z.number(),
  pareto: z.boolean(),
});

const searchSettings = z.strictObject({
  kind: z.literal('search'),
  agent: z.enum(AGENT_NAMES),
  evaluations: z.number(),
  /** Without it, what suits the agent. */
  population: z.number().optional(),
  islands: z.number().optional(),
  /** Generations between migrations of islands. */
  migration: z.number().optional(),
  /** The agent's own, where they are not its defaults. */
  parameters: z.record(z.string(), z.number()).optional(),
  seed: z.number(),
  objective: z.string(),
  moreObjectives: z.array(z.string()).optional(),
  /** Limits on outputs, such as `memory <= 24e9`. */
  constraints: z.array(z.string()).optional(),
  patience: z.number().optional(),
  top: z.number(),
});

const backendRecord = z.strictObject({ name: z.enum(['webgpu', 'cpu', 'gpujs']), description: z.string() });

/** Searches of one space and goal, joined by merge; each with the backend that it ran on, unless that is the run's. */
const searchesSettings = z.strictObject({
  kind: z.literal('searches'),
  searches: z.array(searchSettings.extend({ backend: backendRecord.optional() })).min(2),
});

/** What a run is: enough to resume it and to regenerate each of its results. */
export const manifestSchema = z.strictObject({
  format: z.literal(RUN_FORMAT),
  cosmic: z.string(),
  created: z.iso.datetime(),
  command: z.string(),
  space: spaceSchema,
  backend: backendRecord,
  settings: z.discriminatedUnion('kind', [sweepSettings, searchSettings, searchesSettings]),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type SpaceReference = Manifest['space'];
export type RunSettings = Manifest['settings'];
export type BackendRecord = z.infer<typeof backendRecord>;
export type SweepSettings = z.infer<typeof sweepSettings>;
export type SearchSettings = z.infer<typeof searchSettings>;

/** A hash of all that decides what an ordinal means and what its design scores. */
export function fingerprint(space: CompiledSpace): string {
  const { npus, dimensions, workload, tiers, fixed, genes } = space;
  const content = {
    npus,
    dimensions,
    workload,
    tiers,
    fixed: [...fixed],
    genes: genes.map((gene) => [gene.name, gene.slots, [...gene.table]]),
  };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Version of this package. */
export const cosmicVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))).version;
