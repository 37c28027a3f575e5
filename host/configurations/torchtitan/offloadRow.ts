/**
 * What torchtitan has on the host: with FSDP's CPUOffloadPolicy its shards of weights, gradients and optimiser, which it updates there
 * (torchtitan/distributed/utils.py and models' parallelize.py; torch.distributed.fsdp).
 */
import { notExpressible } from '../../export/designValues.js';
import { HOST_MODULES, refuseOffloadedModules } from '../offloadedModules.js';
import { refuseOffload } from '../recomputedModules.js';
import { type Row, written } from '../row.js';
import { FORMAT } from './settings.js';

const OFFLOAD = 'training.enable_cpu_offload';

export const OFFLOAD_ROW: Row = {
  settings: [OFFLOAD],
  targets: ['workload.optimizerOffload', 'workload.offloadedLayers', ...HOST_MODULES.targets],
  read: (given) => {
    const offloads = given.truth(OFFLOAD, false);
    if (offloads) given.note('shards of weights and gradients that are offloaded are priced as on the GPU');
    return { ...HOST_MODULES.none, 'workload.optimizerOffload': offloads ? 1 : 0, 'workload.offloadedLayers': 'none' };
  },
  write: ({ values }) => {
    refuseOffload(values, FORMAT, ['workload.offloadedLayers']);
    refuseOffloadedModules(values, FORMAT);
    const share = values.number('workload.optimizerOffload');
    if (share === 0) return [];
    if (share < 1) throw notExpressible('a part of the optimiser on the host', FORMAT, 'choose 0 or 1');
    if (values.text('workload.weightSharding') === 'zero3') return [written(OFFLOAD, 'true')];
    throw notExpressible('an optimiser on the host', FORMAT, 'shard weights too: --set workload.weightSharding=zero3');
  },
};
