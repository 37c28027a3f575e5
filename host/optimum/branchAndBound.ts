/**
 * The optimum of a whole space, proven without evaluating every design: branch and bound with one branch per design, where a
 * profile bounds single designs (astra-sim). All designs get a lower bound of their objective; they are evaluated in the order of
 * these until the next bound is above the best objective that was found. What is left cannot be better.
 *
 * Proofs over boxes (host/proof) do the same with a certificate. Here one pass of bounds over ordinals serves all objectives, and
 * no box is made of each design: a third of a proof's processor time for the two rewards of the paper.
 */
import { Goal } from '../../kernels/objective/goal.js';
import { growsWithTime, type Objective } from '../../kernels/objective/objective.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { ordinalToDigits } from '../../psa/ordinals.js';
import type { Evaluator } from '../backends/evaluator.js';

/** The best design of a space by one objective. */
export interface BoundedOptimum {
  /** The smallest of those with the smallest objective; undefined where no design is feasible. */
  readonly ordinal: bigint | undefined;
  readonly feasible: bigint;
  /** Designs that were evaluated; the bounds of the others rule them out. */
  readonly evaluated: bigint;
}

/** An evaluator that bounds designs. */
export type BoundedEvaluator = Evaluator & Required<Pick<Evaluator, 'bounds'>>;

/** Bounds that are asked for at a time: about a second. */
const CHUNK = 2 ** 18;

/** 16 bytes per design and objective are held at a time. */
const MOST_DESIGNS = 2n ** 25n;

/** Designs that are evaluated at a time: few at first, for each that is better rules others out. */
const FIRST_BATCH = 64;
const LARGEST_BATCH = 2 ** 14;

/** Are there bounds, do they bound the objectives, and is there room for those of all designs? */
export function canBound(evaluator: Evaluator, objectives: readonly Objective[]): evaluator is BoundedEvaluator {
  return evaluator.bounds !== undefined && objectives.every(growsWithTime) && evaluator.space.count <= MOST_DESIGNS;
}

async function boundsOf(
  evaluator: BoundedEvaluator,
  objectives: readonly Objective[],
  onBounds: (done: number) => void,
): Promise<Float64Array[]> {
  const count = Number(evaluator.space.count);
  const bounds = objectives.map(() => new Float64Array(count));
  for (let start = 0; start < count; start += CHUNK) {
    const part = await evaluator.bounds({
      objectives,
      start: BigInt(start),
      count: Math.min(CHUNK, count - start),
    });
    for (const [k, values] of part.entries()) bounds[k]!.set(values, start);
    onBounds(Math.min(start + CHUNK, count));
  }
  return bounds;
}

/** Ordinals whose bounds are above `low` and at most `high`. */
function between(bounds: Float64Array, low: number, high: number): number[] {
  const ordinals: number[] = [];
  for (let ordinal = 0; ordinal < bounds.length; ordinal++) {
    if (bounds[ordinal]! > low && bounds[ordinal]! <= high) ordinals.push(ordinal);
  }
  return ordinals;
}

/** Objectives of some designs. */
async function objectivesOf(
  evaluator: Evaluator,
  objective: Objective,
  ordinals: readonly number[],
): Promise<Float64Array> {
  const { space } = evaluator;
  const digits = new Uint32Array(ordinals.length * space.genes.length);
  for (const [i, ordinal] of ordinals.entries()) {
    digits.set(ordinalToDigits(space, BigInt(ordinal)), i * space.genes.length);
  }
  const { outputs } = await evaluator.evaluate({ kind: 'digits', digits, count: ordinals.length });
  const goal = new Goal(space, [objective]);
  return Float64Array.from(ordinals, (_, i) => goal.valueOf(outputs, i * OUTPUT_COUNT));
}

async function best(evaluator: Evaluator, objective: Objective, bounds: Float64Array): Promise<BoundedOptimum> {
  const sorted = bounds.slice().sort();
  const feasible = sorted.indexOf(Number.POSITIVE_INFINITY);
  const count = feasible < 0 ? sorted.length : feasible;
  let ordinal: number | undefined;
  let value = Number.POSITIVE_INFINITY;
  let evaluated = 0;
  let low = Number.NEGATIVE_INFINITY;
  for (let size = FIRST_BATCH; evaluated < count; size = Math.min(2 * size, LARGEST_BATCH)) {
    const high = Math.min(sorted[Math.min(evaluated + size, count) - 1]!, value);
    const ordinals = between(bounds, low, high);
    if (ordinals.length === 0) break;
    const values = await objectivesOf(evaluator, objective, ordinals);
    values.forEach((found, i) => {
      if (found > value || (found === value && ordinals[i]! > ordinal!)) return;
      [value, ordinal] = [found, ordinals[i]!];
    });
    evaluated += ordinals.length;
    low = high;
  }
  return {
    ordinal: ordinal === undefined ? undefined : BigInt(ordinal),
    feasible: BigInt(count),
    evaluated: BigInt(evaluated),
  };
}

/**
 * Finds the best design by each objective, as a sweep would. How many are evaluated does not depend on threads or timing.
 *
 * @param onBounds called with the number of designs whose bounds are known
 * @example
 * if (canBound(evaluator, objectives)) await branchAndBound(evaluator, objectives);
 */
export async function branchAndBound(
  evaluator: BoundedEvaluator,
  objectives: readonly Objective[],
  onBounds: (done: number) => void = () => {},
): Promise<BoundedOptimum[]> {
  const bounds = await boundsOf(evaluator, objectives, onBounds);
  const optima: BoundedOptimum[] = [];
  for (const [k, objective] of objectives.entries()) optima.push(await best(evaluator, objective, bounds[k]!));
  return optima;
}
