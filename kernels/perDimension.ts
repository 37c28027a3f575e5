/** A number per network dimension: what `vec4` is in WGSL. Loops, because calls of typed arrays' methods cost more than four numbers. */
import { MAX_DIMENSIONS } from '../psa/parameters.js';

/** Sets all to zero. */
export function clear(target: Float64Array): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) target[d] = 0;
}

/** Multiplies all by `factor`. */
export function scale(target: Float64Array, factor: number): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) target[d]! *= factor;
}

/** The largest of all; none is below zero. */
export function largest(source: Float64Array): number {
  let most = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) most = Math.max(most, source[d]!);
  return most;
}
