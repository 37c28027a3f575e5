/** Number formats of what torchtitan keeps of weights, and its loss. */
import { notExpressible } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import { type Row, written } from '../row.js';
import { COMPILE, COMPONENTS, FORMAT } from './settings.js';

const DTYPE = 'training.dtype';
const MOMENTS = 'optimizer.bf16_optimizer_states';

/** Bytes of the optimiser's copy of a weight, of a moment and of a gradient that is kept, and how torchtitan says so. */
const STATES: readonly (readonly [readonly [number, number, number], readonly WrittenSetting[]])[] = [
  [[4, 4, 4], []],
  [[4, 2, 4], [written(MOMENTS, 'true')]],
  // Weights, gradients and moments in bfloat16, and no copy of weights (pytorch/torchtitan, pull request 1646).
  [[0, 2, 2], [written(DTYPE, 'bfloat16')]],
];

const state: Row = {
  settings: [DTYPE, MOMENTS],
  targets: ['workload.masterWeightBytes', 'workload.momentBytes', 'workload.mainGradientBytes'],
  read: (given) => {
    const half = given.choice(DTYPE, { float32: false, bfloat16: true }, false);
    const [[master, moment, gradient]] = STATES[half ? 2 : given.truth(MOMENTS, false) ? 1 : 0]!;
    return {
      'workload.masterWeightBytes': master,
      'workload.momentBytes': moment,
      'workload.mainGradientBytes': gradient,
    };
  },
  write: ({ values }) => {
    const own = (['masterWeightBytes', 'momentBytes', 'mainGradientBytes'] as const).map((name) =>
      values.number(`workload.${name}`),
    );
    const found = STATES.find(([bytes]) => bytes.join() === own.join());
    if (found !== undefined) return found[1];
    const says = `weights, moments and gradients of ${own.join(', ')} bytes`;
    throw notExpressible(says, FORMAT, 'choose 4 bytes for masterWeightBytes, momentBytes and mainGradientBytes');
  },
};

/**
 * Where it is compiled, too, its copies in single precision stay within a kernel: of a logit two bytes are left, and as many of its
 * gradient (pytorch/torchtitan, pull requests 996 and 1033). Files that do not name what is compiled are of times before, or may be.
 */
const loss: Row = {
  settings: [COMPONENTS],
  targets: ['workload.loss'],
  read: (given) => {
    const compiled = given.truth(COMPILE, false) && given.texts(COMPONENTS).includes('loss');
    return { 'workload.loss': compiled ? 'inPlace' : 'plain' };
  },
  write: ({ values }) => {
    const kind = values.text('workload.loss');
    const sharded = values.text('workload.weightSharding') === 'zero3';
    if (kind === 'plain' || (kind === 'bySharding' && sharded)) return [];
    if (kind === 'gathered' || kind === 'fused') {
      throw notExpressible(`the loss ${kind}`, FORMAT, 'add --set workload.loss=plain, or inPlace');
    }
    const overlaps = values.number('workload.tp') > 1 && values.text('workload.tensorOverlap') === 'on';
    return [...(overlaps ? [] : [written(COMPILE, 'true')]), written(COMPONENTS, 'model', 'loss')];
  },
};

export const MEMORY_ROWS: readonly Row[] = [state, loss];
