/** DeepSpeed's JSON configuration (deepspeed.ai/docs/config-json), with the model beside it: `--model config.json`. */
import { jsonText } from '../../../psa/plainData.js';
import { notExpressible } from '../../export/designValues.js';
import type { Framework } from '../framework.js';
import type { Given } from '../given.js';
import { keptTensorsRow } from '../keptTensors.js';
import { HOST_MODULES, refuseOffloadedModules } from '../offloadedModules.js';
import {
  EACH_LAYER,
  EACH_LAYER_TARGETS,
  MODULE_TARGETS,
  NO_MODULES,
  refuseModules,
  refuseOffload,
  refuseSomeLayers,
} from '../recomputedModules.js';
import { type Row, written } from '../row.js';
import {
  BATCH,
  EXCHANGED_HEADS,
  type FactRule,
  HEADS,
  KV_HEADS,
  modelWords,
  type SettingRule,
  WORLD,
  type Words,
} from '../rule.js';
import { nestedData, readYaml } from '../tree/yaml.js';
import { NOT_SIMULATED, WITHOUT_EFFECT } from './effects.js';
import { REDUCTION_BUFFER } from './reductionBuffers.js';

const FORMAT = 'DeepSpeed';

export const TRAIN_BATCH = 'train_batch_size';
export const MICRO_BATCH = 'train_micro_batch_size_per_gpu';
const STEPS = 'gradient_accumulation_steps';
export const STAGE = 'zero_optimization.stage';
const GROUP = 'zero_optimization.mics_shard_size';
export const OVERLAP = 'zero_optimization.overlap_comm';
export const OFFLOAD = 'zero_optimization.offload_optimizer.device';
export const OFFLOAD_RATIO = 'zero_optimization.offload_optimizer.ratio';
const OFFLOAD_PARAMETERS = 'zero_optimization.offload_param.device';
const TENSOR = 'tensor_parallel.autotp_size';
const SEQUENCE = 'sequence_parallel_size';
const CHECKPOINTS = 'activation_checkpointing.partition_activations';
const COMMUNICATION = 'communication_data_type';

/** What Hugging Face's trainer fills in. */
const isAuto = (given: Given, name: string): boolean => given.text(name) === 'auto';

/** A count that may be left to Hugging Face's trainer. */
function count(given: Given, name: string): number | undefined {
  return isAuto(given, name) ? undefined : given.count(name);
}

/** Replicas: all ranks but those that share a tensor or a sequence. */
function dataParallel(given: Given): number {
  return Math.max(Math.floor(given.npus / ((count(given, TENSOR) ?? 1) * (count(given, SEQUENCE) ?? 1))), 1);
}

/** Of the batch, the micro-batch and the steps between, two make the third. */
function batchesOf(given: Given): { microBatch: number | undefined; batch: number | undefined } {
  const [batch, micro, steps] = [TRAIN_BATCH, MICRO_BATCH, STEPS].map((name) => count(given, name));
  const replicas = dataParallel(given);
  const microBatch = micro ?? (batch === undefined ? undefined : Math.floor(batch / replicas / (steps ?? 1)) || 1);
  return { microBatch, batch: batch ?? (microBatch === undefined ? undefined : microBatch * replicas * (steps ?? 1)) };
}

const batches: Row = {
  settings: [TRAIN_BATCH, MICRO_BATCH, STEPS],
  targets: ['workload.microBatch', 'workload.batch'],
  read: (given) => {
    const { microBatch, batch } = batchesOf(given);
    if (microBatch === undefined)
      given.note(`${MICRO_BATCH} is left to the trainer: --set workload.microBatch=… says it`);
    if (batch === undefined)
      given.note(`${TRAIN_BATCH} is left to the trainer: --set workload.batch=… says it, else the model's is taken`);
    return {
      ...(microBatch === undefined ? {} : { 'workload.microBatch': microBatch }),
      ...(batch === undefined ? {} : { 'workload.batch': batch }),
    };
  },
  write: ({ values, batch, microBatch }) => {
    const steps = batch / (values.number('workload.dp') * microBatch);
    if (!Number.isInteger(microBatch) || !Number.isInteger(steps)) {
      throw notExpressible(
        `a micro-batch of ${microBatch} sequences`,
        FORMAT,
        'choose a batch that the replicas divide',
      );
    }
    return [written(TRAIN_BATCH, batch), written(MICRO_BATCH, microBatch), written(STEPS, steps)];
  },
};

const LOOP =
  'experts are priced as one product of all of them, as Transformers 5 has them: of version 4, which runs them in a loop and gathers each by itself, add --software deepspeed-zero-loop';

export const STAGES = ['none', 'zero1', 'zero2', 'zero3'] as const;

const sharding: Row = {
  settings: [STAGE, 'zero_optimization', GROUP],
  targets: ['workload.weightSharding', 'workload.shardGroup'],
  read: (given) => {
    // Of old a switch, for stage 1.
    const stage = given.whole(STAGE, given.truth('zero_optimization', false) ? 1 : 0);
    const sharding = STAGES[stage];
    if (sharding === undefined) throw given.error(STAGE, `${STAGE} is ${stage}`, 'write 0, 1, 2 or 3');
    if ((given.model?.experts ?? 1) > 1) given.note(LOOP);
    // MiCS (arXiv 2205.00119) is of stage 3; -1 is its default, off.
    const group = stage === 3 && given.text(GROUP) !== '-1' ? given.count(GROUP) : undefined;
    return { 'workload.weightSharding': sharding, 'workload.shardGroup': group ?? 'all' };
  },
  write: ({ values }) => {
    const stage = STAGES.indexOf(values.text('workload.weightSharding') as 'none');
    const group = values.number('workload.shardGroup');
    if (group === 0 || stage === 0) return [written(STAGE, stage)];
    if (stage === 3) return [written(STAGE, stage), written(GROUP, group)];
    throw notExpressible(`stage ${stage} inside groups of replicas`, FORMAT, 'add --set workload.shardGroup=all');
  },
};

const overlap: Row = {
  settings: [OVERLAP],
  targets: ['workload.gradientOverlap'],
  read: (given) => {
    const byStage = given.whole(STAGE, 0) === 3;
    return {
      'workload.gradientOverlap': (isAuto(given, OVERLAP) ? byStage : given.truth(OVERLAP, byStage)) ? 'on' : 'off',
    };
  },
  write: ({ values }) => [written(OVERLAP, String(values.text('workload.gradientOverlap') === 'on'))],
};

/** A share of the optimiser may be the host's (`ratio`: Twin-Flow of ZeRO-Offload++). */
const state: Row = {
  settings: [OFFLOAD, OFFLOAD_RATIO, OFFLOAD_PARAMETERS],
  targets: ['workload.masterWeightBytes', 'workload.momentBytes', 'workload.optimizerOffload'],
  read: (given) => {
    const devices = [OFFLOAD, OFFLOAD_PARAMETERS].map((name) => given.text(name) ?? 'none');
    if (devices[1] !== 'none') given.note('weights that are offloaded are priced as on the GPU');
    const share = devices[0] === 'none' ? 0 : given.number(OFFLOAD_RATIO, 1);
    return { 'workload.masterWeightBytes': 4, 'workload.momentBytes': 4, 'workload.optimizerOffload': share };
  },
  write: ({ values }) => {
    const bytes = (['workload.masterWeightBytes', 'workload.momentBytes'] as const).map((name) => values.number(name));
    if (bytes.some((one) => one !== 4)) {
      throw notExpressible(
        'an optimiser state of so few bytes',
        FORMAT,
        'choose 4 for masterWeightBytes and momentBytes',
      );
    }
    const share = values.number('workload.optimizerOffload');
    return share === 0 ? [] : [written(OFFLOAD, 'cpu'), ...(share === 1 ? [] : [written(OFFLOAD_RATIO, share)])];
  },
};

const degrees: Row = {
  settings: [TENSOR, SEQUENCE],
  targets: ['workload.tp', 'workload.sp', 'workload.pp', 'workload.ep', 'workload.etp', 'workload.sequenceParallel'],
  read: (given) => ({
    'workload.tp': count(given, TENSOR) ?? 1,
    'workload.sp': count(given, SEQUENCE) ?? 1,
    'workload.pp': 1,
    'workload.ep': 1,
    'workload.etp': 'tp',
    'workload.sequenceParallel': 'off',
  }),
  write: ({ values, model }) => {
    for (const name of ['workload.pp', 'workload.ep'] as const) {
      const degree = values.number(name);
      if (degree > 1) throw notExpressible(`${name} ${degree}`, FORMAT, `add --set ${name}=1`);
    }
    if (model.experts > 1 && values.number('workload.etp') > 0) {
      throw notExpressible('experts apart', FORMAT, 'add --set workload.etp=tp');
    }
    const [tp, sp] = [values.number('workload.tp'), values.number('workload.sp')];
    if (tp > 1 && values.text('workload.sequenceParallel') === 'on') {
      throw notExpressible('a sequence split by tensor parallelism', FORMAT, 'add --set workload.sequenceParallel=off');
    }
    return [...(tp > 1 ? [written(TENSOR, tp)] : []), ...(sp > 1 ? [written(SEQUENCE, sp)] : [])];
  },
};

/** Sequences are shared by exchanging heads (Ulysses, arXiv 2309.14509). */
const fixed: Row = {
  settings: [],
  targets: [
    'workload.contextExchange',
    'workload.attention',
    'workload.precision',
    'workload.axisOrder',
    'workload.pipelineSchedule',
  ],
  read: () => ({
    'workload.contextExchange': 'allToAll',
    'workload.attention': 'fused',
    'workload.precision': 'bf16',
    'workload.axisOrder': 'tp-sp-ep-dp-pp',
    'workload.pipelineSchedule': '1f1b',
  }),
  write: (design) => {
    const { values, axes } = design;
    const strange = (['workload.attention', 'workload.precision'] as const).find(
      (name) => values.text(name) !== (name === 'workload.attention' ? 'fused' : 'bf16'),
    );
    if (strange !== undefined)
      throw notExpressible(`${strange} ${values.text(strange)}`, FORMAT, `leave ${strange} out`);
    if (values.number('workload.sp') > 1 && values.text('workload.contextExchange') !== 'allToAll') {
      throw notExpressible(
        'context parallelism without an exchange of heads',
        FORMAT,
        'add --set workload.contextExchange=allToAll',
      );
    }
    const several = design.batch > design.microBatch * values.number('workload.dp');
    if (values.text('workload.pipelineSchedule') === 'gpipe' && several) {
      throw notExpressible('the GPipe schedule', FORMAT, 'add --set workload.pipelineSchedule=1f1b');
    }
    if (axes.join() === ['tp', 'sp', 'dp'].filter((axis) => axes.includes(axis)).join()) return [];
    throw notExpressible(`axes laid as ${axes.join('-')}`, FORMAT, 'add --set workload.axisOrder=tp-sp-ep-dp-pp');
  },
};

const gradients: Row = {
  settings: [COMMUNICATION],
  targets: ['workload.gradientBytes'],
  read: (given) => ({
    'workload.gradientBytes': given.choice(COMMUNICATION, { fp32: 4, fp16: 2, bf16: 2, bfp16: 2 }, 2),
  }),
  write: ({ values }) => {
    const bytes = values.number('workload.gradientBytes');
    if (bytes === 2) return [];
    if (bytes === 4) return [written(COMMUNICATION, 'fp32')];
    throw notExpressible('gradients of so few bytes on their way', FORMAT, 'add --set workload.gradientBytes=2');
  },
};

const recomputation: Row = {
  settings: [CHECKPOINTS, 'activation_checkpointing.cpu_checkpointing', 'gradient_checkpointing'],
  targets: ['workload.recomputation', ...EACH_LAYER_TARGETS, ...MODULE_TARGETS, ...HOST_MODULES.targets],
  read: (given) => {
    const said = [CHECKPOINTS, 'activation_checkpointing.cpu_checkpointing'].some((name) => given.has(name));
    const full = said || given.truth('gradient_checkpointing', false);
    return { ...NO_MODULES, ...HOST_MODULES.none, ...EACH_LAYER, 'workload.recomputation': full ? 'full' : 'none' };
  },
  write: ({ values }) => {
    refuseModules(values, FORMAT);
    refuseOffload(values, FORMAT, ['workload.offloadedLayers']);
    refuseOffloadedModules(values, FORMAT);
    const kind = values.text('workload.recomputation');
    if (kind === 'none') return [];
    refuseSomeLayers(values, FORMAT);
    if (kind === 'full') return [written(CHECKPOINTS, 'false')];
    throw notExpressible(`recomputation ${kind}`, FORMAT, 'add --set workload.recomputation=full');
  },
};

/** What is written of every job: half precision. */
const halfPrecision: Row = {
  settings: ['bf16.enabled', 'fp16.enabled'],
  targets: [],
  read: () => ({}),
  write: () => [written('bf16.enabled', 'true')],
};

const WORDS: Words = {
  tp: TENSOR,
  sp: SEQUENCE,
  pp: 'pipeline.stages',
  ep: 'moe.ep_size',
  etp: 'moe.ep_size',
  batch: TRAIN_BATCH,
  microBatch: MICRO_BATCH,
  ...modelWords('the model'),
  seq: 'the model',
};

const WHOLE_SEQUENCES: FactRule = {
  rule: 'sequence length',
  broken: ({ model, number }) => {
    const ranks = number('workload.sp');
    if (model.seq % ranks === 0) return undefined;
    return {
      says: `${model.seq} tokens of a sequence are no multiple of sequence parallel ${ranks}`,
      settings: [SEQUENCE],
    };
  },
};

const SETTING_RULES: readonly SettingRule[] = [
  {
    rule: 'global batch',
    broken: (given) => {
      const [batch, micro, steps] = [TRAIN_BATCH, MICRO_BATCH, STEPS].map((name) => count(given, name));
      if (batch === undefined || (micro === undefined && steps === undefined)) return undefined;
      const replicas = dataParallel(given);
      const { microBatch } = batchesOf(given);
      const product = microBatch! * replicas * (steps ?? batch / (microBatch! * replicas));
      if (product === batch) return undefined;
      const says = `${batch} sequences are not micro-batch × accumulation × data parallel, ${microBatch} × ${steps ?? 1} × ${replicas}`;
      return { says, settings: [TRAIN_BATCH, MICRO_BATCH, STEPS] };
    },
  },
  {
    rule: 'number format',
    broken: (given) =>
      ['bf16.enabled', 'fp16.enabled'].every((name) => !isAuto(given, name) && given.truth(name, false))
        ? { says: 'bf16 and fp16 exclude one another', settings: ['bf16.enabled', 'fp16.enabled'] }
        : undefined,
  },
  {
    rule: 'offload',
    broken: (given) => {
      const stage = given.whole(STAGE, 0);
      const [optimizer, parameters] = [OFFLOAD, OFFLOAD_PARAMETERS].map(
        (name) => (given.text(name) ?? 'none') !== 'none',
      );
      if (parameters === true && stage !== 3) {
        return { says: `offloaded parameters need stage 3, not ${stage}`, settings: [OFFLOAD_PARAMETERS, STAGE] };
      }
      if (optimizer !== true || stage > 0) return undefined;
      return { says: 'an offloaded optimiser needs a stage of at least 1', settings: [OFFLOAD, STAGE] };
    },
  },
  {
    rule: 'pipeline',
    broken: (given) => {
      const stages = count(given, 'pipeline.stages') ?? 1;
      if (stages === 1 || given.whole(STAGE, 0) <= 1) return undefined;
      return {
        says: `pipelines go with stage 0 or 1, not ${given.whole(STAGE, 0)}`,
        settings: [STAGE, 'pipeline.stages'],
      };
    },
  },
];

/** NPUs where all of the batch is given; without parallelism of tensors and sequences they are the replicas. */
function npusOf(values: ReadonlyMap<string, string>): number | undefined {
  const [batch, micro, steps] = [TRAIN_BATCH, MICRO_BATCH, STEPS].map((name) => Number(values.get(name)));
  const others = [TENSOR, SEQUENCE].map((name) => Number(values.get(name) ?? 1)).reduce((a, b) => a * b, 1);
  const npus = (batch! / (micro! * steps!)) * others;
  return Number.isInteger(npus) && npus > 0 ? npus : undefined;
}

export const DEEPSPEED: Framework = {
  name: 'deepspeed',
  title: FORMAT,
  software: 'deepspeed-zero',
  rows: [
    ...[batches, degrees, sharding, overlap, state, fixed, gradients],
    ...[REDUCTION_BUFFER, recomputation, keptTensorsRow(FORMAT), halfPrecision],
  ],
  modelRows: [],
  modelSetting: undefined,
  words: WORDS,
  factRules: [WORLD, HEADS, KV_HEADS, BATCH, WHOLE_SEQUENCES, EXCHANGED_HEADS],
  settingRules: SETTING_RULES,
  withoutEffect: WITHOUT_EFFECT,
  notSimulated: NOT_SIMULATED,
  recognises: (file) => /\.json$/.test(file),
  parse: (text, file) => readYaml(text, file, npusOf),
  print: (settings) => jsonText(nestedData(settings)),
};
