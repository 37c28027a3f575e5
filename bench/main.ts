/**
 * `npm run bench`: where the performance numbers of the documents come from. Writes <date>-<machine>.json to bench/results, or
 * to the folder that is named. Takes about two minutes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEvaluator } from '../host/index.js';
import { acquireDevice, releaseDevice } from '../host/webgpu/session.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../psa/index.js';
import { packageRoot } from '../psa/packageRoot.js';
import { measureCeilings } from './ceilings.js';
import { measureConcepts } from './concepts.js';
import { measureKernel } from './kernel.js';
import { type Machine, machine, machineName } from './machine.js';
import { interpretDesigns } from './operations.js';
import type { BenchmarkResults, DeviceResult } from './results.js';
import { measureCores, measurePopulation, measureSizes } from './scaling.js';
import { tablesOf } from './tables.js';
import { measureThroughput } from './throughput.js';

const INTERPRETED_DESIGNS = 64;

/** The kernel on the device, beside what the device can do at most. */
async function measureDevice(space: CompiledSpace): Promise<DeviceResult> {
  const open = await acquireDevice();
  try {
    const ceilings = await measureCeilings(open);
    return { ...ceilings, ...(await measureKernel(open, space)) };
  } finally {
    releaseDevice(open);
  }
}

async function measureAll(space: CompiledSpace, where: Machine): Promise<BenchmarkResults> {
  const hasAdapter = where.adapter !== undefined;
  const concepts = measureConcepts(space);
  const { operations } = interpretDesigns(space, INTERPRETED_DESIGNS);
  const device = hasAdapter ? await measureDevice(space) : undefined;
  const throughput = await measureThroughput(space, where.cores, hasAdapter);
  const cores = await measureCores(space, where.cores);
  const sizes = [];
  const populations = [];
  for (const backend of hasAdapter ? (['webgpu', 'cpu'] as const) : (['cpu'] as const)) {
    const evaluator = await createEvaluator(space, { backend });
    sizes.push(await measureSizes(evaluator));
    populations.push(await measurePopulation(evaluator));
    await evaluator.close();
  }
  const date = new Date().toISOString().slice(0, 10);
  return {
    date,
    machine: where,
    space: space.name,
    concepts,
    operations,
    device,
    throughput,
    cores,
    sizes,
    populations,
  };
}

const space = compilePsa(loadPsa('cosmic-full'));
const where = await machine();
const results = await measureAll(space, where);
for (const { title, markdown } of tablesOf(results)) console.log(`\n${title}\n\n${markdown}`);

const folder = process.argv[2] ?? join(packageRoot, 'bench', 'results');
const file = join(folder, `${results.date}-${machineName(where)}.json`);
mkdirSync(folder, { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(`\nwritten to ${file}`);
