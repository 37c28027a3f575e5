/** What this machine evaluates a second on each backend, as it was measured once and kept in the user's cache. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';
import { jsonText } from '../../psa/plainData.js';
import { cacheFile } from '../disk/cache.js';
import { writeAtomically } from '../disk/files.js';
import type { AdapterSummary } from './webgpu/adapters.js';

const rate = z.number().positive();
/** Designs a second: walked by a sweep, and in the batches of a search. */
const backendRates = z.strictObject({ sweep: rate, search: rate });

/** What is measured with the rules of a profile. */
const profileRates = {
  /** On all threads. */
  cpu: backendRates,
  webgpu: backendRates,
  /** From nothing to the first result of WebGPU, its kernels compiled. */
  startUpMs: rate,
};

const ratesSchema = z.strictObject({
  /** YYYY-MM-DD */
  date: z.iso.date(),
  cpuModel: z.string(),
  threads: z.int().positive(),
  adapter: z.string(),
  driver: z.string(),
  ...profileRates,
  /** Of the astra-sim profile; measured on hardware adapters alone. */
  steps: z.strictObject(profileRates).optional(),
});

/** Measured rates, and of what; of one space, so that for others they are estimates. */
export type Rates = z.infer<typeof ratesSchema>;

/** As those of the default profile, rates of the astra-sim profile; undefined where none are measured. */
export function stepRates(rates: Rates | undefined): Rates | undefined {
  return rates?.steps && { ...rates, ...rates.steps };
}

export function ratesFile(): string {
  return cacheFile('rates.json');
}

/** What the rates of the CPU are measured of. */
export function processor(): Pick<Rates, 'cpuModel' | 'threads'> {
  return { cpuModel: cpus()[0]?.model.trim() ?? 'unknown', threads: availableParallelism() };
}

/** The rates that were measured on these cores; undefined where there are none, or none that can be read. */
export function keptRates(): Rates | undefined {
  const file = ratesFile();
  if (!existsSync(file)) return undefined;
  try {
    const rates = ratesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const { cpuModel, threads } = processor();
    return rates.cpuModel === cpuModel && rates.threads === threads ? rates : undefined;
  } catch {
    return undefined;
  }
}

/** Were they measured on this adapter and driver? */
export function areOf({ adapter, driver }: Rates, summary: Pick<AdapterSummary, 'name' | 'driver'>): boolean {
  return adapter === summary.name && driver === summary.driver;
}

/** @throws CosmicError DISK_WRITE */
export function keepRates(rates: Rates): void {
  writeAtomically(ratesFile(), jsonText(rates));
}
