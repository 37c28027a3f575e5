/** Bounds of boxes from the device, and in f64 where f32 cannot tell. */
import { leastObjective } from '../../../kernels/bound/goalBound.js';
import { BOUND_DOUBTFUL } from '../../../kernels/bound/margin.js';
import { LARGEST, SMALLEST_NORMAL } from '../../../kernels/reduce/layout.js';
import type { BoxesRequest, BoxValues } from '../evaluator.js';
import type { DeviceBounds } from './boxes.js';

/** What the device tells of boxes. */
export interface RoundedValues {
  readonly values: BoxValues;
  /** Places of the boxes that are to be bounded in f64. */
  readonly unsure: readonly number[];
}

/**
 * Values of boxes as far as f32 tells: each bound is lowered by what rounding can come to. Unsure are those whose status hangs on
 * rounding, whose product f32 does not hold, and whose bound may lie on either side of the threshold.
 *
 * @param margin relative error of an output
 */
export function valueBoxes(
  { products, status, broken }: DeviceBounds,
  request: BoxesRequest,
  margin: number,
): RoundedValues {
  const { count, threshold } = request;
  const objective = request.objectives[0]!;
  const powers = objective.terms.reduce((sum, { exponent }) => sum + Math.abs(exponent), 0);
  const lowest = (1 - margin) ** powers;
  const best = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const unsure: number[] = [];
  for (let i = 0; i < count; i++) {
    const product = products[i]!;
    if ((status[i]! & BOUND_DOUBTFUL) !== 0) unsure.push(i);
    else if (status[i] === 0 && broken[i] === 0) {
      best[i] = leastObjective(objective, product * lowest);
      const held = product >= SMALLEST_NORMAL && product <= LARGEST;
      const near = best[i]! < threshold && threshold <= leastObjective(objective, product / lowest);
      if (!held || near) unsure.push(i);
    }
  }
  const worst = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  return { values: { best, worst, status, broken }, unsure };
}

/** The boxes at some places of a request. */
export function pickBoxes(request: BoxesRequest, places: readonly number[]): BoxesRequest {
  const width = request.first.length / request.count;
  const pick = (rows: Uint32Array): Uint32Array => {
    const picked = new Uint32Array(places.length * width);
    for (const [i, place] of places.entries()) {
      picked.set(rows.subarray(place * width, (place + 1) * width), i * width);
    }
    return picked;
  };
  return { ...request, count: places.length, first: pick(request.first), last: pick(request.last) };
}

/** Puts the values of some boxes in their places. */
export function placeValues(values: BoxValues, places: readonly number[], exact: BoxValues): void {
  for (const [i, place] of places.entries()) {
    values.best[place] = exact.best[i]!;
    values.status[place] = exact.status[i]!;
    values.broken[place] = exact.broken[i]!;
  }
}
