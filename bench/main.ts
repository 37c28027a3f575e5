/**
 * `npm run bench`: where the performance numbers of the documents come from. Writes <date>-<machine>.json to bench/results, or
 * to the folder that is named, anew after each stage, so that nothing is lost when a later one fails. Takes about five minutes.
 */

import { join } from 'node:path';
import { processDevice } from '../host/backends/webgpu/session.js';
import { tuneAdapter } from '../host/backends/webgpu/tuner.js';
import { keptTuning, type TuningRecord } from '../host/backends/webgpu/tuning.js';
import { writeAtomically } from '../host/disk/files.js';
import { createEvaluator, type Evaluator } from '../host/index.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../psa/index.js';
import { packageRoot } from '../psa/packageRoot.js';
import { jsonText } from '../psa/plainData.js';
import { measureAgents } from './agents.js';
import { measureBoxes } from './boxes.js';
import { measureCeilings } from './ceilings.js';
import { benchedCommands, measureCommands } from './commands.js';
import { measureDesigns } from './concepts/designs.js';
import { measureConcepts } from './concepts/measure.js';
import { measureBusy, measureKernel } from './kernel.js';
import { type Machine, machine, machineName } from './machine.js';
import { measureMoney } from './money.js';
import { interpretDesigns, interpretWalk } from './operations.js';
import { measureEvolution } from './residentIslands.js';
import type { BenchmarkResults, DeviceResult, Measurements } from './results.js';
import { measureCores, measurePopulation, measureSizes } from './scaling.js';
import { measureSteps } from './steps.js';
import { tablesOf } from './tables/all.js';
import { measureThroughput } from './throughput.js';
import { FEASIBLE_START, measureWalks } from './walks.js';

const INTERPRETED_DESIGNS = 64;
/** What a thread of a sweep walks. */
const WALKED_DESIGNS = 100;

/** The adapter's tuning: a software adapter takes a minute for it, which its owner may spend on `cosmic doctor --tune`. */
async function tune(adapter: Machine['adapter']): Promise<TuningRecord | undefined> {
  if (adapter === undefined) return undefined;
  return keptTuning(adapter) ?? (adapter.type === 'hardware' ? tuneAdapter() : undefined);
}

/** The kernel on the device, beside what the device can do at most. */
async function measureDevice(space: CompiledSpace): Promise<DeviceResult> {
  const open = await processDevice();
  const ceilings = await measureCeilings(open);
  const kernel = await measureKernel(open, space);
  return { ...ceilings, ...kernel, busy: await measureBusy(open, space, kernel.designsPerSecond) };
}

/** Measures each backend that is in question. */
async function onBackends<T>(
  space: CompiledSpace,
  hasAdapter: boolean,
  measure: (evaluator: Evaluator) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const backend of hasAdapter ? (['webgpu', 'cpu'] as const) : (['cpu'] as const)) {
    const evaluator = await createEvaluator(space, { backend });
    results.push(await measure(evaluator));
    await evaluator.close();
  }
  return results;
}

type Stages = { readonly [Stage in keyof Measurements]: () => Promise<Measurements[Stage]> };

/** What is worth most comes first. */
function stages(space: CompiledSpace, { adapter, cores }: Machine): Stages {
  const hasAdapter = adapter !== undefined;
  const isGpu = ({ backend }: Evaluator): boolean => backend === 'webgpu' && adapter?.type === 'hardware';
  return {
    tuning: () => tune(adapter),
    throughput: () => measureThroughput(space, cores, hasAdapter),
    steps: () => measureSteps(cores, hasAdapter),
    walks: () => measureWalks(cores, hasAdapter),
    money: () => measureMoney(hasAdapter),
    boxes: () => measureBoxes(space, cores, hasAdapter),
    commands: () => measureCommands(benchedCommands(hasAdapter)),
    device: async () => (hasAdapter ? measureDevice(space) : undefined),
    operations: async () => interpretDesigns(space, INTERPRETED_DESIGNS).operations,
    walkOperations: async () => interpretWalk(space, FEASIBLE_START, WALKED_DESIGNS).operations,
    sizes: () => onBackends(space, hasAdapter, (evaluator) => measureSizes(evaluator, isGpu(evaluator) ? 30 : 8)),
    cores: () => measureCores(space, cores),
    populations: () => onBackends(space, hasAdapter, measurePopulation),
    agents: () => measureAgents(space, cores),
    evolution: async () => (hasAdapter ? measureEvolution(space) : undefined),
    concepts: () => measureConcepts(hasAdapter),
    designs: async () => measureDesigns(),
  };
}

const space = compilePsa(loadPsa('cosmic-full'));
const where = await machine();
const date = new Date().toISOString().slice(0, 10);
const file = join(process.argv[2] ?? join(packageRoot, 'bench', 'results'), `${date}-${machineName(where)}.json`);
let results: BenchmarkResults = { date, machine: where, space: space.name, failures: [] };

for (const [stage, measure] of Object.entries(stages(space, where))) {
  const began = performance.now();
  try {
    results = { ...results, [stage]: await measure() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    results = { ...results, failures: [...results.failures, { stage, message }] };
    process.exitCode = 1;
  }
  writeAtomically(file, jsonText(results));
  console.error(`${stage}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
for (const { title, markdown } of tablesOf(results)) console.log(`\n${title}\n\n${markdown}`);
for (const { stage, message } of results.failures) console.error(`${stage} failed: ${message}`);
console.log(`\nwritten to ${file}`);
