/** Buffers that DeepSpeed joins gradients in to reduce them (`reduce_bucket_size`): of one size, whatever the model. */
import { notExpressible } from '../../export/designValues.js';
import { type Row, written } from '../row.js';

const BUCKET = 'zero_optimization.reduce_bucket_size';

/** Gradients that are reduced at a time where the file says nothing (runtime/zero/config.py; stage 0: runtime/engine.py). */
const GRADIENTS = 5e8;

/** Gradients are summed in the weights' type. */
const GRADIENT_BYTES = 2;

const GB = 1e9;

/** A second buffer fills while the first is reduced, with stage 1 and 2 (runtime/zero/stage_1_and_2.py). */
function buffersOf(stage: number, overlaps: boolean): number {
  return overlaps && (stage === 1 || stage === 2) ? 2 : 1;
}

export function reductionBuffers(stage: string, overlap: string, stages: readonly string[]): Row {
  return {
    settings: [BUCKET],
    targets: ['workload.reductionBufferGB'],
    read: (given) => {
      // `auto` is the square of the hidden size: of 12,288 0.3 GB.
      const gradients = given.text(BUCKET) === 'auto' ? 0 : given.number(BUCKET, GRADIENTS);
      const number = given.whole(stage, 0);
      const byStage = number === 3;
      const overlaps = given.text(overlap) === 'auto' ? byStage : given.truth(overlap, byStage);
      return { 'workload.reductionBufferGB': (buffersOf(number, overlaps) * GRADIENT_BYTES * gradients) / GB };
    },
    write: ({ values }) => {
      const number = stages.indexOf(values.text('workload.weightSharding'));
      const buffers = buffersOf(number, values.text('workload.gradientOverlap') === 'on');
      const gradients = Math.round((values.number('workload.reductionBufferGB') * GB) / (buffers * GRADIENT_BYTES));
      if (gradients === GRADIENTS) return [];
      if (gradients > 0 && number > 0) return [written(BUCKET, gradients)];
      throw notExpressible(
        `a buffer of ${values.number('workload.reductionBufferGB')} GB for gradients`,
        'DeepSpeed',
        'add --set workload.reductionBufferGB=1',
      );
    },
  };
}
