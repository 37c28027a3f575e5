/**
 * What a framework holds beyond what the op graph keeps: copies that unfused kernels make, the loss, buffers. Twin of
 * framework.wgsl.
 */
import { CODE, SLOT } from '../../psa/parameters.js';
import { edgeM, layerDenseM, layerExpertM } from '../schedule/layer.js';
import {
  copiesGradients,
  gathersWeights,
  gradientBytes,
  scattersGradients,
  WEIGHT_BYTES,
} from '../schedule/sharding.js';
import type { State } from '../state.js';
import { expertPlaces, graphInteger, graphReal } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/header.js';
import { FLAG, GROUP, SCALE } from '../workload/operation.js';

const SLOT_EP = SLOT.workload.ep;
const SLOT_TP = SLOT.workload.tp;
const SLOT_LOSS = SLOT.workload.loss;
const SLOT_NORM_KERNEL = SLOT.workload.normKernel;
const SLOT_ROTARY_KERNEL = SLOT.workload.rotaryKernel;
const SLOT_ACTIVATION_KERNEL = SLOT.workload.activationKernel;
const SLOT_COMBINE_KERNEL = SLOT.workload.combineKernel;
const SLOT_STAGE_OUTPUTS = SLOT.workload.stageOutputs;
const SLOT_BUCKET_BYTES = SLOT.workload.bucketBytes;
const SLOT_REDUCTION_BUFFER_GB = SLOT.workload.reductionBufferGB;
const SLOT_WEIGHT_GRADIENT_BUFFERS = SLOT.workload.weightGradientBuffers;
const SLOT_GATHER_BUFFERS = SLOT.workload.gatherBuffers;
const SLOT_WORKSPACE_GB = SLOT.compute.workspaceGB;

const LOSS = CODE.workload.loss;

/**
 * Bytes a logit. In place: the one in single precision that the op graph keeps (Megatron-LM's vocabulary-parallel loss). Plain:
 * half-precision logits 2, their single-precision copy 4, its logarithm of the softmax 4, the gradient 4, as PyTorch's
 * cross_entropy has them. Gathered: of all of the vocabulary, and copies 8 more: the parts and what they are joined to, and so
 * their gradients. In pieces: half-precision gradients alone (arXiv 2410.10989, 3.2). Half: logits, the logarithm of their softmax and
 * the gradients of both, as cross_entropy has them of logits in half precision. Chunked: of a few hundred tokens at a time, from the head's
 * product to its gradient, so that of all logits none stays (huggingface/trl, pull request 5575).
 */
export const LOSS_BYTES = { inPlace: 4, plain: 14, gathered: 22, fused: 2, half: 8, chunked: 0 } as const;

/** Bytes that the loss takes beyond those of the op graph, MB. */
export function lossExtraMB(s: State): number {
  let loss = s.design[SLOT_LOSS]!;
  if (loss === LOSS.inPlace) return 0;
  if (loss === LOSS.bySharding) loss = gathersWeights(s) ? LOSS.plain : LOSS.inPlace;
  const logitsM = graphReal(s, GRAPH_REAL.LOGITS_M);
  const ownM = logitsM * s.scales[SCALE.tokensTp]!;
  if (loss === LOSS.plain || (loss === LOSS.gathered && s.design[SLOT_TP] === 1)) {
    return (LOSS_BYTES.plain - LOSS_BYTES.inPlace) * ownM;
  }
  if (loss === LOSS.gathered) {
    return LOSS_BYTES.gathered * logitsM * s.scales[SCALE.tokens]! - LOSS_BYTES.inPlace * ownM;
  }
  if (loss === LOSS.half) return (LOSS_BYTES.half - LOSS_BYTES.inPlace) * ownM;
  if (loss === LOSS.chunked) return (LOSS_BYTES.chunked - LOSS_BYTES.inPlace) * ownM;
  return loss === LOSS.fused ? (LOSS_BYTES.fused - LOSS_BYTES.inPlace) * ownM : 0;
}

/**
 * Does the loss fragment memory? Its tensors are few, far larger than all else and the same each step, so that blocks of their own
 * serve them (PyTorch's caching allocator); parts and what they are joined to are not of one size.
 */
export function joinsLogits(s: State): boolean {
  return s.design[SLOT_LOSS] === LOSS.gathered;
}

/** What unfused kernels of a layer keep of a micro-batch beyond the op graph, MB. */
export function unfusedMB(s: State): number {
  const norms = s.design[SLOT_NORM_KERNEL]!;
  const rotary = Math.min(s.design[SLOT_ROTARY_KERNEL]!, 1);
  const activation = s.design[SLOT_ACTIVATION_KERNEL]!;
  const combine = (s.flags & FLAG.recomputeExperts) === 0 ? s.design[SLOT_COMBINE_KERNEL]! : 0;
  if (norms + rotary + activation + combine === 0) return 0;
  return (
    norms * graphReal(s, GRAPH_REAL.NORM_COPIES_MB) * s.scales[SCALE.tokensSeq]! +
    rotary * graphReal(s, GRAPH_REAL.ROTARY_COPIES_MB) * s.scales[SCALE.tokensTp]! +
    activation * graphReal(s, GRAPH_REAL.ACTIVATION_COPIES_MB) * s.scales[SCALE.tokensTp]! +
    combine * graphReal(s, GRAPH_REAL.ROUTED_MB) * s.scales[SCALE.tokensSeq]!
  );
}

/** What places of a layer that stay empty in the mean keep of a micro-batch, MB. */
export function emptyPlacesMB(s: State): number {
  const empty = expertPlaces(s) - 1;
  if (empty === 0 || (s.flags & FLAG.recomputeExperts) !== 0) return 0;
  return empty * graphReal(s, GRAPH_REAL.ROUTED_KEPT_MB) * s.scales[SCALE.tokensSeq]!;
}

/** Gradients of what experts return in as many places, as they come and sorted by expert, MB. */
export function placedGradientsMB(s: State): number {
  const places = expertPlaces(s);
  return places > 1 ? 2 * places * graphReal(s, GRAPH_REAL.ROUTED_MB) * s.scales[SCALE.tokensSeq]! : 0;
}

/** What a stage has sent on and keeps of a micro-batch, MB (DeepSpeed's pipeline engine, pipe_buffers). */
export function sentMB(s: State, isLast: boolean): number {
  if (s.design[SLOT_STAGE_OUTPUTS] === 0 || isLast) return 0;
  return graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokensSeq]!;
}

/** Buckets and buffers that gradients of so many parameters (millions) are reduced in, MB. */
export function bucketsMB(s: State, wholeM: number): number {
  if (s.groupSize[GROUP.data]! * s.groupSize[GROUP.outerData]! === 1) return 0;
  return s.design[SLOT_BUCKET_BYTES]! * wholeM + 1000 * s.design[SLOT_REDUCTION_BUFFER_GB]!;
}

/**
 * Gradients of a layer that is on its way to its shards, MB: whole, as its backward pass made them, and beside them what they are copied to
 * for their collective (foreach_reduce of PyTorch's fully_shard, and its FlatParameter).
 */
export function unshardedGradientsMB(s: State): number {
  const leave =
    copiesGradients(s) && scattersGradients(s) && s.groupSize[GROUP.data]! * s.groupSize[GROUP.outerData]! > 1;
  return leave ? (WEIGHT_BYTES + gradientBytes(s)) * (layerDenseM(s) + layerExpertM(s)) : 0;
}

/**
 * Buffers that live through a step, MB: those of gathers, as Megatron-LM's and nanotron's memory buffers; of weight gradients, one
 * for each shape of weight, so that experts share theirs (Transformer Engine); workspaces.
 */
export function buffersMB(s: State, isLast: boolean): number {
  const gathers = s.design[SLOT_TP]! > 1 ? s.design[SLOT_GATHER_BUFFERS]! : 0;
  const weightGradients = s.design[SLOT_WEIGHT_GRADIENT_BUFFERS]!;
  const workspaceMB = 1000 * s.design[SLOT_WORKSPACE_GB]!;
  if (gathers + weightGradients === 0) return workspaceMB;
  const expertsHere = graphInteger(s, GRAPH_INTEGER.EXPERTS) / s.design[SLOT_EP]!;
  const shapesM = layerDenseM(s) + layerExpertM(s) / expertsHere + (isLast ? edgeM(s, GRAPH_REAL.HEAD_M) : 0);
  return (
    gathers * graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokens]! +
    weightGradients * WEIGHT_BYTES * shapesM +
    workspaceMB
  );
}
