/**
 * What replicas hold in shards and when they make it whole: ZeRO (arXiv 1910.02054) and fully sharded data parallelism (PyTorch
 * FSDP, arXiv 2304.11277). And the sizes of what a parameter has.
 */
import { CODE, SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { COLLECTIVE } from '../workload/operation.js';

const SLOT_WEIGHT_SHARDING = SLOT.workload.weightSharding;
const SLOT_RESHARD_AFTER = SLOT.workload.reshardAfter;
const SLOT_SHARD_LAYOUT = SLOT.workload.shardLayout;
const SLOT_GRADIENT_SYNC = SLOT.workload.gradientSync;
const SLOT_PREFETCH_LAYERS = SLOT.workload.prefetchLayers;
const SLOT_GRADIENT_OVERLAP = SLOT.workload.gradientOverlap;
const SLOT_GRADIENT_BYTES = SLOT.workload.gradientBytes;
const SLOT_MAIN_GRADIENT_BYTES = SLOT.workload.mainGradientBytes;
const SLOT_GRADIENT_ACCUMULATION = SLOT.workload.gradientAccumulation;
const SLOT_MASTER_WEIGHT_BYTES = SLOT.workload.masterWeightBytes;
const SLOT_OPTIMIZER_KERNEL = SLOT.workload.optimizerKernel;
const SLOT_MOMENT_BYTES = SLOT.workload.momentBytes;

export const WEIGHT_SHARDING = {
  none: CODE.workload.weightSharding.none,
  zero1: CODE.workload.weightSharding.zero1,
  zero2: CODE.workload.weightSharding.zero2,
  zero3: CODE.workload.weightSharding.zero3,
} as const;
const RESHARD_AFTER = CODE.workload.reshardAfter;
const SHARD_LAYOUT = CODE.workload.shardLayout;
const SLOT_WEIGHT_SHARDS = SLOT.workload.weightShards;
const OF_MASTER = CODE.workload.weightShards.master;
const EACH_OPERATION = CODE.workload.optimizerKernel.unfused;
const SYNC_MICRO_BATCH = CODE.workload.gradientSync.microBatch;

/** Half-precision weights. */
export const WEIGHT_BYTES = 2;

export function weightSharding(s: State): number {
  return s.design[SLOT_WEIGHT_SHARDING]!;
}

/** Are weights sharded, so that they are gathered layer by layer? */
export function gathersWeights(s: State): boolean {
  return weightSharding(s) === WEIGHT_SHARDING.zero3;
}

/**
 * Bytes of the half-precision shard of a weight that is gathered: none where what the optimiser has is rounded on its way (PyTorch's FSDP:
 * param_dtype of MixedPrecisionPolicy, torch/distributed/fsdp/_fsdp_api.py; weight_dtype of MaxText).
 */
export function shardBytes(s: State): number {
  const rounded = s.design[SLOT_WEIGHT_SHARDS] === OF_MASTER && s.design[SLOT_MASTER_WEIGHT_BYTES]! > 0;
  return rounded ? 0 : WEIGHT_BYTES;
}

/** Does each forward pass gather them, or only the first of a step? */
export function gathersForward(s: State): boolean {
  return gathersWeights(s) && s.design[SLOT_RESHARD_AFTER] !== RESHARD_AFTER.step;
}

/** Does each backward pass gather them again? */
export function gathersBackward(s: State): boolean {
  return gathersWeights(s) && s.design[SLOT_RESHARD_AFTER] === RESHARD_AFTER.forward;
}

/** Are weights gathered beside the layer before, or when their own turn has come? */
export function prefetches(s: State): boolean {
  return s.design[SLOT_PREFETCH_LAYERS]! > 0;
}

/** Layers whose gathered weights are alive at once: the one that runs and those gathered ahead, or all that stay gathered. */
export function gatheredLayers(s: State, layers: number): number {
  return gathersBackward(s) ? Math.min(layers, 1 + s.design[SLOT_PREFETCH_LAYERS]!) : layers;
}

/** Do gradients that are sharded leave layer by layer, of each micro-batch (arXiv 1910.02054, 5.2)? */
export function scattersGradients(s: State): boolean {
  if (s.design[SLOT_GRADIENT_SYNC] !== SYNC_MICRO_BATCH) return false;
  return gathersWeights(s) || weightSharding(s) === WEIGHT_SHARDING.zero2;
}

/** Are gathered weights copied out of what their collective wrote, each to where its products read it? */
export function copiesWeights(s: State): boolean {
  return gathersWeights(s) && s.design[SLOT_SHARD_LAYOUT] === SHARD_LAYOUT.perParameter;
}

/** Are gradients copied to where their collective reads them? */
export function copiesGradients(s: State): boolean {
  return gathersWeights(s) && s.design[SLOT_SHARD_LAYOUT] !== SHARD_LAYOUT.inPlace;
}

/** Do replicas of whole weights, each of whose optimisers updates a shard, gather them at the end of a step? */
export function gathersUpdates(s: State): boolean {
  return !gathersWeights(s) && weightSharding(s) !== WEIGHT_SHARDING.none;
}

/** Bytes of a gradient on its way between the replicas. */
export function gradientBytes(s: State): number {
  return s.design[SLOT_GRADIENT_BYTES]!;
}

/** Bytes of a gradient in memory, summed over the micro-batches. */
export function mainGradientBytes(s: State): number {
  return s.design[SLOT_MAIN_GRADIENT_BYTES]!;
}

/** Do operations of their own add gradients to those of micro-batches before? Of shards that leave layer by layer there is little to add. */
export function addsGradients(s: State): boolean {
  return s.design[SLOT_GRADIENT_ACCUMULATION] === 1 && !scattersGradients(s);
}

/** Bytes of a parameter's optimiser state: a master copy of the weight and Adam's two moments. */
export function optimizerBytes(s: State): number {
  return s.design[SLOT_MASTER_WEIGHT_BYTES]! + 2 * s.design[SLOT_MOMENT_BYTES]!;
}

/** Bytes that Adam moves per parameter: its gradient, the state in and out, and the weight, read too where it is the master. */
export function optimizerTrafficBytes(s: State): number {
  const weightBytes = s.design[SLOT_MASTER_WEIGHT_BYTES]! > 0 ? WEIGHT_BYTES : 2 * WEIGHT_BYTES;
  return mainGradientBytes(s) + 2 * optimizerBytes(s) + weightBytes;
}

/**
 * Bytes per parameter that Adam moves besides where each operation is a kernel: the gradient once more; the first moment read again; of the second
 * two passes more, and a copy of it, its root, made and passed over four times (torch/optim/adam.py, _multi_tensor_adam).
 */
export function optimizerPassesBytes(s: State): number {
  return s.design[SLOT_OPTIMIZER_KERNEL] === EACH_OPERATION
    ? mainGradientBytes(s) + 10 * s.design[SLOT_MOMENT_BYTES]!
    : 0;
}

/** Gradients that are scattered always leave layer by layer; others wait for the end where the framework does not overlap them. */
export function overlapsGradients(s: State): boolean {
  return s.design[SLOT_GRADIENT_OVERLAP] === 1 || scattersGradients(s);
}

/** The collective that makes gradients whole: each rank keeps all of them, or its shard. */
export function gradientCollective(s: State): number {
  return weightSharding(s) === WEIGHT_SHARDING.none ? COLLECTIVE.allReduce : COLLECTIVE.reduceScatter;
}
