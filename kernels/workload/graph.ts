/** What a design makes of an op graph: micro-batches, scales of the rows, and whether the degrees divide the model. */
import { CODE, SLOT } from '../../psa/parameters.js';
import {
  CONTEXT_EXCHANGE,
  contextInner,
  contextRing,
  dispatchesByNode,
  expertShardRanks,
  expertsApart,
  expertTensorRanks,
  stageNpus,
} from '../network/network.js';
import { STATUS } from '../outputs.js';
import { largestOf } from '../random/largest.js';
import {
  addsGradients,
  copiesGradients,
  copiesWeights,
  gathersBackward,
  gathersForward,
  gradientBytes,
  mainGradientBytes,
  scattersGradients,
} from '../schedule/sharding.js';
import type { State } from '../state.js';
import { GRAPH_INTEGER, GRAPH_REAL, PHASE } from './header.js';
import { FLAG, KEPT_TENSORS, SCALE } from './operation.js';
import { checkPrecision, OPERAND_BYTES } from './precision.js';
import { elementwiseEfficiency, UNFUSED_EFFICIENCY } from './rates.js';
import { RECOMPUTED_MODULES } from './recomputation.js';
import { readTensorCopies } from './sequenceLayout.js';

const SLOT_CACHE_BYTES = SLOT.workload.cacheBytes;
const SLOT_LOSS = SLOT.workload.loss;
const SLOT_LOSS_EFFICIENCY = SLOT.compute.lossEfficiency;
const SLOT_NORM_KERNEL = SLOT.workload.normKernel;
const SLOT_SOFTMAX_KERNEL = SLOT.workload.softmaxKernel;
const SLOT_TP = SLOT.workload.tp;
const SLOT_SP = SLOT.workload.sp;
const SLOT_EP = SLOT.workload.ep;
const SLOT_DP = SLOT.workload.dp;
const SLOT_PP = SLOT.workload.pp;
const SLOT_VIRTUAL_STAGES = SLOT.workload.virtualStages;
const SLOT_BATCH = SLOT.workload.batch;
const SLOT_MICRO_BATCH = SLOT.workload.microBatch;
const SLOT_RECOMPUTATION = SLOT.workload.recomputation;
const SLOT_RECOMPUTE_FUSED_CORE = SLOT.workload.recomputeFusedCore;
const SLOT_RECOMPUTATION_END = SLOT.workload.recomputationEnd;
const SLOT_RECOMPUTATION_BLOCK = SLOT.workload.recomputationBlock;
const SLOT_TENSOR_GATHER = SLOT.workload.tensorGather;
const SLOT_PRECISION = SLOT.workload.precision;
const SLOT_SEQUENCE_PARALLEL = SLOT.workload.sequenceParallel;
const SLOT_ATTENTION = SLOT.workload.attention;
const SLOT_CONTEXT_EXCHANGE = SLOT.workload.contextExchange;
const SLOT_CONTEXT_INNER = SLOT.workload.contextInner;
const SLOT_EXPERT_LOAD = SLOT.workload.expertLoad;
const SLOT_EXPERT_ROOM = SLOT.workload.expertRoom;
const SLOT_EXPERT_LOAD_SPREAD = SLOT.workload.expertLoadSpread;
const SLOT_EXPERT_CAPACITY = SLOT.workload.expertCapacity;
const SLOT_CAPACITY_DISPATCH = SLOT.workload.capacityDispatch;
const BY_MASKS = CODE.workload.capacityDispatch.masks;
const SLOT_ROTARY_KERNEL = SLOT.workload.rotaryKernel;
const ROTARY_IN_PLACE = CODE.workload.rotaryKernel.fused;
const ROTARY_OPERATIONS = CODE.workload.rotaryKernel.operations;
const SLOT_EXPERT_BIAS_KERNEL = SLOT.workload.expertBiasKernel;
const SLOT_CONTEXT_BALANCE = SLOT.workload.contextBalance;
const SLOT_EMBEDDING_LAYERS = SLOT.workload.embeddingLayers;
const SLOT_HEAD_LAYERS = SLOT.workload.headLayers;
const FUSED = CODE.workload.attention.fused;
const NEEDED = CODE.workload.recomputationEnd.needed;
const OPERANDS = CODE.workload.tensorGather.operands;
const BIAS_APART = CODE.workload.expertBiasKernel.unfused;
/** Of all switches. */
const ON = CODE.workload.sequenceParallel.on;

export const RECOMPUTATION = {
  none: CODE.workload.recomputation.none,
  selective: CODE.workload.recomputation.selective,
  full: CODE.workload.recomputation.full,
} as const;
export const PIPELINE_SCHEDULE = {
  gpipe: CODE.workload.pipelineSchedule.gpipe,
  oneForwardOneBackward: CODE.workload.pipelineSchedule['1f1b'],
  interleaved: CODE.workload.pipelineSchedule.interleaved,
  zbH1: CODE.workload.pipelineSchedule.zbH1,
  zbH2: CODE.workload.pipelineSchedule.zbH2,
  zbV: CODE.workload.pipelineSchedule.zbV,
  dualPipe: CODE.workload.pipelineSchedule.dualPipe,
} as const;

export function graphInteger(s: State, place: number): number {
  return s.header.integer[place]!;
}

export function graphReal(s: State, place: number): number {
  return s.header.real[place]!;
}

/** Sequences of a step: the design's, or the model's own. */
export function globalBatch(s: State): number {
  const batch = s.design[SLOT_BATCH]!;
  return batch > 0 ? batch : graphInteger(s, GRAPH_INTEGER.BATCH);
}

/** Sets micro-batch (sequences per data-parallel rank) and their number. */
function splitBatch(s: State): void {
  const batch = globalBatch(s);
  const dp = s.design[SLOT_DP]!;
  const local = Math.max(Math.floor(batch / dp), 1);
  const wanted = s.design[SLOT_MICRO_BATCH]!;
  s.microBatch = wanted > 0 ? wanted : local;
  s.microBatches = Math.max(Math.floor(local / s.microBatch), 1);
  // Products of two, which 32 bits hold: of three they would not.
  if (s.microBatch * s.microBatches !== local || local * dp !== batch) s.status |= STATUS.BATCH;
}

/** Ranks of sp that exchange heads; 1 where keys and values are gathered, and in decode. */
function headRanks(s: State): number {
  return (s.flags & FLAG.exchangeHeads) !== 0 ? contextInner(s) : 1;
}

/** Ranks of two levels are whole groups, and an exchange of heads leaves each rank whole ones. */
function checkContext(s: State): void {
  const sp = s.design[SLOT_SP]!;
  const twoLevel = s.design[SLOT_CONTEXT_EXCHANGE] === CONTEXT_EXCHANGE.twoLevel;
  if (twoLevel && sp % s.design[SLOT_CONTEXT_INNER]! !== 0) s.status |= STATUS.SEQUENCE;
  const heads = graphInteger(s, GRAPH_INTEGER.HEADS);
  const tp = s.design[SLOT_TP]!;
  // Whole numbers of 32 bits hold no product of three degrees.
  if (heads % tp !== 0 || Math.floor(heads / tp) % headRanks(s) !== 0) s.status |= STATUS.HEADS;
  if (!statesFit(s)) s.status |= STATUS.HEADS;
}

/** Have ranks whole heads of state-space layers, and those of tp whole groups of them? Without such layers there are 0. */
function statesFit(s: State): boolean {
  const heads = graphInteger(s, GRAPH_INTEGER.STATE_HEADS);
  if (heads === 0) return true;
  const tp = s.design[SLOT_TP]!;
  const groups = graphInteger(s, GRAPH_INTEGER.STATE_GROUPS);
  return groups % tp === 0 && Math.floor(heads / tp) % s.design[SLOT_SP]! === 0;
}

/**
 * Have experts whole replicas: on the data-parallel ranks or, apart, on those of a stage? A decoded token, which sp does not split,
 * has no experts apart on those ranks.
 */
function expertsFit(s: State): boolean {
  const ep = s.design[SLOT_EP]!;
  if (!expertsApart(s)) return s.design[SLOT_DP]! % ep === 0;
  const etp = expertTensorRanks(s);
  const decode = graphInteger(s, GRAPH_INTEGER.PHASE) === PHASE.decode;
  if (decode && s.design[SLOT_SP]! > 1) return false;
  return stageNpus(s) % etp === 0 && Math.floor(stageNpus(s) / etp) % ep === 0;
}

function checkDegrees(s: State): void {
  const sp = s.design[SLOT_SP]!;
  const ep = s.design[SLOT_EP]!;
  const pp = s.design[SLOT_PP]!;
  const virtualStages = s.design[SLOT_VIRTUAL_STAGES]!;
  // Megatron-LM's get_num_layers_to_build: a chunk may hold the embedding or the head alone where they count for a layer.
  const shared = graphInteger(s, GRAPH_INTEGER.LAYERS) + s.design[SLOT_EMBEDDING_LAYERS]! + s.design[SLOT_HEAD_LAYERS]!;
  if (pp * virtualStages > shared) s.status |= STATUS.LAYERS;
  if (graphInteger(s, GRAPH_INTEGER.EXPERTS) % ep !== 0 || !expertsFit(s)) s.status |= STATUS.EXPERTS;
  if (graphInteger(s, GRAPH_INTEGER.PHASE) !== PHASE.decode && graphInteger(s, GRAPH_INTEGER.SEQ) % sp !== 0) {
    s.status |= STATUS.SEQUENCE;
  }
  checkContext(s);
}

/** Where a design says so, and what it sets. */
const MODULE_SLOTS = Uint32Array.from(RECOMPUTED_MODULES, (module) => SLOT.workload[module]);
const MODULE_FLAGS = Uint32Array.from(RECOMPUTED_MODULES, (module) => FLAG[module]);

/** The modules of a layer that are recomputed by themselves, and the core of attention. */
function readModules(s: State, core: boolean): void {
  if (core) s.flags |= FLAG.recomputeCore;
  for (let module = 0; module < MODULE_SLOTS.length; module++) {
    if (s.design[MODULE_SLOTS[module]!] === ON) s.flags |= MODULE_FLAGS[module]!;
  }
}

const TENSOR_SLOTS = Uint32Array.from(KEPT_TENSORS, (tensor) => SLOT.workload[tensor]);
const TENSOR_FLAGS = Uint32Array.from(KEPT_TENSORS, (tensor) => FLAG[tensor]);
const ANY_TENSOR = TENSOR_FLAGS.reduce((bits, flag) => bits | flag, 0);

/** The tensors of a layer that is recomputed whole that are kept all the same. */
function readTensors(s: State): void {
  for (let tensor = 0; tensor < TENSOR_SLOTS.length; tensor++) {
    if (s.design[TENSOR_SLOTS[tensor]!] !== 0) s.flags |= TENSOR_FLAGS[tensor]!;
  }
}

/** Are there any? */
export function keepsTensors(s: State): boolean {
  return (s.flags & ANY_TENSOR) !== 0;
}

function readFlags(s: State): void {
  const decode = graphInteger(s, GRAPH_INTEGER.PHASE) === PHASE.decode;
  const fused = s.design[SLOT_ATTENTION] === FUSED;
  const recomputation = s.design[SLOT_RECOMPUTATION]!;
  s.flags = 0;
  if (s.design[SLOT_SEQUENCE_PARALLEL] === ON && !decode) s.flags |= FLAG.sequenceParallel;
  if (fused) s.flags |= FLAG.fusedAttention;
  const whole = recomputation === RECOMPUTATION.full;
  // A block of layers is run again to its end, which the one behind it looks at.
  if (s.design[SLOT_RECOMPUTATION_END] === NEEDED && (!whole || s.design[SLOT_RECOMPUTATION_BLOCK] === 1)) {
    s.flags |= FLAG.earlyEnd;
  }
  if (whole) {
    s.flags |= FLAG.recomputeAll;
    readTensors(s);
  } else {
    const core = !fused || s.design[SLOT_RECOMPUTE_FUSED_CORE] === ON;
    readModules(s, core && recomputation === RECOMPUTATION.selective);
  }
  const exchange = s.design[SLOT_CONTEXT_EXCHANGE]!;
  const exchangesHeads = exchange === CONTEXT_EXCHANGE.allToAll || exchange === CONTEXT_EXCHANGE.twoLevel;
  if (exchangesHeads && !decode) s.flags |= FLAG.exchangeHeads;
  if (contextRing(s) > 1) s.flags |= FLAG.contextRing;
  if (expertsApart(s)) s.flags |= FLAG.expertsApart;
  if (s.design[SLOT_EP]! > 1) s.flags |= FLAG.expertsSpread;
  if (dispatchesByNode(s)) s.flags |= FLAG.expertsByNode;
  else if (dispatchesByMasks(s)) s.flags |= FLAG.dispatchMasks;
  if (s.design[SLOT_EXPERT_BIAS_KERNEL] === BIAS_APART) s.flags |= FLAG.expertBiasApart;
  if (addsGradients(s)) s.flags |= FLAG.gradientsAdded;
  if (copiesWeights(s)) s.flags |= gathersBackward(s) ? FLAG.weightsCopied : FLAG.weightsCopied | FLAG.weightsStay;
  if (copiesGradients(s)) s.flags |= FLAG.gradientsCopied;
  if (s.design[SLOT_ROTARY_KERNEL] === ROTARY_OPERATIONS) s.flags |= FLAG.rotaryApart;
  if (s.design[SLOT_ROTARY_KERNEL] !== ROTARY_IN_PLACE) s.flags |= FLAG.rotaryCopied;
}

/**
 * How much more causal attention the last rank has than the mean, where each has a piece of the sequence in one: 2 − 1/n of n.
 * Gathered, that is so of all of sp, and round a ring of those that it is made of; ranks that exchange heads see all tokens.
 */
function contextImbalance(s: State): number {
  const even = s.design[SLOT_CONTEXT_BALANCE] === ON || graphInteger(s, GRAPH_INTEGER.CAUSAL) === 0;
  if (even) return 1;
  return 2 - 1 / ((s.flags & FLAG.exchangeHeads) !== 0 ? contextRing(s) : s.design[SLOT_SP]!);
}

/** Tokens of the fullest of the ranks of experts that routing draws, over those of the fullest that it aims at. */
function drawnLoad(s: State): number {
  const spread = s.design[SLOT_EXPERT_LOAD_SPREAD]!;
  return spread > 0 ? 1 + spread * largestOf(s.design[SLOT_EP]!) : 1;
}

/** Tokens of the fullest rank of experts over the mean; with a capacity buffers have one size (GShard, arXiv 2006.16668, 2.2). */
function fullestExperts(s: State): number {
  const capacity = s.design[SLOT_EXPERT_CAPACITY]!;
  return capacity > 0 ? capacity : s.design[SLOT_EXPERT_LOAD]! * drawnLoad(s);
}

/**
 * Places for tokens at a rank of experts over those that come in the mean: of what all ranks could send, where programs have no other
 * sizes than those known before a step (MaxText, layers/moe.py), min(ep, E/k).
 */
export function expertPlaces(s: State): number {
  const asNeeded = s.design[SLOT_EXPERT_ROOM] === 0 || s.design[SLOT_EXPERT_CAPACITY]! > 0;
  return asNeeded ? 1 : Math.min(s.design[SLOT_EP]!, graphReal(s, GRAPH_REAL.MOST_ROUTED));
}

/** Do experts have places that tokens get to by products with masks? */
function dispatchesByMasks(s: State): boolean {
  const masked = s.design[SLOT_CAPACITY_DISPATCH] === BY_MASKS && s.design[SLOT_EXPERT_CAPACITY]! > 0;
  return masked && graphInteger(s, GRAPH_INTEGER.PHASE) === PHASE.training;
}

/** Of a token's copies for its experts, how many a rank of experts receives: by node one for all of its experts. */
function receivedShare(s: State): number {
  return dispatchesByNode(s) ? (s.routedShare.get(s.design[SLOT_EP]!) ?? 1) : 1;
}

/** Bytes of what tensor-parallel ranks gather, relative to half precision. */
function gatheredShare(s: State): number {
  return s.design[SLOT_TENSOR_GATHER] === OPERANDS ? OPERAND_BYTES[s.design[SLOT_PRECISION]!]! / 2 : 1;
}

/** Time of the traffic of the loss and of long copies, relative to that of other kernels. */
function longTraffic(s: State): number {
  const efficiency = s.design[SLOT_LOSS_EFFICIENCY]!;
  return efficiency > 0 ? elementwiseEfficiency(s) / efficiency : 1;
}

/**
 * Bytes that PyTorch's cross_entropy moves of a logit in half precision over those that rows count: the logarithm of the softmax is made of
 * it, 4; that logarithm's gradient, 2; and the logit's own of both, 6.
 */
export const HALF_LOSS_TRAFFIC = 12 / 38;

/** What the loss moves relative to a loss in single precision. */
function lossTraffic(s: State): number {
  return s.design[SLOT_LOSS] === CODE.workload.loss.half ? HALF_LOSS_TRAFFIC : 1;
}

/** How often a micro-batch does what each of them does, or one of a step for all. */
function oftenOf(s: State, each: boolean): number {
  return each ? 1 : 1 / s.microBatches;
}

/**
 * Bytes that kernels of a norm move, one for each operation of its formula, over those of a fused one: eager PyTorch's RMS norm in single
 * precision converts, squares, averages, scales, converts and multiplies, 36 bytes a value for 4, and its gradients 92 for 8.
 */
export const NORM_TRAFFIC = 10.7;

/** The same of a softmax: masked, converted, normalised and converted back, 54 bytes a score in both passes for 10. */
export const SOFTMAX_TRAFFIC = 5.4;

/** Time of the traffic of kernels for one operation each, relative to that of other kernels. */
function singleTraffic(s: State): number {
  return elementwiseEfficiency(s) / UNFUSED_EFFICIENCY;
}

/** Time of the traffic of rotations that are not in place, relative to that of other kernels; 0 where they are. */
function rotatedTraffic(s: State): number {
  return (s.flags & FLAG.rotaryCopied) !== 0 ? singleTraffic(s) : 0;
}

/** Time of the traffic of kernels that may be unfused, relative to that of fused ones. */
function unfusedTraffic(s: State, unfused: number, traffic: number): number {
  return unfused === 0 ? 1 : Math.max(traffic * singleTraffic(s), 1);
}

/** Reads micro-batches and flags of the design, and what is wrong with its degrees. */
export function readDegrees(s: State): void {
  splitBatch(s);
  readFlags(s);
  checkDegrees(s);
  checkPrecision(s);
}

/** Reads the design for the graph: micro-batches, flags and the scales of all terms. */
export function readGraph(s: State): void {
  readDegrees(s);
  const b = s.microBatch;
  const tp = s.design[SLOT_TP]!;
  const sp = s.design[SLOT_SP]!;
  const ep = s.design[SLOT_EP]!;
  const spTokens = graphInteger(s, GRAPH_INTEGER.PHASE) === PHASE.decode ? 1 : sp;
  const tpTokens = (s.flags & FLAG.sequenceParallel) !== 0 ? tp : 1;
  const tpKv = Math.min(tp, graphInteger(s, GRAPH_INTEGER.KV_HEADS));
  s.scales[SCALE.one] = 1;
  s.scales[SCALE.tokens] = b / spTokens;
  s.scales[SCALE.tokensGathered] = s.scales[SCALE.tokens]! * gatheredShare(s);
  s.scales[SCALE.tokensTp] = b / (spTokens * tp);
  readTensorCopies(s);
  s.scales[SCALE.tokensLoss] = s.scales[SCALE.tokensTp]! * longTraffic(s) * lossTraffic(s);
  s.scales[SCALE.tokensSeq] = b / (spTokens * tpTokens);
  s.scales[SCALE.tokensNorm] =
    s.scales[SCALE.tokensSeq]! * unfusedTraffic(s, s.design[SLOT_NORM_KERNEL]!, NORM_TRAFFIC);
  s.scales[SCALE.tokensSoftmax] =
    s.scales[SCALE.tokensTp]! * unfusedTraffic(s, s.design[SLOT_SOFTMAX_KERNEL]!, SOFTMAX_TRAFFIC);
  s.scales[SCALE.tokensKv] = b / (spTokens * tpKv);
  s.scales[SCALE.tokensRotated] = s.scales[SCALE.tokensTp]! * rotatedTraffic(s);
  s.scales[SCALE.tokensKvRotated] = s.scales[SCALE.tokensKv]! * rotatedTraffic(s);
  const headsRanks = headRanks(s);
  s.scales[SCALE.kv] = b / Math.min(tp * headsRanks, graphInteger(s, GRAPH_INTEGER.KV_HEADS));
  s.scales[SCALE.kvExchanged] = (s.scales[SCALE.kv]! * headsRanks) / spTokens;
  const ring = contextRing(s);
  s.scales[SCALE.tokensRing] = (s.scales[SCALE.tokensTp]! * contextImbalance(s)) / ring;
  s.scales[SCALE.tokensPassed] = s.scales[SCALE.tokensRing]! * (ring - 1);
  // Rows count 2 bytes a cached value.
  const cached = (b * s.design[SLOT_CACHE_BYTES]!) / 2;
  s.scales[SCALE.cache] = cached / (sp * Math.min(tp, graphInteger(s, GRAPH_INTEGER.CACHE_HEADS)));
  s.scales[SCALE.context] = b / (sp * tp);
  s.scales[SCALE.weight] = 1 / tp;
  s.scales[SCALE.weightKv] = 1 / tpKv;
  const etp = expertTensorRanks(s);
  const load = fullestExperts(s);
  const apart = expertsApart(s);
  s.scales[SCALE.tokensRouted] = load * s.scales[apart ? SCALE.tokensTp : SCALE.tokensSeq]!;
  const places = Math.max(expertPlaces(s) / load, 1);
  s.scales[SCALE.tokensPlaced] = s.scales[SCALE.tokensRouted]! * places;
  s.scales[SCALE.tokensReceived] = s.scales[SCALE.tokensPlaced]! * receivedShare(s);
  s.scales[SCALE.tokensExpert] = load * (apart ? s.scales[SCALE.tokensTp]! * etp : s.scales[SCALE.tokens]!);
  s.scales[SCALE.tokensExpertTp] = load * s.scales[SCALE.tokensTp]!;
  s.scales[SCALE.placesExpertTp] = places * s.scales[SCALE.tokensExpertTp]!;
  s.scales[SCALE.weightExpert] = 1 / (etp * ep);
  // The tokens of all ranks that share an expert reach it (expected number, tokens spread evenly).
  const unreached = Math.exp((b / spTokens) * ep * (etp / tp) * graphReal(s, GRAPH_REAL.UNREACHED_LOG));
  s.scales[SCALE.weightReached] = (1 - unreached) / (etp * ep);
  const summed = 1 + mainGradientBytes(s);
  s.scales[SCALE.weightSummed] = summed * s.scales[SCALE.weight]!;
  s.scales[SCALE.weightKvSummed] = summed * s.scales[SCALE.weightKv]!;
  s.scales[SCALE.weightExpertSummed] = summed * s.scales[SCALE.weightExpert]!;
  const copied = longTraffic(s) * oftenOf(s, gathersForward(s));
  // Experts that one rank has for itself are not sharded any further.
  const sharded = expertShardRanks(s) > 1 ? s.scales[SCALE.weightExpert]! : 0;
  s.scales[SCALE.weightCopied] = copied * s.scales[SCALE.weight]!;
  s.scales[SCALE.weightKvCopied] = copied * s.scales[SCALE.weightKv]!;
  s.scales[SCALE.weightExpertCopied] = copied * sharded;
  const left = (1 + gradientBytes(s) / 2) * longTraffic(s) * oftenOf(s, scattersGradients(s));
  s.scales[SCALE.gradientCopied] = left * s.scales[SCALE.weight]!;
  s.scales[SCALE.gradientKvCopied] = left * s.scales[SCALE.weightKv]!;
  s.scales[SCALE.gradientExpertCopied] = left * sharded;
}
