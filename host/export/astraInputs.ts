/** ASTRA-sim's network and system files as the program reads them, and what of them it does not read or we do not simulate. */
import { z } from 'zod';
import type { SourceDocument } from '../../psa/document.js';
import { CosmicError } from '../../psa/errors.js';
import { readSource } from '../../psa/readSource.js';
import { validated } from '../../psa/validate.js';

const perDimension = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(4);

const networkSchema = z.object({
  topology: perDimension(z.enum(['Ring', 'Switch', 'FullyConnected'])),
  npus_count: perDimension(z.int().min(1)),
  bandwidth: perDimension(z.number().positive()),
  latency: perDimension(z.number().min(0)),
});
export type AstraNetwork = z.output<typeof networkSchema>;

/** The names of version 1.0, and those of today. */
const OLD_NETWORK = {
  'topologies-per-dim': 'topology',
  'units-count': 'npus_count',
  'link-bandwidth': 'bandwidth',
  'link-latency': 'latency',
} as const;

const NATIVE = ['ring', 'direct', 'halvingDoubling', 'doubleBinaryTree'] as const;
const algorithm = z
  .string()
  .refine(
    (name) => (NATIVE as readonly string[]).includes(name) || /^direct[1-9]\d*$/.test(name),
    `use ${NATIVE.join(', ')}, or directK for K messages in flight: others are not simulated`,
  );
/** Version 1.0 joins the dimensions by `_`. */
const algorithms = z.preprocess(
  (value) => (typeof value === 'string' ? value.split('_') : value),
  perDimension(algorithm),
);
export const IMPLEMENTATIONS = [
  'all-reduce-implementation',
  'all-gather-implementation',
  'reduce-scatter-implementation',
  'all-to-all-implementation',
] as const;

const systemSchema = z.object({
  'scheduling-policy': z.enum(['LIFO', 'FIFO']).default('LIFO'),
  'endpoint-delay': z.number().min(0).default(10),
  'active-chunks-per-dimension': z.int().min(1).default(1),
  'preferred-dataset-splits': z.int().min(1).default(1),
  'all-reduce-implementation': algorithms.optional(),
  'all-gather-implementation': algorithms.optional(),
  'reduce-scatter-implementation': algorithms.optional(),
  'all-to-all-implementation': algorithms.optional(),
  'collective-optimization': z.enum(['baseline', 'localBWAware']).default('baseline'),
  'local-mem-bw': z.number().min(0).optional(),
  'peak-perf': z.number().min(0).optional(),
  'roofline-enabled': z.union([z.boolean(), z.literal([0, 1])]).default(0),
});
export type AstraSystemFile = z.output<typeof systemSchema>;

/** Why the program, too, does without some keys. */
const IGNORED: Readonly<Record<string, string>> = {
  'boost-mode': 'it has no effect in the analytical network',
  'inter-dimension-scheduling': 'the program has not read it since 2.0: dimensions go in ascending order',
  'intra-dimension-scheduling': 'the program has not read it since 2.0: chunks go first come first served',
};

export interface ReadInput<Data> {
  readonly data: Data;
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

function entriesOf({ data }: SourceDocument): [string, unknown][] {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.entries(data) : [];
}

function ignoredNotes(source: SourceDocument, known: readonly string[]): string[] {
  return entriesOf(source)
    .filter(([key]) => !known.includes(key))
    .map(([key, value]) => `${key} (${JSON.stringify(value)}) is ignored: ${IGNORED[key] ?? 'it is not simulated'}`);
}

/** @throws CosmicError SCHEMA where lists differ in length from the topology */
function checkLengths(source: SourceDocument, lists: readonly [string, unknown][], dimensions: number): void {
  for (const [name, list] of lists) {
    if (!Array.isArray(list) || list.length === dimensions) continue;
    throw new CosmicError('SCHEMA', `${name} has ${list.length} values for ${dimensions} network dimensions`, {
      ...source.place([name]),
      remedy: 'give one value per dimension',
    });
  }
}

/**
 * Reads a network file, YAML or JSON, of today's form or version 1.0's.
 *
 * @throws CosmicError FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA
 */
export function readAstraNetwork(file: string): ReadInput<AstraNetwork> {
  const source = readSource(file);
  const entries = entriesOf(source);
  const isOld = entries.some(([key]) => key in OLD_NETWORK);
  const renamed = Object.fromEntries(
    entries.map(([key, value]) => [OLD_NETWORK[key as keyof typeof OLD_NETWORK] ?? key, value]),
  );
  const data = validated(networkSchema, isOld ? { ...source, data: renamed } : source);
  checkLengths(source, Object.entries(data), data.topology.length);
  const known = [...Object.keys(networkSchema.shape), ...Object.keys(OLD_NETWORK)];
  const notes = ignoredNotes(source, known);
  return { data, notes: isOld ? [`${file} has the form of ASTRA-sim 1.0: it is read as today's`, ...notes] : notes };
}

/** @throws CosmicError SCHEMA where an algorithm is a program of its own */
function refuseCustom(source: SourceDocument): void {
  const custom = entriesOf(source).find(([key]) => /-implementation-/.test(key));
  if (custom === undefined) return;
  throw new CosmicError('SCHEMA', `${custom[0]} names a custom collective, which is not simulated`, {
    ...source.keyPlace([], custom[0]),
    remedy: `give ${custom[0].replace(/-implementation-.*/, '-implementation')} a list of ${NATIVE.join(', ')}`,
  });
}

/**
 * Reads a system file for a network of so many dimensions.
 *
 * @throws CosmicError FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA
 */
export function readAstraSystem(file: string, dimensions: number): ReadInput<AstraSystemFile> {
  const source = readSource(file);
  refuseCustom(source);
  const data = validated(systemSchema, source);
  const lists = IMPLEMENTATIONS.map((name): [string, unknown] => [name, data[name]]);
  checkLengths(source, lists, dimensions);
  return { data, notes: ignoredNotes(source, Object.keys(systemSchema.shape)) };
}
