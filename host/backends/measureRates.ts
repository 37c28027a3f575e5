/** Measures what `auto` chooses by: how fast each backend is, and how long the faster one takes to begin. */
import { parseObjective } from '../../kernels/objective/objective.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createCpuEvaluator } from './cpu/evaluator.js';
import type { Evaluator, SweepRequest } from './evaluator.js';
import { keepRates, processor, type Rates } from './rates.js';
import { createWebgpuEvaluator } from './webgpu/evaluator.js';
import { processDevice } from './webgpu/session.js';
import { tuneAdapter } from './webgpu/tuner.js';
import { type TuningRecord, tunedSpace } from './webgpu/tuning.js';

/** Chunks find their size within the first, and are timed for the second. */
const WARM_UP_MS = 700;
const MEASURED_MS = 1000;

/** As many designs as a large population of an agent has. */
const BATCH = 2 ** 14;

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
async function searchRate(evaluator: Evaluator): Promise<number> {
  const batch = (n: number) => ({ kind: 'samples', seed: 1, start: BigInt(n * BATCH), count: BATCH }) as const;
  await evaluator.evaluate(batch(0));
  const began = performance.now();
  let batches = 0;
  while (performance.now() - began < MEASURED_MS) await evaluator.evaluate(batch(++batches));
  return (1000 * batches * BATCH) / (performance.now() - began);
}

async function ratesOf(evaluator: Evaluator): Promise<Rates['cpu']> {
  try {
    return { sweep: Math.round(await sweepRate(evaluator)), search: Math.round(await searchRate(evaluator)) };
  } finally {
    await evaluator.close();
  }
}

/** From nothing to the first design of a sweep, in a process that has not used WebGPU yet. */
async function timeStartUp(space: CompiledSpace): Promise<number> {
  const began = performance.now();
  const evaluator = await createWebgpuEvaluator(space);
  await evaluator.sweep({ ...endlessSweep(space), count: 1n });
  const startUpMs = Math.ceil(performance.now() - began);
  await evaluator.close();
  return startUpMs;
}

/** What `cosmic doctor --tune` finds out. */
export interface MachineTuning {
  readonly adapter: TuningRecord;
  readonly rates: Rates;
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
  const startUpMs = await timeStartUp(space);
  const adapter = await tuneAdapter(onCandidate);
  const { name, driver } = (await processDevice()).adapter;
  const rates: Rates = {
    date: new Date().toISOString().slice(0, 10),
    ...processor(),
    adapter: name,
    driver,
    cpu: await ratesOf(createCpuEvaluator(space)),
    webgpu: await ratesOf(await createWebgpuEvaluator(space)),
    startUpMs,
  };
  keepRates(rates);
  return { adapter, rates };
}
