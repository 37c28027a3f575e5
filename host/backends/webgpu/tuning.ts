/** The tunings that were measured on this machine's adapters, kept in the user's cache. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { DEFAULT_TUNING, type Tuning } from '../../../kernels/entry/grid.js';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { jsonText } from '../../../psa/plainData.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { cacheFile } from '../../disk/cache.js';
import { writeAtomically } from '../../disk/files.js';
import type { AdapterSummary } from './adapters.js';
import { loadShader } from './shader.js';

/** What every WebGPU device allows. */
const MAX_WORKGROUP_SIZE = 256;

const tuningSchema = z.object({
  workgroupSize: z.number().int().min(1).max(MAX_WORKGROUP_SIZE),
  designsPerThread: z.number().int().min(1).max(64),
});

const recordSchema = z.object({
  adapter: z.string(),
  driver: z.string(),
  /** Which shader was measured: another one may want another tuning. */
  shader: z.string(),
  /** YYYY-MM-DD */
  date: z.string(),
  chosen: tuningSchema,
  /** All that were measured, with the designs per second of the device alone. */
  candidates: z.array(tuningSchema.extend({ designsPerSecond: z.number() })),
});

/** A measurement of an adapter's tunings, and its outcome. */
export type TuningRecord = z.infer<typeof recordSchema>;

/** The tuning that an adapter is used with. */
export interface TuningChoice {
  readonly tuning: Tuning;
  /** When it was measured; undefined for the default. */
  readonly date: string | undefined;
  /** Why a tuning that was kept is not used; undefined if there is none, or if it is used. */
  readonly note: string | undefined;
}

/** The space that adapters are tuned with. */
export function tunedSpace(): CompiledSpace {
  return compilePsa(loadPsa('cosmic-full'));
}

/** Identifies the text of the kernels, by that of the tuned space. */
export function shaderHash(): string {
  return createHash('sha256').update(loadShader(tunedSpace()).code).digest('hex').slice(0, 16);
}

/** Where an adapter's tuning is kept. */
export function tuningFile({ name, driver }: AdapterSummary): string {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const hash = createHash('sha256').update(`${name}\n${driver}`).digest('hex').slice(0, 8);
  return cacheFile(`tuning-${words}-${hash}.json`);
}

/** What was measured of an adapter, with these kernels; or why there is nothing to use. */
function readTuning(adapter: AdapterSummary): { record?: TuningRecord; note?: string } {
  const file = tuningFile(adapter);
  if (!existsSync(file)) return {};
  try {
    const record = recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (record.shader === shaderHash()) return { record };
    return { note: `measured with another version of the kernels: ${file}` };
  } catch {
    return { note: `not readable: ${file}` };
  }
}

/** The measurement that is in use; undefined where there is none. */
export function keptTuning(adapter: AdapterSummary): TuningRecord | undefined {
  return readTuning(adapter).record;
}

/** The adapter's measured tuning, or the default; a file that is broken or of another shader is not used. */
export function tuningOf(adapter: AdapterSummary): TuningChoice {
  const { record, note } = readTuning(adapter);
  return { tuning: record?.chosen ?? DEFAULT_TUNING, date: record?.date, note };
}

/** @throws CosmicError DISK_WRITE */
export function keepTuning(adapter: AdapterSummary, record: TuningRecord): void {
  writeAtomically(tuningFile(adapter), jsonText(record));
}
