/** How MaxText lays a job over devices: axes of its mesh, pipelines and batches (configs/base.yml, layers/pipeline.py). */
import { notExpressible } from '../../export/designValues.js';
import type { Given } from '../given.js';
import { type Row, written } from '../row.js';
import { badAxis, MESH_SETTINGS, meshOf, within } from './mesh.js';
import { layersOf } from './modelRows.js';
import {
  ACCUMULATION,
  CONTEXT_STRATEGY,
  DELAYED,
  FORMAT,
  LAYERS_PER_STAGE,
  MICRO_BATCHES,
  PER_DEVICE,
  REPEATS,
  SHARDED_STATE,
} from './settings.js';

/** What ranks of experts are to attention: replicas that share its weights, or ranks of context. */
const EXPERT_OPTION = 'expert_shard_attention_option';

const TENSOR_FIRST = ['tp', 'sp', 'ep', 'dp', 'pp'];

/** All axes of the mesh: which of the replicas share weights follows from them. */
const mesh: Row = {
  settings: [...MESH_SETTINGS, SHARDED_STATE, EXPERT_OPTION],
  targets: [
    ...(['workload.tp', 'workload.sp', 'workload.pp', 'workload.ep', 'workload.etp'] as const),
    ...(['workload.weightSharding', 'workload.shardGroup', 'workload.axisOrder'] as const),
  ],
  read: (given) => {
    const bad = badAxis(given);
    if (bad !== undefined) throw bad;
    const { tp, sp, pp, ep, data, fsdp } = meshOf(given);
    const group = fsdp * ep * sp;
    if (given.text(EXPERT_OPTION) === 'context') given.note(`${EXPERT_OPTION} context is priced as fsdp`);
    const state = given.truth(SHARDED_STATE, false);
    if (state && group > 1) given.note(`${SHARDED_STATE} is priced as without it: weights are sharded already`);
    return {
      ...{ 'workload.tp': tp, 'workload.sp': sp, 'workload.pp': pp, 'workload.ep': ep, 'workload.etp': 'tp' },
      'workload.weightSharding': group > 1 ? 'zero3' : state ? 'zero1' : 'none',
      'workload.shardGroup': group > 1 && data > 1 ? group : 'all',
      'workload.axisOrder': TENSOR_FIRST.join('-'),
    };
  },
  write: ({ values, axes, model }) => {
    const [tp, sp, pp, ep] = (['tp', 'sp', 'pp', 'ep'] as const).map((axis) => values.number(`workload.${axis}`));
    if (model.experts > 1 && values.text('workload.etp') !== 'tp' && values.number('workload.etp') !== 0) {
      throw notExpressible('experts apart', FORMAT, 'add --set workload.etp=tp');
    }
    if (axes.join() !== TENSOR_FIRST.filter((axis) => axes.includes(axis)).join()) {
      throw notExpressible(`axes laid as ${axes.join('-')}`, FORMAT, 'add --set workload.axisOrder=tp-sp-ep-dp-pp');
    }
    const sharding = values.text('workload.weightSharding');
    const ranks = values.number('workload.dp') * sp!;
    const shared = ep! * sp!;
    const group = sharding === 'zero3' ? values.number('workload.shardGroup') || ranks : 1;
    const isWhole =
      sharding !== 'zero2' && shared === 1 && (sharding === 'none' || values.number('workload.shardGroup') === 0);
    const fits = sharding === 'zero3' ? group > 1 && group % shared === 0 : isWhole;
    if (!fits) throw notExpressible(`weightSharding ${sharding}`, FORMAT, 'add --set workload.weightSharding=zero3');
    const own = [
      ['data', ranks / group],
      ['fsdp', group / (sharding === 'zero3' ? shared : 1)],
      ['context', sp!],
      ['tensor', tp!],
      ['pipeline', pp!],
      ['expert', ep!],
    ] as const;
    // That of fsdp is the only one that a file without it does not leave at 1.
    const said = own.filter(([axis, degree]) => axis === 'fsdp' || degree > 1);
    const others = said.map(([axis, degree]) => written(within(axis), degree));
    return [...others, ...(sharding === 'zero1' ? [written(SHARDED_STATE, 'true')] : [])];
  },
};

const context: Row = {
  settings: [CONTEXT_STRATEGY],
  targets: ['workload.contextExchange'],
  read: (given) => ({
    'workload.contextExchange': given.choice(CONTEXT_STRATEGY, { all_gather: 'allGather', ring: 'ring' }, 'allGather'),
  }),
  write: ({ values }) => {
    if (values.number('workload.sp') === 1) return [];
    const name = { allGather: 'all_gather', ring: 'ring' }[values.text('workload.contextExchange')];
    if (name !== undefined) return [written(CONTEXT_STRATEGY, name)];
    throw notExpressible('that exchange of context', FORMAT, 'choose allGather or ring for contextExchange');
  },
};

/** Micro-batches that a pipeline is filled with once a step, at least its stages, or twice as many where it sends ahead. */
export function pipelineMicroBatches(given: Given): number {
  const { pp } = meshOf(given);
  if (pp === 1) return 1;
  const least = pp * (given.truth(DELAYED, false) ? 2 : 1);
  return given.text(MICRO_BATCHES) === '-1' ? least : given.count(MICRO_BATCHES, least);
}

/** Sequences of a device's share of a step; a part of one where several devices have one. */
export function perDevice(given: Given): number {
  return given.number(PER_DEVICE, 12);
}

/** Sequences of each replica's micro-batch: a whole number, or the job does not start. */
export function microBatchOf(given: Given): number {
  const { tp, sp, pp } = meshOf(given);
  return (perDevice(given) * tp * sp * pp) / pipelineMicroBatches(given);
}

const batches: Row = {
  settings: [PER_DEVICE, ACCUMULATION, MICRO_BATCHES, DELAYED],
  targets: ['workload.microBatch', 'workload.batch'],
  read: (given) => {
    const step = perDevice(given) * given.npus * given.count(ACCUMULATION, 1);
    return {
      'workload.microBatch': Math.max(Math.floor(microBatchOf(given)), 1),
      'workload.batch': Math.max(Math.floor(step), 1),
    };
  },
  write: ({ values, batch, microBatch }) => {
    const degree = (axis: 'tp' | 'sp' | 'pp' | 'dp') => values.number(`workload.${axis}`);
    const rounds = batch / (microBatch * degree('dp'));
    const pp = degree('pp');
    if (!Number.isInteger(microBatch) || !Number.isInteger(rounds) || (pp > 1 && rounds % pp !== 0)) {
      throw notExpressible(`${rounds} micro-batches on ${pp} stages`, FORMAT, 'choose a batch that they divide');
    }
    const each = microBatch / (degree('tp') * degree('sp'));
    if (pp === 1) return [written(PER_DEVICE, each), written(ACCUMULATION, rounds)];
    return [written(PER_DEVICE, (each * rounds) / pp), written(MICRO_BATCHES, rounds)];
  },
};

/**
 * Chunks of a stage, which micro-batches pass one after another. All forward passes come before the first backward pass, which a compiler makes
 * of them: without repeats that is GPipe.
 */
const schedule: Row = {
  settings: [LAYERS_PER_STAGE, REPEATS],
  targets: ['workload.pipelineSchedule', 'workload.virtualStages'],
  read: (given) => {
    const { pp } = meshOf(given);
    if (pp === 1) return { 'workload.pipelineSchedule': '1f1b', 'workload.virtualStages': 1 };
    const repeats = (given.text(REPEATS) ?? '-1') === '-1' ? undefined : given.count(REPEATS);
    const ofLayers = Math.floor(layersOf(given) / (pp * given.count(LAYERS_PER_STAGE, 1)));
    const chunks = Math.max(repeats ?? ofLayers, 1);
    if (chunks === 1) return { 'workload.pipelineSchedule': 'gpipe', 'workload.virtualStages': 1 };
    given.note(
      'pipelines that repeat keep activations of all micro-batches: memory is that of an interleaved 1F1B, less',
    );
    return { 'workload.pipelineSchedule': 'interleaved', 'workload.virtualStages': chunks };
  },
  write: ({ values, model, batch, microBatch }) => {
    const pp = values.number('workload.pp');
    const own = values.text('workload.pipelineSchedule');
    if (pp === 1) {
      // Gradients are accumulated: each micro-batch has both passes before the next.
      if (own !== 'gpipe' || batch === microBatch * values.number('workload.dp')) return [];
      throw notExpressible('the GPipe schedule on one stage', FORMAT, 'add --set workload.pipelineSchedule=1f1b');
    }
    const chunks = own === 'interleaved' ? values.number('workload.virtualStages') : 1;
    const each = model.layers / (pp * chunks);
    const isCircular = own === 'gpipe' || (own === 'interleaved' && chunks > 1);
    if (isCircular && Number.isInteger(each) && values.number('workload.interleaveGroup') === 0) {
      return [written(LAYERS_PER_STAGE, each)];
    }
    throw notExpressible(`${own} with ${chunks} model chunks`, FORMAT, 'choose gpipe, or interleaved with chunks');
  },
};

export const MESH_ROWS: readonly Row[] = [mesh, context, batches, schedule];
