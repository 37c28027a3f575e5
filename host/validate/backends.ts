import { decodeDesign, decodeDigits } from '../../kernels/decode/decode.js';
import { packGenes } from '../../kernels/decode/genes.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import { listPresets } from '../../psa/presets.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import type { Batch, Results } from '../backends/evaluator.js';
import { batchSource, ordinalOf } from '../backends/source.js';
import { createWebgpuEvaluator } from '../backends/webgpu/evaluator.js';
import { Comparison, type Failure, type OutputErrors, type StatusDifferences, TOLERANCE } from './comparison.js';
import type { Errors } from './statistics.js';

/** Spaces in progress: compiling their kernels takes longer than their designs, and keeps one core each busy. */
const AT_ONCE = 3;

/** The preset that opens every parameter. */
const SPACE = 'cosmic-extended';

/** What to validate. */
export interface ValidationRequest {
  /** Designs in all, spread evenly over models and systems. */
  readonly designs: number;
  /** Whole number, 0 … 2^32 − 1. */
  readonly seed: number;
  /** Presets; all unless given. */
  readonly models?: readonly string[];
  readonly systems?: readonly string[];
  /** Called after each pair of model and system, with the designs that are done. */
  readonly onProgress?: (done: number) => void;
  /** Ends the validation after the pair in progress. */
  readonly signal?: AbortSignal;
}

/** How far WebGPU (f32) is from the CPU (f64). The errors at the top are over all outputs. */
export interface BackendValidation extends Errors {
  readonly tested: string;
  readonly reference: string;
  readonly designs: number;
  readonly seed: number;
  readonly tolerance: number;
  /** No failure: every output within the tolerance, every status the same but at the limit of memory. */
  readonly passed: boolean;
  readonly statuses: StatusDifferences;
  readonly failureCount: number;
  /** The first of the failures. */
  readonly failures: readonly Failure[];
  /** One per output. */
  readonly groups: readonly OutputErrors[];
}

interface Pair {
  readonly model: string;
  readonly system: string;
}

function pairsOf(models: readonly string[], systems: readonly string[]): Pair[] {
  return models.flatMap((model) => systems.map((system) => ({ model, system })));
}

type Samples = Extract<Batch, { kind: 'samples' }>;

/** Random designs of one space, on both backends. */
interface Evaluated {
  readonly pair: Pair;
  readonly batch: Samples;
  readonly space: CompiledSpace;
  readonly tested: Results;
  readonly reference: Results;
  /** Descriptions of the evaluators. */
  readonly names: { readonly tested: string; readonly reference: string };
}

async function evaluateOnBoth(pair: Pair, batch: Samples): Promise<Evaluated> {
  const space = compilePsa(loadPsa(SPACE, pair));
  const onDevice = await createWebgpuEvaluator(space);
  try {
    // Each space is small work: worker threads would cost more than they bring.
    const onCpu = createCpuEvaluator(space, 1);
    const names = { tested: onDevice.description, reference: onCpu.description };
    const [tested, reference] = [await onDevice.evaluate(batch), await onCpu.evaluate(batch)];
    return { pair, batch, space, tested, reference, names };
  } finally {
    await onDevice.close();
  }
}

function compare(comparison: Comparison, { pair, batch, space, tested, reference }: Evaluated): void {
  const packed = packGenes(space);
  const source = batchSource(space, batch);
  const ordinalAt = ordinalOf(space, packed, source, batch.start);
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);
  comparison.add(
    tested,
    reference,
    (i) => ({ space: space.name, ...pair, ordinal: ordinalAt(i).toString() }),
    (i) => {
      decodeDigits(packed, source, i, digits);
      decodeDesign(packed, digits, design);
      return design;
    },
  );
}

/**
 * Draws random designs over all models, systems and parameters, evaluates them on WebGPU and on the CPU, and compares every
 * output (parts relative to their whole) and status.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, UNKNOWN_PRESET
 * @example
 * const { passed, maxRelError } = await validateBackends({ designs: 100_000, seed: 1 });
 */
export async function validateBackends(request: ValidationRequest): Promise<BackendValidation> {
  const { designs, seed, models = listPresets('models'), systems = listPresets('systems') } = request;
  const comparison = new Comparison();
  const pairs = pairsOf(models, systems);
  const firstOf = (i: number): number => Math.floor((i * designs) / pairs.length);
  const pending: Promise<Evaluated>[] = [];
  let names = { tested: '', reference: '' };
  let started = 0;
  let done = 0;

  const start = (): void => {
    const [first, end] = [firstOf(started), firstOf(started + 1)];
    const batch = { kind: 'samples', seed, start: BigInt(first), count: end - first } as const;
    const evaluated = evaluateOnBoth(pairs[started++]!, batch);
    // A failure is met when its turn comes.
    evaluated.catch(() => undefined);
    pending.push(evaluated);
  };

  try {
    for (;;) {
      while (pending.length < AT_ONCE && started < pairs.length && !request.signal?.aborted) start();
      const evaluated = await pending.shift();
      if (evaluated === undefined) break;
      names = evaluated.names;
      compare(comparison, evaluated);
      done += evaluated.batch.count;
      request.onProgress?.(done);
    }
  } finally {
    await Promise.allSettled(pending);
  }
  return {
    ...names,
    designs: done,
    seed,
    tolerance: TOLERANCE,
    passed: comparison.failureCount === 0,
    ...comparison.total(),
    statuses: comparison.statuses,
    failureCount: comparison.failureCount,
    failures: comparison.failures,
    groups: comparison.groups(),
  };
}
