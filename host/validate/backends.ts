import { decodeDesign, decodeDigits } from '../../kernels/decode/decode.js';
import { packGenes } from '../../kernels/decode/genes.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import { listPresets } from '../../psa/presets.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import type { Batch, Evaluator } from '../evaluator.js';
import { batchSource, ordinalOf } from '../source.js';
import { createWebgpuEvaluator } from '../webgpu/evaluator.js';
import { acquireDevice, releaseDevice } from '../webgpu/session.js';
import { Comparison, type Failure, type OutputErrors, type StatusDifferences, TOLERANCE } from './comparison.js';
import type { Errors } from './report.js';

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

/** Compares random designs of one space on two evaluators. */
async function compareSpace(
  comparison: Comparison,
  tested: Evaluator,
  reference: Evaluator,
  batch: Extract<Batch, { kind: 'samples' }>,
  { model, system }: Pair,
): Promise<void> {
  const { space } = reference;
  const packed = packGenes(space);
  const source = batchSource(space, batch);
  const ordinalAt = ordinalOf(space, packed, source, batch.start);
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);
  comparison.add(
    await tested.evaluate(batch),
    await reference.evaluate(batch),
    (i) => ({ space: space.name, system, model, ordinal: ordinalAt(i).toString() }),
    (i) => {
      decodeDigits(packed, source, i, digits);
      decodeDesign(packed, digits, design);
      return design;
    },
  );
}

/** Runs work on both backends, and closes them. */
async function onBoth<T>(
  space: CompiledSpace,
  work: (tested: Evaluator, reference: Evaluator) => Promise<T>,
): Promise<T> {
  const tested = await createWebgpuEvaluator(space);
  try {
    // Each space is small work: worker threads would cost more than they bring.
    return await work(tested, createCpuEvaluator(space, 1));
  } finally {
    await tested.close();
  }
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
  const names = { tested: '', reference: '' };
  let done = 0;
  // Taking part from the beginning keeps the device, and its pipelines, from space to space.
  const open = await acquireDevice();
  try {
    for (const [i, pair] of pairs.entries()) {
      if (request.signal?.aborted) break;
      const count = Math.floor(((i + 1) * designs) / pairs.length) - Math.floor((i * designs) / pairs.length);
      const space = compilePsa(loadPsa(SPACE, pair));
      await onBoth(space, async (tested, reference) => {
        names.tested = tested.description;
        names.reference = reference.description;
        await compareSpace(comparison, tested, reference, { kind: 'samples', seed, start: BigInt(done), count }, pair);
      });
      done += count;
      request.onProgress?.(done);
    }
  } finally {
    releaseDevice(open);
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
