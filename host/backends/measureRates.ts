/** Measures what `auto` chooses by: how fast each backend is, and how long the faster one takes to begin. */
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createEvaluator } from './createEvaluator.js';
import type { Evaluator, SweepRequest } from './evaluator.js';
import { keepRates, processor, type Rates } from './rates.js';
import { processDevice } from './webgpu/session.js';
import { tuneAdapter } from './webgpu/tuner.js';
import { type TuningRecord, tunedSpace } from './webgpu/tuning.js';

/** Chunks find their size within the first, and are timed for the second. */
const WARM_UP_MS = 700;
const MEASURED_MS = 1000;

/** As many designs as a large population of an agent has; of steps fewer, as a CPU takes seconds for those. */
const BATCH = { default: 2 ** 14, steps: 2 ** 12 };

/** A sweep without an end, from the middle of the space, where many designs are feasible. */
function endlessSweep(space: CompiledSpace): SweepRequest {
  const start = space.count / 2n;
  const objectives = [parseObjective('time')];
  return { source: { kind: 'ordinals' }, start, count: space.count - start, objectives, top: 10, pareto: false };
}

/** Designs that a backend walks a second. */
async function sweepRate(evaluator: Evaluator): Promise<number> {
  const ended = new AbortController();
  const began = performance.now();
  let first: { readonly at: number; readonly evaluated: bigint } | undefined;
  let rate = 0;
  await evaluator.sweep(endlessSweep(evaluator.space), {
    signal: ended.signal,
    onChunk({ evaluated }) {
      const at = performance.now();
      if (ended.signal.aborted || at - began < WARM_UP_MS) return;
      first ??= { at, evaluated };
      if (at - first.at < MEASURED_MS) return;
      rate = (1000 * Number(evaluated - first.evaluated)) / (at - first.at);
      ended.abort();
    },
  });
  return rate;
}

/** Designs of batches that a backend evaluates a second. */
async function searchRate(evaluator: Evaluator, designs: number): Promise<number> {
  const batch = (n: number) => ({ kind: 'samples', seed: 1, start: BigInt(n * designs), count: designs }) as const;
  await evaluator.evaluate(batch(0));
  const began = performance.now();
  let batches = 0;
  while (performance.now() - began < MEASURED_MS) await evaluator.evaluate(batch(++batches));
  return (1000 * batches * designs) / (performance.now() - began);
}

async function ratesOf(space: CompiledSpace, backend: 'cpu' | 'webgpu', batch = BATCH.default): Promise<Rates['cpu']> {
  const evaluator = await createEvaluator(space, { backend });
  try {
    return { sweep: Math.round(await sweepRate(evaluator)), search: Math.round(await searchRate(evaluator, batch)) };
  } finally {
    await evaluator.close();
  }
}

/** From nothing to the first designs of a sweep. */
async function timeStartUp(space: CompiledSpace, count: bigint): Promise<number> {
  const began = performance.now();
  const evaluator = await createEvaluator(space, { backend: 'webgpu' });
  await evaluator.sweep({ ...endlessSweep(space), count });
  const startUpMs = Math.ceil(performance.now() - began);
  await evaluator.close();
  return startUpMs;
}

/** So many designs that some are of each kernel. */
const FIRST_STEPS = 1024n;

/** Rates of whole steps; the device is open by then. */
async function measureSteps(): Promise<NonNullable<Rates['steps']>> {
  const space = compilePsa(loadPsa('cosmic-full', { profile: 'astra-sim' }));
  const startUpMs = await timeStartUp(space, FIRST_STEPS);
  return {
    startUpMs,
    cpu: await ratesOf(space, 'cpu', BATCH.steps),
    webgpu: await ratesOf(space, 'webgpu', BATCH.steps),
  };
}

/** Rates, and why those of whole steps are not among them. */
export interface MeasuredRates {
  readonly rates: Rates;
  readonly stepsError?: string;
}

/** What `cosmic doctor --tune` finds out. */
export interface MachineTuning extends MeasuredRates {
  readonly adapter: TuningRecord;
}

/** Rates with those of whole steps; where these fail, as they were, for all else may run on the adapter. */
export async function withSteps(rates: Rates, measure: () => Promise<Rates['steps']>): Promise<MeasuredRates> {
  try {
    return { rates: { ...rates, steps: await measure() } };
  } catch (error) {
    return { rates, stepsError: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Tunes the fastest adapter as {@link tuneAdapter} does, then measures what `auto` chooses by, and keeps both for all later
 * commands. To be called before anything else uses WebGPU: it times how long that takes to begin.
 *
 * @param onCandidate called after each tuning that was measured
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT, DISK_WRITE
 */
export async function tuneMachine(onCandidate?: Parameters<typeof tuneAdapter>[0]): Promise<MachineTuning> {
  const space = tunedSpace();
  const startUpMs = await timeStartUp(space, 1n);
  const adapter = await tuneAdapter(onCandidate);
  const { name, driver, type } = (await processDevice()).adapter;
  const rates: Rates = {
    date: new Date().toISOString().slice(0, 10),
    ...processor(),
    adapter: name,
    driver,
    cpu: await ratesOf(space, 'cpu'),
    webgpu: await ratesOf(space, 'webgpu'),
    startUpMs,
  };
  keepRates(rates);
  // A software adapter takes several times as long as the CPU.
  if (type === 'software') return { adapter, rates };
  const measured = await withSteps(rates, measureSteps);
  keepRates(measured.rates);
  return { adapter, ...measured };
}
