/** Rates of single concepts: f64 TypeScript on one thread, gpu.js, WebGPU, all with the `benchmark` package. */
import Benchmark from 'benchmark';
import { type GpujsMode, gpujsModes, loadGpujs } from '../../host/backends/gpujs/runner.js';
import type { OpenDevice } from '../../host/backends/webgpu/device.js';
import { processDevice } from '../../host/backends/webgpu/session.js';
import { CosmicError } from '../../psa/errors.js';
import { type Concept, concepts } from './concepts.js';
import { createDeviceConcept, MAX_EVALUATIONS, MIN_EVALUATIONS } from './device.js';

export interface ConceptRate {
  /** `f64, one thread`, `gpu.js, webasm`, `WebGPU`. */
  readonly on: string;
  readonly evaluationsPerSecond: number;
  /** Relative margin of error of the mean time at 95 %, in percent. */
  readonly marginPercent: number;
  /** Largest relative difference from f64. */
  readonly maxRelError: number;
}

export interface ConceptResult {
  readonly name: string;
  readonly rates: readonly ConceptRate[];
  /** What did not run, or did not give what f64 gives, and why. */
  readonly failures: readonly string[];
}

const MAX_SECONDS = 0.7;
const GPUJS_EVALUATIONS = 2 ** 16;
/** Of one run on the device. */
const ENOUGH_MS = 20;
const CHECKED = 4096;
const ALLOWED_ERROR = 1e-4;

/** Times runs of `evaluations` each. */
async function rate(evaluations: number, run: () => Promise<void>): Promise<Omit<ConceptRate, 'on' | 'maxRelError'>> {
  const stats = await new Promise<Benchmark.Stats>((resolve, reject) => {
    const bench = new Benchmark({
      defer: true,
      maxTime: MAX_SECONDS,
      fn: (deferred: { resolve(): void }) => {
        run().then(() => deferred.resolve(), reject);
      },
      onComplete: () => resolve(bench.stats),
    });
    bench.run({ async: true });
  });
  return { evaluationsPerSecond: Math.round(evaluations / stats.mean), marginPercent: stats.rme };
}

/**
 * Compares values of the first inputs with f64: a benchmark that computes something else measures nothing.
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE
 */
function checkValues({ name, evaluate }: Concept, read: (index: number) => number, on: string): number {
  let largest = 0;
  for (let index = 0; index < CHECKED; index++) {
    const expected = evaluate(index);
    largest = Math.max(largest, Math.abs(read(index) - expected) / Math.abs(expected));
  }
  if (largest <= ALLOWED_ERROR) return largest;
  throw new CosmicError('VALUE_OUT_OF_RANGE', `'${name}' on ${on} is off by ${largest} of the value in f64`, {
    remedy: 'mend bench/concepts, whose versions of the concept differ',
  });
}

function measureCpu({ name, evaluate }: Concept): ConceptRate {
  let index = 0;
  const next = (): void => {
    evaluate(index);
    index = (index + 1) % MAX_EVALUATIONS;
  };
  const { stats } = new Benchmark(name, next, { maxTime: MAX_SECONDS }).run();
  const evaluationsPerSecond = Math.round(1 / stats.mean);
  return { on: 'f64, one thread', evaluationsPerSecond, marginPercent: stats.rme, maxRelError: 0 };
}

async function measureGpujs(concept: Concept, mode: GpujsMode): Promise<ConceptRate> {
  const { kernel, constants, inputs, read } = concept.gpujs;
  const gpu = await loadGpujs(mode);
  const on = `gpu.js, ${mode}`;
  try {
    const compiled = gpu.createKernel(kernel as never, { constants, output: [GPUJS_EVALUATIONS] });
    const data = inputs?.(GPUJS_EVALUATIONS);
    const run = async () => (await (data === undefined ? compiled() : compiled(data))) as ArrayLike<number>;
    const rows = await run();
    const maxRelError = checkValues(concept, (index) => read(rows[index]!), on);
    const timed = async (): Promise<void> => {
      await run();
    };
    return { on, ...(await rate(GPUJS_EVALUATIONS, timed)), maxRelError };
  } finally {
    await gpu.destroy();
  }
}

async function measureDevice(concept: Concept, open: OpenDevice): Promise<ConceptRate> {
  const on = 'WebGPU';
  const capacity = Math.min(MAX_EVALUATIONS, open.device.limits.maxStorageBufferBindingSize / 4);
  const device = await createDeviceConcept(open, concept, capacity);
  try {
    let [count, repeats] = [MIN_EVALUATIONS, 1];
    await device.run(count, repeats);
    const values = await device.values(CHECKED);
    const maxRelError = checkValues(concept, (index) => values[index]!, on);
    for (;;) {
      const began = performance.now();
      await device.run(count, repeats);
      if (performance.now() - began >= ENOUGH_MS) break;
      if (count < capacity) count *= 2;
      else repeats *= 2;
    }
    return { on, ...(await rate(count * repeats, () => device.run(count, repeats))), maxRelError };
  } finally {
    device.destroy();
  }
}

/** Measures all concepts; takes about twenty seconds. */
export async function measureConcepts(hasAdapter: boolean): Promise<ConceptResult[]> {
  const modes = await gpujsModes();
  const open = hasAdapter ? await processDevice() : undefined;
  const results: ConceptResult[] = [];
  for (const concept of concepts()) {
    const rates = [measureCpu(concept)];
    const failures: string[] = [];
    const add = (rate: Promise<ConceptRate>): Promise<void> =>
      rate.then(
        (measured) => void rates.push(measured),
        (error: Error) => void failures.push(error.message),
      );
    for (const mode of modes) await add(measureGpujs(concept, mode));
    if (open !== undefined) await add(measureDevice(concept, open));
    results.push({ name: concept.name, rates, failures });
  }
  return results;
}
