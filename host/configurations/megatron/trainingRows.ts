/** Overlaps, recomputation, sharding and number formats in Megatron-LM's arguments. */

import type { ParameterName } from '../../../psa/parameters.js';
import { suggest } from '../../../psa/suggest.js';
import { notExpressible, type TrainedDesign } from '../../export/designValues.js';
import type { WrittenSetting } from '../configurationFile.js';
import type { Given } from '../given.js';
import { keptTensorsRow } from '../keptTensors.js';
import { MEGATRON_MODULES, MODULE_TARGETS, modulesRead, modulesWritten, NO_MODULES } from '../recomputedModules.js';
import { type Assignments, type Row, written } from '../row.js';
import { deepspeedOffload, deepspeedOverlap, deepspeedSharding, deepspeedState } from './deepspeedRows.js';
import { CONTEXT, dataParallel, FORMAT, PIPELINE, SEQUENCE, TENSOR } from './parallelRows.js';

export const OVERLAP_REDUCE = '--overlap-grad-reduce';
export const OVERLAP_GATHER = '--overlap-param-gather';
export const OVERLAP_TENSOR = '--tp-comm-overlap';
const NO_PIPELINE_OVERLAP = '--no-overlap-p2p-communication';
export const DISTRIBUTED = '--use-distributed-optimizer';
export const INSTANCES = '--num-distributed-optimizer-instances';
export const GRANULARITY = '--recompute-granularity';
export const METHOD = '--recompute-method';
export const MODULES = '--recompute-modules';
const MIXTURES = '--moe-layer-recompute';
const CHECKPOINTED = '--checkpoint-activations';
const CHECKPOINT_METHOD = '--activations-checkpoint-method';
const NUM_LAYERS = [
  '--recompute-num-layers',
  '--activations-checkpoint-num-layers',
  '--checkpoint-num-layers',
] as const;
export const OPTIMIZER_OFFLOAD = '--optimizer-cpu-offload';
const OFFLOAD_FRACTION = '--optimizer-offload-fraction';
export const ACTIVATION_OFFLOAD = '--cpu-offloading';
export const OFFLOADED_LAYERS = '--cpu-offloading-num-layers';

const is = ({ values }: TrainedDesign, name: ParameterName, value: string): boolean => values.text(name) === value;

const REPLICAS = '--DDP-impl';

const gradients: Row = {
  settings: [OVERLAP_REDUCE, OVERLAP_GATHER, REPLICAS],
  targets: ['workload.gradientOverlap'],
  read: (given) => {
    // PyTorch's own replicas, of 2021, reduce beside the backward pass.
    const overlaps = deepspeedOverlap(given) ?? (given.has(OVERLAP_REDUCE) || given.text(REPLICAS) === 'torch');
    return { 'workload.gradientOverlap': overlaps ? 'on' : 'off' };
  },
  write: (design) => {
    if (!is(design, 'workload.gradientOverlap', 'on')) return [];
    const sharded = !is(design, 'workload.weightSharding', 'none');
    return [written(OVERLAP_REDUCE), ...(sharded ? [written(OVERLAP_GATHER)] : [])];
  },
};

const NO_ASYNC = '--no-async-tensor-model-parallel-allreduce';

/** With a split sequence a switch of Transformer Engine; whole sequences are reduced beside weight gradients by themselves. */
const tensor: Row = {
  settings: [OVERLAP_TENSOR, NO_ASYNC],
  targets: ['workload.tensorOverlap'],
  read: (given) => {
    if (given.count(TENSOR, 1) === 1) return {};
    const overlaps = given.has(SEQUENCE) ? given.has(OVERLAP_TENSOR) : !given.has(NO_ASYNC);
    return { 'workload.tensorOverlap': overlaps ? 'on' : 'off' };
  },
  write: (design) => {
    if (design.values.number('workload.tp') === 1) return [];
    const overlaps = is(design, 'workload.tensorOverlap', 'on');
    if (is(design, 'workload.sequenceParallel', 'on')) return overlaps ? [written(OVERLAP_TENSOR)] : [];
    return overlaps ? [] : [written(NO_ASYNC)];
  },
};

/** Sends beside compute are of the interleaved schedule alone. */
const sends: Row = {
  settings: [NO_PIPELINE_OVERLAP],
  targets: ['workload.pipelineOverlap'],
  read: (given) => {
    const interleaved = ['--num-layers-per-virtual-pipeline-stage', '--num-virtual-stages-per-pipeline-rank'];
    if (given.count(PIPELINE, 1) === 1 || !interleaved.some((name) => given.has(name))) return {};
    return { 'workload.pipelineOverlap': given.has(NO_PIPELINE_OVERLAP) ? 'off' : 'on' };
  },
  write: (design) => {
    const interleaved =
      is(design, 'workload.pipelineSchedule', 'interleaved') &&
      design.values.number('workload.virtualStages') > 1 &&
      design.values.number('workload.pp') > 1;
    return interleaved && is(design, 'workload.pipelineOverlap', 'off') ? [written(NO_PIPELINE_OVERLAP)] : [];
  },
};

const BYTES = { fp32: 4, bf16: 2, fp16: 2, fp8: 1 } as const;

function dtypeOf(bytes: number, half: 'bf16' | 'fp16', what: string): string {
  const dtype = { 4: 'fp32', 2: half, 1: 'fp8' }[bytes];
  if (dtype !== undefined) return dtype;
  throw notExpressible(`${what} of ${bytes} bytes`, FORMAT, 'choose 4, 2 or 1');
}

export const PRECISION_AWARE = '--use-precision-aware-optimizer';

function readState(given: Given): Assignments {
  const own = deepspeedState(given);
  if (own !== undefined) return own;
  const reduced = given.has('--grad-reduce-in-bf16') ? 2 : 4;
  const aware = given.has(PRECISION_AWARE);
  const bytes = (name: string, otherwise: number) => (aware ? given.choice(name, BYTES, otherwise) : otherwise);
  const moments = bytes('--exp-avg-dtype', 4) + bytes('--exp-avg-sq-dtype', 4);
  return {
    'workload.gradientBytes': reduced,
    'workload.mainGradientBytes': bytes('--main-grads-dtype', reduced),
    'workload.masterWeightBytes': bytes('--main-params-dtype', 4),
    'workload.momentBytes': moments / 2,
  };
}

function writeState({ values }: TrainedDesign): WrittenSetting[] {
  const reduced = values.number('workload.gradientBytes');
  const [gradient, master, moment] = (
    ['workload.mainGradientBytes', 'workload.masterWeightBytes', 'workload.momentBytes'] as const
  ).map((name) => values.number(name)) as [number, number, number];
  const half = reduced === 2 ? [written('--grad-reduce-in-bf16')] : [];
  if (reduced !== 2 && reduced !== 4) dtypeOf(0, 'bf16', 'gradients on their way');
  const aware = values.number('workload.optimizerOffload') > 0;
  if (!aware && gradient === reduced && master === 4 && moment === 4) return half;
  return [
    ...half,
    written(PRECISION_AWARE),
    written('--main-grads-dtype', dtypeOf(gradient, 'bf16', 'gradients')),
    written('--main-params-dtype', dtypeOf(master, 'fp16', 'master weights')),
    written('--exp-avg-dtype', dtypeOf(moment, 'bf16', 'moments')),
    written('--exp-avg-sq-dtype', dtypeOf(moment, 'bf16', 'moments')),
  ];
}

const state: Row = {
  settings: [
    '--grad-reduce-in-bf16',
    PRECISION_AWARE,
    '--main-grads-dtype',
    '--main-params-dtype',
    '--exp-avg-dtype',
    '--exp-avg-sq-dtype',
  ],
  targets: [
    'workload.gradientBytes',
    'workload.mainGradientBytes',
    'workload.masterWeightBytes',
    'workload.momentBytes',
  ],
  read: readState,
  write: writeState,
};

const NO_FUSED_SUM = '--no-gradient-accumulation-fusion';

const sums: Row = {
  settings: [NO_FUSED_SUM],
  targets: ['workload.gradientAccumulation'],
  read: (given) => ({ 'workload.gradientAccumulation': given.has(NO_FUSED_SUM) ? 'unfused' : 'fused' }),
  write: (design) => (is(design, 'workload.gradientAccumulation', 'unfused') ? [written(NO_FUSED_SUM)] : []),
};

const BLOCK = 'workload.recomputationBlock';
const RECOMPUTED = 'workload.recomputedLayers';

/** Of full recomputation. */
function writeMethod({ values }: TrainedDesign): WrittenSetting[] {
  const [block, layers] = [values.number(BLOCK), values.number(RECOMPUTED)];
  if (layers === 0) return [written(METHOD, 'uniform'), written('--recompute-num-layers', block)];
  if (block === 1) return [written(METHOD, 'block'), written('--recompute-num-layers', layers)];
  throw notExpressible(`some layers recomputed by ${block}`, FORMAT, `add --set ${BLOCK}=1`);
}

function readRecomputation(given: Given): Assignments {
  // Old names: of the core, and of mixtures.
  const core = given.has('--recompute-activations') ? ['core_attn'] : [];
  const old = given.has(MIXTURES) ? [...core, 'moe'] : core;
  // Older names yet, of layers as a whole: of 2020, and of 2021.
  const layered = given.has(CHECKPOINTED) || given.has(CHECKPOINT_METHOD);
  const otherwise = layered ? 'full' : old.length > 0 ? 'selective' : 'none';
  const granularity = given.choice(GRANULARITY, { full: 'full', selective: 'selective' } as const, otherwise);
  if (granularity !== 'full') {
    if (granularity === 'none') return modulesRead([]);
    const said = given.has(MODULES) ? given.texts(MODULES) : old.length > 0 ? old : ['core_attn'];
    const unknown = said.filter((name) => !MEGATRON_MODULES.includes(name));
    if (unknown.length > 0)
      throw given.error(MODULES, `${unknown[0]} is no module`, suggest(unknown[0]!, MEGATRON_MODULES));
    return modulesRead(said);
  }
  const layers = NUM_LAYERS.map((name) => given.count(name)).find((one) => one !== undefined) ?? 1;
  const all = { ...NO_MODULES, 'workload.recomputation': 'full' };
  // Uniformly, all layers by blocks; or so many layers of each model chunk, one by one.
  if ((given.text(METHOD) ?? given.text(CHECKPOINT_METHOD)) !== 'block')
    return { ...all, [BLOCK]: layers, [RECOMPUTED]: 'all' };
  return { ...all, [BLOCK]: 1, [RECOMPUTED]: layers };
}

const recomputation: Row = {
  settings: [
    ...[GRANULARITY, '--recompute-activations', METHOD, MODULES, MIXTURES],
    ...[CHECKPOINTED, CHECKPOINT_METHOD, ...NUM_LAYERS],
  ],
  targets: ['workload.recomputation', BLOCK, RECOMPUTED, ...MODULE_TARGETS],
  read: readRecomputation,
  write: (design) => {
    const { values } = design;
    if (values.text('workload.recomputation') !== 'full') {
      const modules = modulesWritten(design, FORMAT);
      if (modules.length === 0) return [];
      return [written(GRANULARITY, 'selective'), written(MODULES, ...modules)];
    }
    return [written(GRANULARITY, 'full'), ...writeMethod(design)];
  },
};

/** An optimiser on the host, and activations of layers. */
export const OFFLOAD_ROW: Row = {
  settings: [OPTIMIZER_OFFLOAD, OFFLOAD_FRACTION, ACTIVATION_OFFLOAD, OFFLOADED_LAYERS],
  targets: ['workload.optimizerOffload', 'workload.offloadedLayers'],
  read: (given) => ({
    'workload.optimizerOffload':
      deepspeedOffload(given) ?? (given.has(OPTIMIZER_OFFLOAD) ? given.number(OFFLOAD_FRACTION, 1) : 0),
    'workload.offloadedLayers': given.whole(OFFLOADED_LAYERS, 0) || 'none',
  }),
  write: ({ values }) => {
    const fraction = values.number('workload.optimizerOffload');
    const layers = values.number('workload.offloadedLayers');
    return [
      ...(fraction > 0 ? [written(OPTIMIZER_OFFLOAD), written(OFFLOAD_FRACTION, fraction)] : []),
      ...(layers > 0 ? [written(OFFLOADED_LAYERS, layers)] : []),
    ];
  },
};

const STRATEGY = '--data-parallel-sharding-strategy';
const FSDP = ['--use-megatron-fsdp', '--use-custom-fsdp'] as const;
const STRATEGIES = { no_shard: 'none', optim: 'zero1', optim_grads: 'zero2', optim_grads_params: 'zero3' } as const;

const sharding: Row = {
  settings: [DISTRIBUTED, ...FSDP, STRATEGY, '--use-torch-fsdp2'],
  targets: ['workload.weightSharding'],
  read: (given) => {
    const byDeepspeed = deepspeedSharding(given);
    if (byDeepspeed !== undefined) return { 'workload.weightSharding': byDeepspeed };
    if (given.has('--use-torch-fsdp2')) return { 'workload.weightSharding': 'zero3' };
    const otherwise = given.has(DISTRIBUTED) ? 'zero1' : 'none';
    if (!FSDP.some((name) => given.has(name))) return { 'workload.weightSharding': otherwise };
    return { 'workload.weightSharding': given.choice<string>(STRATEGY, STRATEGIES, 'none') };
  },
  write: ({ values }) => {
    const kind = values.text('workload.weightSharding');
    if (kind === 'none') return [];
    if (kind === 'zero1') return [written(DISTRIBUTED)];
    const strategy = kind === 'zero2' ? 'optim_grads' : 'optim_grads_params';
    return [written(DISTRIBUTED), written(FSDP[0]), written(STRATEGY, strategy)];
  },
};

/** Copies of the sharded state, each over as many of the data- and context-parallel ranks. */
const copies: Row = {
  settings: [INSTANCES],
  targets: ['workload.shardGroup'],
  read: (given) => {
    const instances = given.count(INSTANCES, 1);
    const ranks = dataParallel(given) * given.count(CONTEXT, 1);
    return { 'workload.shardGroup': instances === 1 ? 'all' : Math.max(Math.floor(ranks / instances), 1) };
  },
  write: ({ values }) => {
    const group = values.number('workload.shardGroup');
    if (group === 0 || values.text('workload.weightSharding') === 'none') return [];
    return [written(INSTANCES, (values.number('workload.dp') * values.number('workload.sp')) / group)];
  },
};

/** Megatron-FSDP takes one format of checkpoints alone. */
const checkpoints: Row = {
  settings: ['--ckpt-format'],
  targets: [],
  read: () => ({}),
  write: ({ values }) =>
    ['zero2', 'zero3'].includes(values.text('workload.weightSharding'))
      ? [written('--ckpt-format', 'fsdp_dtensor')]
      : [],
};

const BACKENDS = { flash: 'fused', fused: 'fused', auto: 'fused', unfused: 'unfused', local: 'unfused' } as const;

const attention: Row = {
  settings: ['--attention-backend', '--use-flash-attn', '--transformer-impl'],
  targets: ['workload.attention'],
  read: (given) => {
    const local = given.text('--transformer-impl') === 'local' && !given.has('--use-flash-attn');
    return { 'workload.attention': given.choice<string>('--attention-backend', BACKENDS, local ? 'unfused' : 'fused') };
  },
  write: (design) => [written('--attention-backend', is(design, 'workload.attention', 'fused') ? 'flash' : 'unfused')],
};

function isEightBit(given: Given): boolean {
  return ['--fp8-format', '--fp8-hybrid', '--fp8-e4m3'].some((name) => given.has(name));
}

const RECIPES = { delayed: 'fp8Delayed', tensorwise: 'fp8', blockwise: 'fp8Block', mxfp8: 'mxfp8' } as const;

export const PRECISION_ROW: Row = {
  settings: ['--bf16', '--fp16', '--fp8-format', '--fp8-hybrid', '--fp8-e4m3', '--fp8-recipe', '--fp4-format'],
  targets: ['workload.precision', 'workload.attentionPrecision'],
  read: (given) => {
    const inBf16 = { 'workload.attentionPrecision': 'bf16' } as const;
    if (given.has('--fp4-format')) return { ...inBf16, 'workload.precision': 'nvfp4' };
    if (isEightBit(given))
      return { ...inBf16, 'workload.precision': given.choice<string>('--fp8-recipe', RECIPES, 'fp8Delayed') };
    if (!given.has('--bf16') && !given.has('--fp16')) given.note('single precision is priced as half precision');
    return { ...inBf16, 'workload.precision': 'bf16' };
  },
  write: (design) => {
    const format = design.values.text('workload.precision');
    if (!is(design, 'workload.attentionPrecision', 'bf16')) {
      throw notExpressible('attention in fp8', FORMAT, 'add --set workload.attentionPrecision=bf16');
    }
    if (format === 'bf16') return [written('--bf16')];
    if (format === 'nvfp4') return [written('--bf16'), written('--fp4-format', 'e2m1')];
    const recipe = Object.entries(RECIPES).find(([, name]) => name === format)?.[0];
    if (recipe === undefined)
      throw notExpressible(`products in ${format}`, FORMAT, 'add --set workload.precision=bf16');
    return [written('--bf16'), written('--fp8-format', 'hybrid'), written('--fp8-recipe', recipe)];
  },
};

const FP8_WEIGHTS = '--fp8-param-gather';

/**
 * Without weights in eight bits Transformer Engine keeps a copy of each by row and one by column from the first micro-batch to the last
 * (TELinear, is_first_microbatch); weights in eight bits take the bytes of both themselves, as many as in half precision.
 */
export const WEIGHT_COPIES_ROW: Row = {
  settings: [FP8_WEIGHTS],
  targets: ['workload.weightCopies'],
  read: (given) => ({ 'workload.weightCopies': isEightBit(given) && !given.has(FP8_WEIGHTS) ? 2 : 0 }),
  write: (design) => {
    const copies = design.values.number('workload.weightCopies');
    if (is(design, 'workload.precision', 'bf16')) return [];
    if (copies === (is(design, 'workload.precision', 'nvfp4') ? 0 : 2)) return [];
    if (copies === 0) return [written(FP8_WEIGHTS)];
    throw notExpressible(`${copies} narrow copies of weights`, FORMAT, 'add --set workload.weightCopies=0');
  },
};

export const TRAINING_ROWS: readonly Row[] = [
  gradients,
  tensor,
  sends,
  state,
  sums,
  recomputation,
  keptTensorsRow(FORMAT),
  OFFLOAD_ROW,
  sharding,
  copies,
  checkpoints,
  attention,
  PRECISION_ROW,
  WEIGHT_COPIES_ROW,
];
