import { FEATURES, hasFeature } from '../../kernels/decode/features.js';
import { Goal } from '../../kernels/objective/goal.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { addTo, type Evaluated, evaluateOnBoth, inOrder, type Samples } from './bothBackends.js';
import { type Combination, combinationsOf, type Presets } from './combinations.js';
import { Comparison, type Verdict } from './comparison.js';

/** What to validate. */
export interface ValidationRequest extends Presets {
  /** Designs in all, spread evenly over the combinations. */
  readonly designs: number;
  /** Whole number, 0 … 2^32 − 1. */
  readonly seed: number;
  /** Called after each combination, with the designs that are done. */
  readonly onProgress?: (done: number) => void;
  /** Ends the validation after the combinations in progress. */
  readonly signal?: AbortSignal;
}

/** In how many combinations kernels were compiled with a feature, and without. */
export interface FeatureCoverage {
  readonly feature: string;
  readonly on: number;
  readonly off: number;
}

/** How far WebGPU (f32) is from the CPU (f64). */
export interface BackendValidation extends Verdict {
  readonly designs: number;
  readonly seed: number;
  readonly tested: string;
  readonly reference: string;
  /** Of a preset space, system and model, and what is held over the space; and how many of them were swept too. */
  readonly combinations: number;
  readonly held: number;
  readonly swept: number;
  readonly features: readonly FeatureCoverage[];
}

const TIME = parseObjective('time');

/** Of what a sweep keeps. */
const TOP = 10;

interface Task {
  readonly combination: Combination;
  readonly batch: Samples;
}

type Done = Task & Evaluated & { readonly part: SweepPart | undefined };

/** Shares designs out evenly, the samples of one seed one after another; combinations without a design are left out. */
function tasksOf(combinations: readonly Combination[], designs: number, seed: number): Task[] {
  const firstOf = (i: number): number => Math.floor((i * designs) / combinations.length);
  return combinations
    .map((combination, i) => {
      const start = firstOf(i);
      return {
        combination,
        batch: { kind: 'samples', seed, start: BigInt(start), count: firstOf(i + 1) - start } as const,
      };
    })
    .filter(({ batch }) => batch.count > 0);
}

async function evaluate(task: Task): Promise<Done> {
  const { combination, batch } = task;
  const { system, model, held, swept } = combination;
  const space = compilePsa(loadPsa(combination.space, { system, model, set: held }));
  const { start, count, seed } = batch;
  let part: SweepPart | undefined;
  const evaluated = await evaluateOnBoth(space, batch, async (onDevice) => {
    if (!swept) return;
    const range = { source: { kind: 'samples', seed }, start, count: BigInt(count) } as const;
    part = await onDevice.sweep({ ...range, objectives: [TIME], top: TOP, pareto: false });
  });
  return { ...task, ...evaluated, part };
}

/** The best of a sweep against the same designs' times in f64, and its count of feasible designs against the batch's. */
function addSweep(
  comparison: Comparison,
  { space, batch, tested, reference, part }: Done,
  where: Parameters<typeof addTo>[2],
): void {
  if (part === undefined) return;
  for (const { position, ordinal, objectives } of part.top) {
    const row = Number(position - batch.start) * OUTPUT_COUNT;
    const at = { ...where, ordinal: ordinal.toString() };
    comparison.addOutput('timeUs', 1e6 * objectives[0]!, reference.outputs, row, () => at);
  }
  const goal = new Goal(space, [TIME]);
  const feasible = tested.status.filter((status) => goal.isFeasible(status, tested.outputs)).length;
  if (Number(part.feasible) !== feasible) {
    comparison.fail({
      ...where,
      ordinal: 'of the sweep',
      output: 'status',
      tested: Number(part.feasible),
      reference: feasible,
      relError: 1,
    });
  }
}

/**
 * Draws random designs of every preset space with every preset system and with every preset model, and of kernels compiled with
 * and without each feature (see `combinationsOf`), evaluates them on WebGPU and on the CPU, and compares every output (parts
 * relative to their whole) and status.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, UNKNOWN_PRESET
 * @example
 * const { passed, maxRelError, combinations } = await validateBackends({ designs: 100_000, seed: 1 });
 */
export async function validateBackends(request: ValidationRequest): Promise<BackendValidation> {
  const { designs, seed, onProgress, signal } = request;
  const comparison = new Comparison();
  const tasks = tasksOf(combinationsOf(request), designs, seed);
  const done: Combination[] = [];
  const features = FEATURES.map((feature) => ({ feature, on: 0, off: 0 }));
  let names = { tested: '', reference: '' };
  let evaluated = 0;
  for await (const result of inOrder(tasks, evaluate, signal)) {
    const { swept: _, ...where } = result.combination;
    addTo(comparison, result, where);
    addSweep(comparison, result, where);
    names = result.names;
    done.push(result.combination);
    for (const coverage of features) coverage[hasFeature(result.space, coverage.feature) ? 'on' : 'off']++;
    evaluated += result.batch.count;
    onProgress?.(evaluated);
  }
  return {
    ...names,
    designs: evaluated,
    seed,
    combinations: done.length,
    held: done.filter(({ held }) => held.length > 0).length,
    swept: done.filter(({ swept }) => swept).length,
    features: features.map(({ feature, on, off }) => ({ feature: feature.constant, on, off })),
    ...comparison.verdict(),
  };
}
