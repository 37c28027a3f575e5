/** Buffers that DeepSpeed joins gradients in to reduce them (`reduce_bucket_size`): of one size, whatever the model. */
import { notExpressible } from '../../export/designValues.js';
import { type Row, written } from '../row.js';

const BUCKET = 'zero_optimization.reduce_bucket_size';

/** Gradients that are reduced at a time where the file says nothing (runtime/zero/config.py), and in stage 0 always (runtime/engine.py). */
const GRADIENTS = 5e8;

/** Of a gradient, which is summed in the weights' type, in GB. A second buffer that fills meanwhile is not counted. */
const GRADIENT_GB = 2e-9;

export const REDUCTION_BUFFER: Row = {
  settings: [BUCKET],
  targets: ['workload.reductionBufferGB'],
  read: (given) => {
    if (given.whole('zero_optimization.stage', 0) === 0)
      return { 'workload.reductionBufferGB': GRADIENT_GB * GRADIENTS };
    // Of `auto` Hugging Face's trainer makes the square of the hidden size (transformers, integrations/deepspeed.py).
    const gradients = given.text(BUCKET) === 'auto' ? given.model!.hidden ** 2 : given.whole(BUCKET, GRADIENTS);
    return { 'workload.reductionBufferGB': GRADIENT_GB * gradients };
  },
  write: ({ values }) => {
    const gradients = Math.round(values.number('workload.reductionBufferGB') / GRADIENT_GB);
    if (gradients === GRADIENTS) return [];
    if (gradients > 0 && values.text('workload.weightSharding') !== 'none') return [written(BUCKET, gradients)];
    throw notExpressible(
      `buffers of ${values.number('workload.reductionBufferGB')} GB for gradients`,
      'DeepSpeed',
      'add --set workload.reductionBufferGB=1',
    );
  },
};
