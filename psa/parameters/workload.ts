import { activations, statedLayers } from './activations.js';
import { axisOrders } from './axes.js';
import { buffers } from './buffers.js';
import { category, codes, degree, fraction, number, onOff, type ParameterRow, whole } from './row.js';

/** Bytes of what is kept of a parameter in training. */
const stateBytes = { ...number, min: 0, max: 8, neutral: { value: 4 }, unit: 'bytes' } as const;
const kernel = codes('fused', 'unfused');

const layersWorth = { ...number, min: 0, max: 1e4, neutral: { value: 0 }, unit: 'layers' } as const;

export const workload = {
  dp: { ...degree, slot: 0, description: 'data parallel degree' },
  tp: { ...degree, slot: 1, description: 'tensor parallel degree' },
  sp: { ...degree, slot: 2, description: 'sequence (context) parallel degree, also `cp`' },
  pp: { ...degree, slot: 3, description: 'pipeline parallel degree (stages)' },
  ep: {
    ...degree,
    slot: 4,
    neutral: { value: 1 },
    description: 'expert parallel degree; a factor of dp, or with etp of tp · sp · dp',
  },
  microBatch: {
    ...whole,
    slot: 5,
    min: 0,
    max: 2 ** 20,
    nameOfZero: 'all',
    neutral: { value: 1 },
    unit: 'sequences',
    description:
      'sequences per micro-batch and data-parallel rank; 0 (or `all`): the whole local batch in one, the default of inference',
  },
  batch: {
    ...whole,
    slot: 6,
    min: 0,
    max: 2 ** 20,
    nameOfZero: 'model',
    neutral: { value: 0 },
    unit: 'sequences',
    description: "global batch; 0: the model's own",
  },
  pipelineSchedule: {
    ...category(codes('gpipe', '1f1b', 'interleaved', 'zbH1', 'zbH2', 'zbV', 'dualPipe'), '1f1b'),
    slot: 7,
    description:
      'pipeline schedule; those from zbH1 on split the backward pass (zero bubble; zbH1 is ZB-1p, zbH2 ZB-2p by their memory)',
  },
  virtualStages: {
    ...whole,
    slot: 8,
    min: 1,
    max: 64,
    neutral: { value: 1 },
    unit: 'per NPU',
    description: 'model chunks per pipeline stage (interleaving); above 1 only with the interleaved schedule',
  },
  ...activations,
  sequenceParallel: {
    ...category(onOff, 'off'),
    slot: 10,
    description: 'norms and residuals split over the tensor-parallel group',
  },
  weightSharding: {
    ...category(codes('none', 'zero1', 'zero3', 'zero2'), 'none'),
    slot: 11,
    description:
      'what is sharded over the data-parallel group: optimiser state (zero1), gradients too (zero2), weights too (zero3)',
  },
  shardGroup: {
    ...whole,
    slot: 171,
    min: 0,
    max: 2 ** 20,
    nameOfZero: 'all',
    neutral: { value: 0 },
    unit: 'NPUs',
    description:
      'replicas (of sp · dp) that share one sharded copy of the state; other groups of as many hold the same (hybrid sharding); 0 (or `all`): all of them',
  },
  axisOrder: {
    ...category(axisOrders, 'tp-sp-ep-dp-pp'),
    slot: 12,
    changes: 'layout',
    description: 'order of the axes over the network dimensions, innermost first',
  },
  attention: {
    ...category(codes('unfused', 'fused'), 'fused'),
    slot: 13,
    description: 'attention kernel: scores in memory, or kept on chip',
  },
  gradientOverlap: {
    ...category(onOff, 'on'),
    slot: 14,
    description: 'gradients are reduced beside the backward pass, or after it',
  },
  gradientBytes: {
    ...whole,
    slot: 15,
    min: 1,
    max: 8,
    neutral: { value: 4 },
    unit: 'bytes',
    description: 'size of a gradient on its way between data-parallel ranks',
  },
  shardingOverlap: {
    ...number,
    slot: 16,
    min: 0,
    max: 1,
    neutral: { value: 1 },
    description: 'share of the traffic of sharded weights (ZeRO-3) that runs beside compute',
  },
  pipelineOverlap: {
    ...category(onOff, 'on'),
    slot: 17,
    description: 'sends between pipeline stages run beside compute, or stages wait for them',
  },
  contextExchange: {
    ...category(codes('allGather', 'allToAll', 'ring', 'twoLevel'), 'allGather'),
    slot: 87,
    description:
      'context parallelism: keys and values gathered, heads exchanged for the sequence (Ulysses), keys and values passed round a ring beside attention, or a ring of exchanges',
  },
  contextInner: {
    ...whole,
    slot: 88,
    min: 1,
    max: 2 ** 20,
    neutral: { value: 1 },
    unit: 'NPUs',
    description: 'ranks of an exchange of heads with `twoLevel`: a factor of sp; round the ring go the others',
  },
  contextBalance: {
    ...category(onOff, 'on'),
    slot: 89,
    description:
      'causal attention is shared evenly among context-parallel ranks, or the last has nearly twice the mean',
  },
  etp: {
    ...whole,
    slot: 132,
    min: 0,
    max: 2 ** 20,
    nameOfZero: 'tp',
    neutral: { value: 0 },
    unit: 'NPUs',
    description:
      'expert tensor parallel degree of experts that lie apart, etp × ep × replicas on the NPUs of tp × sp × dp; 0 (or `tp`): as tp, and ep is a factor of dp',
  },
  expertLoad: {
    ...number,
    slot: 133,
    min: 1,
    max: 1024,
    neutral: { value: 1 },
    description: 'tokens of the fullest rank of experts over the mean; 1: all have the same',
  },
  expertLoadSpread: {
    ...number,
    slot: 176,
    min: 0,
    max: 16,
    neutral: { value: 0 },
    description:
      'standard deviation of the tokens of the ranks of experts, as a share of their mean: in each layer all wait for the fullest of ep',
  },
  expertCapacity: {
    ...number,
    slot: 134,
    min: 0,
    max: 1024,
    nameOfZero: 'none',
    neutral: { value: 0 },
    description:
      'tokens that each expert takes over the mean: more are dropped, fewer filled up; 0 (or `none`): as many as come',
  },
  capacityDispatch: {
    ...category(codes('copies', 'masks'), 'copies'),
    slot: 216,
    description: 'how tokens get to the places of experts with a capacity: as copies, or by products with masks',
  },
  expertRoom: {
    ...category(codes('asNeeded', 'allRanks'), 'asNeeded'),
    slot: 217,
    description:
      'places for tokens of experts without a capacity, in memory and in copies and activations that pass over them: for as many as come, or for all that the ranks of ep could send',
  },
  expertDispatch: {
    ...category(codes('allToAll', 'byNode'), 'allToAll'),
    slot: 183,
    description:
      'a token travels once to each of its experts, or once to each node that has some of them and there once to each of their ranks (DeepEP, HybridEP)',
  },
  tensorOverlap: {
    ...category(onOff, 'on'),
    slot: 18,
    description: 'tensor-parallel reductions run beside weight gradients, or alone',
  },
  tensorPipelining: {
    ...fraction,
    min: 0,
    neutral: { value: 0 },
    slot: 173,
    description:
      'share of tensor-parallel gathers and reductions that travels in pieces beside the products that they feed, with tensorOverlap',
  },
  expertOverlap: {
    ...category(onOff, 'off'),
    slot: 170,
    description: 'tokens on their way to experts and back travel beside another micro-batch, or are waited for',
  },
  exchangeShare: {
    ...fraction,
    min: 0,
    neutral: { value: 0 },
    slot: 208,
    description: "share of an NPU's multiprocessors that those exchanges take from the compute that they travel beside",
  },
  reshardAfter: {
    ...category(codes('forward', 'backward', 'step'), 'forward'),
    slot: 90,
    description:
      'when gathered weights (zero3) are dropped: after each pass of a layer, after its backward pass (one gather of two is saved), or at the end of the step',
  },
  shardLayout: {
    ...category(codes('inPlace', 'flat', 'perParameter'), 'inPlace'),
    slot: 211,
    description:
      'where sharded weights (zero3) lie in training: products read and write what collectives do, gradients are joined to that of a ' +
      'flat parameter, or each gathered weight is copied out and each gradient copied in',
  },
  tensorLayout: {
    ...category(codes('sequenceOutermost', 'batchOutermost'), 'sequenceOutermost'),
    slot: 230,
    description:
      'what is outermost in memory of a micro-batch that tensor-parallel ranks gather and scatter with sequenceParallel: its sequence, or its ' +
      'batch, of which several sequences are copied to be joined',
  },
  gradientSync: {
    ...category(codes('microBatch', 'step'), 'microBatch'),
    slot: 91,
    description:
      'sharded gradients (zero2, zero3) are scattered of each micro-batch, or kept whole and scattered once a step',
  },
  prefetchLayers: {
    ...whole,
    slot: 92,
    min: 0,
    max: 64,
    neutral: { value: 1 },
    unit: 'layers',
    description: 'layers whose sharded weights (zero3) are gathered ahead; 0: each is gathered when its turn has come',
  },
  mainGradientBytes: {
    ...stateBytes,
    slot: 93,
    description: 'size of a gradient in memory, where micro-batches are summed',
  },
  masterWeightBytes: { ...stateBytes, slot: 94, description: "size of the optimiser's copy of a weight; 0: none" },
  weightShards: {
    ...category(codes('half', 'master'), 'half'),
    slot: 225,
    description:
      'what of sharded weights stays between gathers: shards in half precision beside those of the optimiser, or of these alone, which are rounded as they are gathered',
  },
  momentBytes: { ...stateBytes, slot: 95, description: "size of each of Adam's two moments" },
  optimizerKernel: { ...category(kernel, 'fused'), slot: 220, description: 'Adam is one kernel, or one an operation' },
  loss: {
    ...category(codes('inPlace', 'plain', 'gathered', 'fused', 'bySharding', 'half', 'chunked'), 'inPlace'),
    slot: 96,
    description:
      'bytes that a logit takes at the loss: one copy in single precision, 4; PyTorch, 14; that over the whole vocabulary on each ' +
      'rank, 22; in pieces, 2; by sharding: 14 with zero3, else 4; PyTorch without a copy in single precision, 8; of few tokens at a time, 0',
  },
  normKernel: {
    ...category(kernel, 'fused'),
    slot: 97,
    description:
      'norms are single kernels, or one for each operation, which keep copies of their input in single precision and of what they normalise',
  },
  softmaxKernel: {
    ...category(kernel, 'fused'),
    slot: 206,
    description: 'the softmax of unfused attention is one kernel over the scores, or one for each of its operations',
  },
  rotaryKernel: {
    ...category(codes('fused', 'unfused', 'operations'), 'fused'),
    slot: 98,
    description:
      'queries and keys are rotated in place, or kept twice (heads of latent attention are then joined anew), and by a kernel, or by one for each operation of the rotation',
  },
  activationKernel: {
    ...category(kernel, 'fused'),
    slot: 99,
    description: 'the gate of an MLP and its activation are one kernel, or the activated gate is kept too',
  },
  ...buffers,
  combineKernel: {
    ...category(kernel, 'fused'),
    slot: 100,
    description: "what experts return is weighted inside them, or kept for the gradient of the router's weights",
  },
  expertBiasKernel: {
    ...category(kernel, 'fused'),
    slot: 196,
    description:
      'experts with biases: their kernels add them and clamp their gates, or operations of their own do in single precision',
  },
  gradientAccumulation: {
    ...category(kernel, 'fused'),
    slot: 207,
    description:
      'gradients of a micro-batch are added to those before by the products that make them, or by operations of their own',
  },
  recomputationBlock: {
    ...whole,
    slot: 136,
    min: 1,
    max: 1024,
    neutral: { value: 1 },
    unit: 'layers',
    description:
      'with full recomputation: layers of which the first input alone is kept, and which are recomputed together',
  },
  firstStageLayers: {
    ...statedLayers,
    slot: 174,
    description:
      'layers of the first pipeline stage; the other stages share the rest, and embeddingLayers and headLayers do not count; 0 (or `even`): as the others',
  },
  lastStageLayers: { ...statedLayers, slot: 175, description: 'the same of the last pipeline stage' },
  embeddingLayers: {
    ...layersWorth,
    slot: 105,
    description: 'layers that the embedding counts for where they are shared out to stages',
  },
  headLayers: {
    ...layersWorth,
    slot: 106,
    description: 'layers that the head counts for where they are shared out to stages',
  },
  precision: {
    ...category(codes('bf16', 'fp8', 'fp8Delayed', 'fp8Block', 'mxfp8', 'int8', 'nvfp4'), 'bf16'),
    slot: 126,
    description:
      "number format of the layers' products: half precision, or quantised with scales of a whole tensor (`fp8Delayed`: those of the step before), or of blocks",
  },
  tensorGather: {
    ...category(codes('half', 'operands'), 'half'),
    slot: 192,
    description: 'what tensor-parallel ranks gather: values in half precision, or operands in that of the products',
  },
  attentionPrecision: {
    ...category(codes('bf16', 'fp8'), 'bf16'),
    slot: 127,
    description: 'number format of the products of fused attention',
  },
  interleaveGroup: {
    ...whole,
    slot: 135,
    min: 0,
    max: 2 ** 20,
    nameOfZero: 'stages',
    neutral: { value: 0 },
    unit: 'micro-batches',
    description:
      'micro-batches in a row on one model chunk of the interleaved schedule, at least pp; 0 (or `stages`): as many as stages',
  },
  cacheBytes: {
    ...number,
    slot: 138,
    min: 0.5,
    max: 4,
    neutral: { value: 2 },
    unit: 'bytes',
    description: 'size of a cached value of keys and values, or of a latent',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
