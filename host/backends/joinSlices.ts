import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import type { BoxValues, Results } from './evaluator.js';

/** Results of the slices of a batch, as those of the whole. */
export function joinResults(slices: readonly Results[], count: number): Results {
  const outputs = new Float64Array(count * OUTPUT_COUNT);
  const status = new Uint32Array(count);
  let row = 0;
  for (const slice of slices) {
    outputs.set(slice.outputs, row * OUTPUT_COUNT);
    status.set(slice.status, row);
    row += slice.count;
  }
  return { count, outputs, status };
}

/** What was found of slices of boxes, as that of all. */
export function joinBoxValues(slices: readonly BoxValues[], count: number): BoxValues {
  const values = {
    best: new Float64Array(count),
    worst: new Float64Array(count),
    status: new Uint32Array(count),
    broken: new Uint32Array(count),
  };
  let at = 0;
  for (const slice of slices) {
    for (const name of ['best', 'worst', 'status', 'broken'] as const) values[name].set(slice[name], at);
    at += slice.best.length;
  }
  return values;
}
