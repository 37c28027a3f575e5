/** Random designs of many spaces, each evaluated on WebGPU and on the CPU. */
import { decodeDesign, decodeDigits } from '../../kernels/decode/decode.js';
import { packGenes } from '../../kernels/decode/genes.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import type { Batch, Evaluator, Results } from '../backends/evaluator.js';
import { batchSource, ordinalOf } from '../backends/source.js';
import { createWebgpuEvaluator } from '../backends/webgpu/evaluator.js';
import { compileFast } from '../backends/webgpu/llvmpipe.js';
import type { Comparison, Where } from './comparison.js';

/** Spaces in progress: compiling their kernels takes longer than their designs, and keeps one core each busy. */
const AT_ONCE = 3;

export type Samples = Extract<Batch, { kind: 'samples' }>;

/** Random designs of one space, on both backends. */
export interface Evaluated {
  readonly space: CompiledSpace;
  readonly batch: Samples;
  readonly tested: Results;
  readonly reference: Results;
  /** Descriptions of the evaluators. */
  readonly names: { readonly tested: string; readonly reference: string };
}

/**
 * Evaluates designs on both backends. If no device is open yet, llvmpipe compiles fast from here on: see `compileFast`.
 *
 * @param further what else is asked of WebGPU before its evaluator closes
 */
export async function evaluateOnBoth(
  space: CompiledSpace,
  batch: Samples,
  further: (onDevice: Evaluator) => Promise<void> = async () => undefined,
): Promise<Evaluated> {
  compileFast();
  const onDevice = await createWebgpuEvaluator(space);
  try {
    // Each space is small work: worker threads would cost more than they bring.
    const onCpu = createCpuEvaluator(space, 1);
    const names = { tested: onDevice.description, reference: onCpu.description };
    const [tested, reference] = [await onDevice.evaluate(batch), await onCpu.evaluate(batch)];
    await further(onDevice);
    return { space, batch, tested, reference, names };
  } finally {
    await onDevice.close();
  }
}

/** Adds the differences of what was evaluated. */
export function addTo(
  comparison: Comparison,
  { space, batch, tested, reference }: Evaluated,
  where: Omit<Where, 'ordinal'>,
): void {
  const packed = packGenes(space);
  const source = batchSource(space, batch);
  const ordinalAt = ordinalOf(space, packed, source, batch.start);
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);
  comparison.add(
    tested,
    reference,
    (i) => ({ ...where, ordinal: ordinalAt(i).toString() }),
    (i) => {
      decodeDigits(packed, source, i, digits);
      decodeDesign(packed, digits, design);
      return design;
    },
  );
}

/** Does work for some items at a time, and gives the results in their order; a signal ends it after those in progress. */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  let started = 0;
  try {
    for (;;) {
      while (pending.length < AT_ONCE && started < items.length && !signal?.aborted) {
        const result = work(items[started++]!);
        // A failure is met when its turn comes.
        result.catch(() => undefined);
        pending.push(result);
      }
      const next = pending.shift();
      if (next === undefined) return;
      yield await next;
    }
  } finally {
    await Promise.allSettled(pending);
  }
}
