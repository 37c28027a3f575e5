/** torchtitan's settings (github.com/pytorch/torchtitan, torchtitan/config/job_config.py). */
import { notExpressible, type TrainedDesign } from '../../export/designValues.js';
import type { Given } from '../given.js';
import { nameOfModel } from '../namedModels.js';
import {
  EACH_LAYER,
  EACH_LAYER_TARGETS,
  MODULE_TARGETS,
  NO_MODULES,
  OPERATIONS,
  refuseModules,
  refuseSomeLayers,
} from '../recomputedModules.js';
import { type Assignments, type Row, written } from '../row.js';
import {
  ASYNC,
  COMPILE,
  CONTEXT,
  CONVERTERS,
  EXPERT,
  EXPERT_TENSOR,
  FIRST_LESS,
  FLAVOR,
  FORMAT,
  GLOBAL_BATCH,
  LAST_LESS,
  LOCAL_BATCH,
  MICRO_BATCH,
  MICRO_BATCHES,
  MODELS,
  NAME,
  PER_STAGE,
  PIPELINE,
  REPLICATE,
  RESHARD,
  ROTATION,
  SCHEDULE,
  SEQ_LEN,
  SHARD,
  TENSOR,
} from './settings.js';

const degree = (given: Given, name: string): number => given.count(name, 1);

/** Replicas, sharded or not. */
export function dataParallel(given: Given): number {
  const model = degree(given, TENSOR) * degree(given, CONTEXT) * degree(given, PIPELINE);
  return Math.max(Math.floor(given.npus / model), 1);
}

function degreeRow(setting: string, target: 'workload.tp' | 'workload.sp' | 'workload.pp'): Row {
  return {
    settings: [setting],
    targets: [target],
    read: (given) => ({ [target]: degree(given, setting) }),
    write: ({ values }) => [written(setting, values.number(target))],
  };
}

/** Weights are sharded over the context-parallel ranks and those of the replicas that are not said to be copies, where there are any. */
const replicas: Row = {
  settings: [REPLICATE, SHARD],
  targets: ['workload.weightSharding', 'workload.shardGroup'],
  read: (given) => {
    const replicate = degree(given, REPLICATE);
    const cp = degree(given, CONTEXT);
    const inGroup =
      (given.text(SHARD) ?? '-1') === '-1' ? Math.floor(dataParallel(given) / replicate) : given.count(SHARD, 1);
    if (inGroup <= 1 && cp === 1) return { 'workload.weightSharding': 'none', 'workload.shardGroup': 'all' };
    return { 'workload.weightSharding': 'zero3', 'workload.shardGroup': replicate > 1 ? inGroup * cp : 'all' };
  },
  write: ({ values }) => {
    const sharding = values.text('workload.weightSharding');
    const [dp, sp] = [values.number('workload.dp'), values.number('workload.sp')];
    const several = sp > 1;
    const group = values.number('workload.shardGroup') || dp * sp;
    if (sharding === 'zero3' && group > 1) return [written(REPLICATE, (dp * sp) / group), written(SHARD, group / sp)];
    if (sharding === 'none' && !several) return [written(REPLICATE, dp), written(SHARD, 1)];
    const remedy = `add --set workload.weightSharding=${several || dp > 1 ? 'zero3' : 'none'}`;
    throw notExpressible(`weightSharding ${sharding}`, FORMAT, remedy);
  },
};

/** Experts of torchtitan have no tensor parallelism of their own, or that of all else. */
const experts: Row = {
  settings: [EXPERT, EXPERT_TENSOR],
  targets: ['workload.ep', 'workload.etp'],
  read: (given) => {
    const [ep, tp, etp] = [degree(given, EXPERT), degree(given, TENSOR), degree(given, EXPERT_TENSOR)];
    const dense = ep === 1 && !given.has(EXPERT_TENSOR);
    const together = dense || (etp === tp && dataParallel(given) % ep === 0);
    return { 'workload.ep': ep, 'workload.etp': together ? 'tp' : etp };
  },
  write: ({ values, model }) => {
    const [ep, etp, tp] = (['workload.ep', 'workload.etp', 'workload.tp'] as const).map((name) => values.number(name));
    if (model.experts === 1) {
      if (ep === 1) return [];
      throw notExpressible(`expert parallel ${ep} of a dense model`, FORMAT, 'add --set workload.ep=1');
    }
    if (etp! > 1 && etp !== tp) {
      throw notExpressible(`expert tensor parallel ${etp} beside tensor parallel ${tp}`, FORMAT, 'choose 1 or tp');
    }
    if (etp === tp && values.number('workload.dp') % ep! === 0) {
      throw notExpressible('experts apart that lie as all else does', FORMAT, 'add --set workload.etp=tp');
    }
    return [written(EXPERT, ep!), written(EXPERT_TENSOR, etp === 0 ? tp! : etp!)];
  },
};

const SCHEDULES = {
  '1F1B': '1f1b',
  GPipe: 'gpipe',
  Interleaved1F1B: 'interleaved',
  ZBVZeroBubble: 'zbV',
  InterleavedZeroBubble: 'interleaved',
  LoopedBFS: 'interleaved',
  DualPipeV: 'zbV',
} as const;

/** Schedules that have another one's price. */
const APPROXIMATE = ['InterleavedZeroBubble', 'LoopedBFS', 'DualPipeV'];

/** Chunks of a stage where nothing says how many layers each has. */
const CHUNKS = 2;

export function scheduleOf(given: Given): Assignments {
  const pp = degree(given, PIPELINE);
  if (pp === 1) return { 'workload.pipelineSchedule': '1f1b', 'workload.virtualStages': 1 };
  const name = given.text(SCHEDULE) ?? '1F1B';
  const schedule = given.choice<string>(SCHEDULE, SCHEDULES, '1f1b');
  if (APPROXIMATE.includes(name)) given.note(`the schedule ${name} is priced as ${schedule}`);
  if (schedule !== 'interleaved') return { 'workload.pipelineSchedule': schedule, 'workload.virtualStages': 1 };
  const perStage = given.count(PER_STAGE);
  const layers = (given.layers ?? 1) + given.whole(FIRST_LESS, 1) + given.whole(LAST_LESS, 1);
  const chunks = perStage === undefined ? CHUNKS : Math.max(Math.round(layers / perStage / pp), 1);
  return { 'workload.pipelineSchedule': schedule, 'workload.virtualStages': chunks };
}

const schedule: Row = {
  settings: [SCHEDULE, PER_STAGE],
  targets: ['workload.pipelineSchedule', 'workload.virtualStages'],
  read: scheduleOf,
  write: (design) => {
    const { values } = design;
    const own = values.text('workload.pipelineSchedule');
    const chunks = values.number('workload.virtualStages');
    const several = design.batch > design.microBatch * values.number('workload.dp');
    if (values.number('workload.pp') === 1) {
      if (own !== 'gpipe' || !several) return [];
      throw notExpressible('the GPipe schedule on one stage', FORMAT, 'add --set workload.pipelineSchedule=1f1b');
    }
    const chosen = own === 'interleaved' && chunks === 1 ? '1f1b' : own;
    const name = Object.entries(SCHEDULES).find(([, meaning]) => meaning === chosen)?.[0];
    if (name === undefined || (chosen === 'interleaved' && chunks !== CHUNKS)) {
      throw notExpressible(`${own} with ${chunks} model chunks`, FORMAT, 'choose 1f1b, or interleaved with 2');
    }
    if (values.number('workload.interleaveGroup') > 0) {
      throw notExpressible('groups of micro-batches', FORMAT, 'add --set workload.interleaveGroup=0');
    }
    return [written(SCHEDULE, name)];
  },
};

/** The first and the last stage have so many layers less, as embedding and head count for them. */
const edges: Row = {
  settings: [FIRST_LESS, LAST_LESS],
  targets: ['workload.embeddingLayers', 'workload.headLayers'],
  read: (given) => ({
    'workload.embeddingLayers': given.whole(FIRST_LESS, 1),
    'workload.headLayers': given.whole(LAST_LESS, 1),
  }),
  write: ({ values }) => {
    if (values.number('workload.pp') === 1) return [];
    const stated = (['workload.firstStageLayers', 'workload.lastStageLayers'] as const).find(
      (name) => values.number(name) > 0,
    );
    if (stated !== undefined) {
      throw notExpressible(`${stated} ${values.number(stated)}`, FORMAT, `add --set ${stated}=even`);
    }
    return [
      written(FIRST_LESS, values.number('workload.embeddingLayers')),
      written(LAST_LESS, values.number('workload.headLayers')),
    ];
  },
};

/** A pipeline cuts the local batch into micro-batches; without one the local batch is one. */
const batches: Row = {
  settings: [LOCAL_BATCH, GLOBAL_BATCH, MICRO_BATCH, MICRO_BATCHES],
  targets: ['workload.microBatch', 'workload.batch'],
  read: (given) => {
    const local = given.count(LOCAL_BATCH, 8);
    const own = local * dataParallel(given);
    const global = (given.text(GLOBAL_BATCH) ?? '-1') === '-1' ? own : given.count(GLOBAL_BATCH, own);
    const pp = degree(given, PIPELINE);
    if (pp > 1 && global !== own) given.note('pipelines that are filled several times a step are priced as one');
    const pieces = given.count(MICRO_BATCHES);
    const each = pieces === undefined ? given.count(MICRO_BATCH, 1) : Math.max(Math.floor(local / pieces), 1);
    return { 'workload.microBatch': pp > 1 ? each : local, 'workload.batch': global };
  },
  write: ({ values, batch, microBatch }) => {
    const local = batch / values.number('workload.dp');
    if (!Number.isInteger(microBatch) || !Number.isInteger(local)) {
      throw notExpressible(`a local batch of ${local} sequences`, FORMAT, 'choose a batch that the replicas divide');
    }
    if (values.number('workload.pp') === 1) return [written(LOCAL_BATCH, microBatch), written(GLOBAL_BATCH, batch)];
    return [written(LOCAL_BATCH, local), written(GLOBAL_BATCH, batch), written(MICRO_BATCH, microBatch)];
  },
};

const MODE = 'activation_checkpoint.mode';
const OPTION = 'activation_checkpoint.selective_ac_option';
const BY_OPERATION = 'op';
/** Without an option the layers whose number this divides are checkpoints (torchtitan, job_config.py). */
const EVERY_LAYER = '1';
const MODES = { none: 'none', selective: 'selective', full: 'full', memory_budget: 'selective' } as const;

const recomputation: Row = {
  settings: [MODE, OPTION],
  targets: ['workload.recomputation', ...EACH_LAYER_TARGETS, ...MODULE_TARGETS],
  read: (given) => {
    const chosen = given.choice<string>(MODE, MODES, 'selective');
    const mode = chosen === 'selective' && given.text(OPTION) === EVERY_LAYER ? 'full' : chosen;
    const byOperation = given.text(MODE) !== 'memory_budget' && given.text(OPTION) === BY_OPERATION;
    // Of Llama 3 8B every second layer keeps 74 kB a token in the mean of the layers, every second product 57; they take 2 % apart.
    if (mode === 'selective' && !byOperation)
      given.note('checkpoints of some layers, or of a budget, are priced as those of every second product');
    const operations = { ...NO_MODULES, [OPERATIONS]: mode === 'selective' ? 'on' : 'off' };
    return { ...operations, ...EACH_LAYER, 'workload.recomputation': mode };
  },
  write: ({ values }) => {
    refuseModules(values, FORMAT, [OPERATIONS]);
    refuseSomeLayers(values, FORMAT);
    const mode = values.text('workload.recomputation');
    const byOperation = values.text(OPERATIONS) === 'on';
    if (mode === 'full' || (mode === 'none' && !byOperation)) return [written(MODE, mode)];
    if (mode === 'selective' && byOperation) return [written(MODE, mode), written(OPTION, BY_OPERATION)];
    const other = byOperation ? 'workload.recomputation=selective' : 'workload.recomputeOperations=on';
    throw notExpressible('recomputation of attention or of products alone', FORMAT, `add --set ${other}`);
  },
};

const ROTATIONS = { allgather: 'allGather', alltoall: 'ring' } as const;

const context: Row = {
  settings: [ROTATION],
  targets: ['workload.contextExchange'],
  read: (given) => ({ 'workload.contextExchange': given.choice<string>(ROTATION, ROTATIONS, 'allGather') }),
  write: ({ values }) => {
    if (values.number('workload.sp') === 1) return [];
    const exchange = values.text('workload.contextExchange');
    const name = Object.entries(ROTATIONS).find(([, meaning]) => meaning === exchange)?.[0];
    if (name !== undefined) return [written(ROTATION, name)];
    throw notExpressible(`contextExchange ${exchange}`, FORMAT, 'choose allGather or ring');
  },
};

/** Tensor parallelism splits the sequence, always. */
const sequence: Row = {
  settings: [],
  targets: ['workload.sequenceParallel'],
  read: () => ({ 'workload.sequenceParallel': 'on' }),
  write: ({ values }) => {
    if (values.number('workload.tp') === 1 || values.text('workload.sequenceParallel') === 'on') return [];
    throw notExpressible('tensor parallelism of whole sequences', FORMAT, 'add --set workload.sequenceParallel=on');
  },
};

const tensor: Row = {
  settings: [ASYNC, COMPILE],
  targets: ['workload.tensorOverlap'],
  read: (given) => {
    const overlaps = given.truth(ASYNC, false);
    return { 'workload.tensorOverlap': overlaps ? 'on' : 'off' };
  },
  write: ({ values }) => {
    if (values.number('workload.tp') === 1) return [];
    const overlaps = values.text('workload.tensorOverlap') === 'on';
    return [written(ASYNC, String(overlaps)), ...(overlaps ? [written(COMPILE, 'true')] : [])];
  },
};

const RESHARDING = { default: undefined, always: 'forward', never: 'backward' } as const;

/** By default weights stay gathered between the passes where there is a pipeline. */
const resharding: Row = {
  settings: [RESHARD],
  targets: ['workload.reshardAfter'],
  read: (given) => {
    const otherwise = degree(given, PIPELINE) > 1 ? 'backward' : 'forward';
    return { 'workload.reshardAfter': given.choice<string | undefined>(RESHARD, RESHARDING, undefined) ?? otherwise };
  },
  write: ({ values }) => {
    if (values.text('workload.weightSharding') !== 'zero3') return [];
    const after = values.text('workload.reshardAfter');
    if (after === 'step')
      throw notExpressible('weights that stay for the step', FORMAT, 'add --set workload.reshardAfter=backward');
    return [written(RESHARD, after === 'forward' ? 'always' : 'never')];
  },
};

const REDUCE = 'training.mixed_precision_reduce';

const gradients: Row = {
  settings: [REDUCE],
  targets: ['workload.gradientBytes'],
  read: (given) => ({ 'workload.gradientBytes': given.choice(REDUCE, { float32: 4, bfloat16: 2 }, 4) }),
  write: ({ values }) => {
    const dtype = { 4: 'float32', 2: 'bfloat16' }[values.number('workload.gradientBytes')];
    if (dtype !== undefined) return [written(REDUCE, dtype)];
    throw notExpressible('gradients of so few bytes on their way', FORMAT, 'add --set workload.gradientBytes=4');
  },
};

/** Converters of the model's linear layers, by their older and newer names. */
const EIGHT_BIT: readonly (readonly [RegExp, string])[] = [
  [/^(mx|quantize\.linear\.mx)$/, 'mxfp8'],
  [/^(float8|quantize\.linear\.float8)$/, 'fp8'],
];

/** Before there were converters. */
const FLOAT8 = 'float8.enable_float8_linear';

const precision: Row = {
  settings: [CONVERTERS, FLOAT8],
  targets: ['workload.precision'],
  read: (given) => {
    const converters = given.texts(CONVERTERS);
    const found = EIGHT_BIT.find(([pattern]) => converters.some((name) => pattern.test(name)));
    return { 'workload.precision': found?.[1] ?? (given.truth(FLOAT8, false) ? 'fp8' : 'bf16') };
  },
  write: (design) => {
    const format = design.values.text('workload.precision');
    if (format === 'bf16') return [];
    const name = { fp8: 'float8', mxfp8: 'mx' }[format];
    if (name !== undefined) return [written(CONVERTERS, name)];
    throw notExpressible(`products in ${format}`, FORMAT, 'add --set workload.precision=bf16');
  },
};

/** Kernels of PyTorch's scaled dot products, and the order of its meshes. */
const fixed: Row = {
  settings: [],
  targets: ['workload.attention', 'workload.axisOrder'],
  read: () => ({ 'workload.attention': 'fused', 'workload.axisOrder': 'tp-sp-ep-dp-pp' }),
  write: ({ values, axes }: TrainedDesign) => {
    if (values.text('workload.attention') !== 'fused') {
      throw notExpressible('unfused attention', FORMAT, 'add --set workload.attention=fused');
    }
    if (axes.join() === ['tp', 'sp', 'ep', 'dp', 'pp'].filter((axis) => axes.includes(axis)).join()) return [];
    throw notExpressible(`axes laid as ${axes.join('-')}`, FORMAT, 'add --set workload.axisOrder=tp-sp-ep-dp-pp');
  },
};

const model: Row = {
  settings: [NAME, FLAVOR],
  targets: [],
  read: () => ({}),
  write: ({ model: own }) => {
    const name = nameOfModel(MODELS, own);
    if (name !== undefined) return [written(NAME, name[0]!), written(FLAVOR, name[1]!)];
    throw notExpressible(
      `the model ${own.model}`,
      FORMAT,
      `choose one of ${MODELS.map(({ preset }) => preset).join(', ')}`,
    );
  },
};

const sequenceLength: Row = {
  settings: [SEQ_LEN],
  targets: ['model.seq'],
  read: (given) => ({ 'model.seq': given.count(SEQ_LEN, 2048) }),
  write: ({ model: own }) => [written(SEQ_LEN, own.seq)],
};

export const ROWS: readonly Row[] = [
  degreeRow(TENSOR, 'workload.tp'),
  degreeRow(CONTEXT, 'workload.sp'),
  degreeRow(PIPELINE, 'workload.pp'),
  replicas,
  experts,
  schedule,
  edges,
  context,
  sequence,
  tensor,
  resharding,
  fixed,
  batches,
  gradients,
  recomputation,
  precision,
];

export const MODEL_ROWS: readonly Row[] = [model, sequenceLength];
