/** torchtitan's settings (github.com/pytorch/torchtitan, torchtitan/config/job_config.py). */
import { notExpressible, type TrainedDesign } from '../../export/designValues.js';
import { keptTensorsRow } from '../keptTensors.js';
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
import { type Row, written } from '../row.js';
import { batches, degree, degreeRow, edges, experts, replicas, schedule } from './parallelRows.js';
import {
  ASYNC,
  COMPILE,
  CONTEXT,
  CONVERTERS,
  FLAVOR,
  FORMAT,
  MODELS,
  NAME,
  PIPELINE,
  RESHARD,
  ROTATION,
  SEQ_LEN,
  TENSOR,
} from './settings.js';

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

/** Of no flavor: DeepSeek-V3's has its 61 layers and no more (https://github.com/pytorch/torchtitan, torchtitan/models/deepseek_v3). */
const laterTokens: Row = {
  settings: [],
  targets: ['model.mtpLayers'],
  read: () => ({ 'model.mtpLayers': 0 }),
  write: ({ model: own }) => {
    if (own.mtpLayers === 0) return [];
    throw notExpressible('layers that predict a later token', FORMAT, 'add --set model.mtpLayers=0');
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
  keptTensorsRow(FORMAT),
  precision,
];

export const MODEL_ROWS: readonly Row[] = [laterTokens, model, sequenceLength];
