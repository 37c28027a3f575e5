/**
 * Memory of the fullest NPU, in MB. Mixed precision with Adam: 2 bytes of weight, 4 of gradient, 12 of optimiser state per
 * parameter, 18 in all (arXiv 2205.05198, figure 1; sharding: ZeRO, arXiv 1910.02054). Activations: what the op graph keeps
 * per layer times the micro-batches in flight (arXiv 2205.05198, section 4; interleaving: its factor 1 + (p − 1)/(p·v)).
 */
import { SLOT } from '../../psa/parameters.js';
import { AS_FULL, keepFuller, sumMemoryMB } from '../combine.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { edgeM, isTraining, layerDenseM, layerExpertM } from '../schedule/layer.js';
import { ownShare, stageInMemoryMB } from '../schedule/offload.js';
import {
  gatheredLayers,
  gathersWeights,
  mainGradientBytes,
  optimizerBytes,
  scattersGradients,
  shardBytes,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from '../schedule/sharding.js';
import {
  embedShare,
  headShare,
  interleaveGroup,
  isBidirectional,
  modelChunks,
  splitsBackward,
  stagesHeld,
} from '../schedule/split.js';
import { balancesEdges, layersBefore, stageLayers } from '../schedule/stage.js';
import type { State } from '../state.js';
import { globalBatch, graphInteger, graphReal, PIPELINE_SCHEDULE, RECOMPUTATION } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/header.js';
import { GROUP, SCALE } from '../workload/operation.js';
import { OPERAND_BYTES, PRECISION } from '../workload/precision.js';
import { SECTION } from '../workload/transformer.js';
import {
  bucketsMB,
  buffersMB,
  joinsLogits,
  lossExtraMB,
  placedGradientsMB,
  sentMB,
  unshardedGradientsMB,
} from './framework.js';
import { layerAgainMB } from './kept.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_TP = SLOT.workload.tp;

const SLOT_DP = SLOT.workload.dp;
const SLOT_RECOMPUTATION = SLOT.workload.recomputation;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;
const SLOT_MEMORY_CAPACITY_GB = SLOT.compute.memoryCapacityGB;
const SLOT_RESERVE_GB = SLOT.compute.reserveGB;
const SLOT_PROGRAM_SHARE = SLOT.compute.programShare;
const SLOT_RECOMPUTATION_BLOCK = SLOT.workload.recomputationBlock;
const SLOT_UPDATE_BUFFER_BYTES = SLOT.workload.updateBufferBytes;
const SLOT_PRECISION = SLOT.workload.precision;
const SLOT_WEIGHT_COPIES = SLOT.workload.weightCopies;
const SLOT_ALLOCATOR_SLACK = SLOT.compute.allocatorSlack;

/**
 * The same where gradients of weights come later: as many on all stages as on the first, which waits longest for the gradient
 * of an input, or of a weight (H1 and ZB-V p, H2 2p − 1: arXiv 2401.10241, 2 and 6; DualPipe p + 1: arXiv 2412.19437, table 2).
 */
function splitInFlight(s: State): number {
  const stages = s.design[SLOT_PP]!;
  if (s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.zbH2) return 2 * stages - 1;
  return isBidirectional(s) ? stages + 1 : stages;
}

/** Micro-batches whose activations a stage keeps at once, in units of all its layers. */
export function microBatchesInFlight(s: State, stage: number): number {
  const stages = s.design[SLOT_PP]!;
  const schedule = s.design[SLOT_PIPELINE_SCHEDULE]!;
  if (schedule === PIPELINE_SCHEDULE.gpipe) return s.microBatches;
  if (splitsBackward(s)) return Math.min(s.microBatches, splitInFlight(s));
  const chunks = modelChunks(s);
  if (chunks === 1) return Math.min(s.microBatches, stages - stage);
  // Warm-up passes of Megatron-LM's interleaved schedule, each over one of the stage's chunks.
  return Math.min(s.microBatches, (2 * (stages - 1 - stage) + (chunks - 1) * interleaveGroup(s) + 1) / chunks);
}

/** Are there dense layers that lead a mixture, or layers that predict a later token? */
function layersDiffer(s: State): boolean {
  return graphInteger(s, GRAPH_INTEGER.LEADING) > 0 || graphReal(s, GRAPH_REAL.MTP_DENSE_M) > 0;
}

/** Of the layers of a stage, the dense ones that lead. */
function leadingOf(s: State, stage: number, layers: number): number {
  return Math.min(Math.max(graphInteger(s, GRAPH_INTEGER.LEADING) - layersBefore(s, stage), 0), layers);
}

/** Parameters of a stage's layers on one NPU that all data-parallel ranks replicate, in millions. */
function stageDenseM(s: State, stage: number, layers: number): number {
  if (!layersDiffer(s)) return layers * layerDenseM(s);
  const leading = leadingOf(s, stage, layers);
  const last = stage === s.design[SLOT_PP]! - 1 ? 1 : 0;
  const denseM =
    leading * graphReal(s, GRAPH_REAL.LEADING_DENSE_M) +
    (layers - leading) * graphReal(s, GRAPH_REAL.OTHER_DENSE_M) +
    last * graphReal(s, GRAPH_REAL.MTP_DENSE_M);
  // Keys and values of its own layers are alike; those that predict a later token are beside them.
  const ownKvM = modelKvM(s) - graphReal(s, GRAPH_REAL.MTP_KV_M);
  const kvM = (layers / graphInteger(s, GRAPH_INTEGER.LAYERS)) * ownKvM + last * graphReal(s, GRAPH_REAL.MTP_KV_M);
  return denseM * s.scales[SCALE.weight]! + kvM * s.scales[SCALE.weightKv]!;
}

/** Keys and values of all layers, in millions. */
function modelKvM(s: State): number {
  return graphInteger(s, GRAPH_INTEGER.LAYERS) * graphReal(s, GRAPH_REAL.KV_M);
}

/** The same of experts. */
function stageExpertM(s: State, stage: number, layers: number): number {
  if (!layersDiffer(s)) return layers * layerExpertM(s);
  const last = stage === s.design[SLOT_PP]! - 1 ? 1 : 0;
  const expertM =
    (layers - leadingOf(s, stage, layers)) * graphReal(s, GRAPH_REAL.OTHER_EXPERT_M) +
    last * graphReal(s, GRAPH_REAL.MTP_EXPERT_M);
  return expertM * s.scales[SCALE.weightExpert]!;
}

/** What layers' weights lack of half precision, bytes: inference, which updates none, has them in the products' format alone. */
function narrowedBytes(s: State): number {
  return isTraining(s) ? 0 : WEIGHT_BYTES - OPERAND_BYTES[s.design[SLOT_PRECISION]!]!;
}

/** Bytes of the copies of a weight in a format of fewer than 16 bits that stay from the first micro-batch to the last. */
function copyBytes(s: State): number {
  const precision = s.design[SLOT_PRECISION]!;
  return isTraining(s) && precision !== PRECISION.bf16 ? s.design[SLOT_WEIGHT_COPIES]! * OPERAND_BYTES[precision]! : 0;
}

/** Sets weights, gradients and optimiser state of a stage. */
function addParameters(s: State, row: Float64Array, stage: number, layers: number): void {
  const embeds = embedShare(s, stage) > 0;
  const headPlace = embeds ? GRAPH_REAL.OWN_HEAD_M : GRAPH_REAL.HEAD_M;
  const edgesM = (embeds ? edgeM(s, GRAPH_REAL.EMBED_M) : 0) + (headShare(s, stage) > 0 ? edgeM(s, headPlace) : 0);
  const denseM = stagesHeld(s) * stageDenseM(s, stage, layers) + edgesM;
  const expertM = stagesHeld(s) * stageExpertM(s, stage, layers);
  const replicas = s.groupSize[GROUP.data]!;
  const expertReplicas = s.groupSize[GROUP.expertData]!;
  const shardM = denseM / replicas + expertM / expertReplicas;
  const wholeM = denseM + expertM;
  // The edges' weights stay for the step.
  const gatheredM = gatheredLayers(s, layers) * (layerDenseM(s) + layerExpertM(s)) + edgesM;
  const layersM = gathersWeights(s)
    ? (denseM - edgesM) / replicas + expertM / expertReplicas
    : denseM - edgesM + expertM;
  const heldMB = gathersWeights(s) ? shardBytes(s) * shardM : WEIGHT_BYTES * wholeM;
  row[OUTPUT.weightsMB] = heldMB - narrowedBytes(s) * layersM;
  row[OUTPUT.weightsMB]! += copyBytes(s) * ((gathersWeights(s) ? gatheredM : wholeM) - edgesM);
  if (gathersWeights(s)) row[OUTPUT.weightsMB]! += WEIGHT_BYTES * gatheredM;
  // What leaves layer by layer goes on to the host that updates it (arXiv 2101.06840, 4.1).
  const gradientsM = scattersGradients(s) ? ownShare(s) * shardM : wholeM;
  row[OUTPUT.gradientsMB] = isTraining(s) ? mainGradientBytes(s) * gradientsM + bucketsMB(s, wholeM) : 0;
  const ownM = weightSharding(s) === WEIGHT_SHARDING.none ? wholeM : shardM;
  const updateM = ownM < wholeM ? wholeM + ownM : 0;
  row[OUTPUT.optimizerMB] = isTraining(s)
    ? ownShare(s) * optimizerBytes(s) * ownM + s.design[SLOT_UPDATE_BUFFER_BYTES]! * updateM
    : 0;
}

/** Sets activations, cache and working buffers of a stage. */
function addActivations(s: State, row: Float64Array, stage: number, layers: number): void {
  if (!isTraining(s)) {
    const local = globalBatch(s) / s.design[SLOT_DP]!;
    const share = (s.scales[SCALE.cache]! / s.microBatch) * local;
    row[OUTPUT.activationsMB] = 0;
    row[OUTPUT.workingMB] = s.largestMB;
    row[OUTPUT.lossMB] = 0;
    const statesMB = (graphReal(s, GRAPH_REAL.STATE_MB) * local) / s.design[SLOT_TP]!;
    row[OUTPUT.kvCacheMB] = layers * (graphReal(s, GRAPH_REAL.CACHE_MB) * share + statesMB);
    return;
  }
  const inFlight = microBatchesInFlight(s, stage);
  row[OUTPUT.activationsMB] = stageInMemoryMB(s, layers, inFlight);
  const passedMB = embedShare(s, stage) * s.sectionSavedMB[SECTION.embedForward]!;
  row[OUTPUT.activationsMB]! += inFlight * (passedMB + sentMB(s, stage === s.design[SLOT_PP]! - 1));
  // What is recomputed lives in full for one block of layers, after the head's activations are gone.
  let workingMB = s.sectionDroppedMB[SECTION.layerForward]!;
  if (s.design[SLOT_RECOMPUTATION] === RECOMPUTATION.full) {
    workingMB = Math.min(s.design[SLOT_RECOMPUTATION_BLOCK]!, layers) * layerAgainMB(s);
  }
  workingMB += unshardedGradientsMB(s) + placedGradientsMB(s);
  const lossMB = headShare(s, stage) > 0 ? s.sectionSavedMB[SECTION.headForward]! + lossExtraMB(s) : 0;
  // What is as large counts as the loss, in f32 as in f64: what is reserved differs between them.
  const works = workingMB > lossMB * (1 + AS_FULL);
  row[OUTPUT.workingMB] = works ? workingMB : 0;
  row[OUTPUT.lossMB] = works ? 0 : Math.max(workingMB, lossMB);
  row[OUTPUT.kvCacheMB] = 0;
}

/** Sets `row` to the memory of a stage. */
export function stageMemory(s: State, row: Float64Array, stage: number): void {
  const layers = stageLayers(s, stage);
  addParameters(s, row, stage, layers);
  addActivations(s, row, stage, layers);
  row[OUTPUT.buffersMB] = isTraining(s) ? buffersMB(s, stage === s.design[SLOT_PP]! - 1) : 0;
  row[OUTPUT.memoryMB] = sumMemoryMB(row);
  const passingMB = row[OUTPUT.activationsMB]! + row[OUTPUT.workingMB]! + (joinsLogits(s) ? row[OUTPUT.lossMB]! : 0);
  row[OUTPUT.reservedMB] = row[OUTPUT.memoryMB]! + s.design[SLOT_ALLOCATOR_SLACK]! * passingMB;
}

/** What a checkpoint of the whole model holds, MB: of each parameter its weight and the optimiser's state. */
export function checkpointMB(s: State): number {
  return isTraining(s) ? graphReal(s, GRAPH_REAL.PARAMETERS_M) * (WEIGHT_BYTES + optimizerBytes(s)) : 0;
}

/** Memory that may be filled, MB, of so much, a reserve, and the share that the program takes; below 0 where the reserve is more than there is. */
export function fillableMB(capacityGB: number, reserveGB: number, programShare: number): number {
  return 1000 * Math.min(capacityGB - reserveGB, programShare * capacityGB);
}

/** Memory that a design may fill, MB. */
export function usableMB(design: Float64Array): number {
  return fillableMB(design[SLOT_MEMORY_CAPACITY_GB]!, design[SLOT_RESERVE_GB]!, design[SLOT_PROGRAM_SHARE]!);
}

/** Where the first stage has fewer or smaller layers, the second may be the fullest. */
function mayFillSecond(s: State): boolean {
  return s.design[SLOT_PP]! > 2 && (layersDiffer(s) || balancesEdges(s));
}

/**
 * Sets the memory in `parts` to that of the fullest stage, and `memoryStatus`: what is reserved counts.
 */
export function memory(s: State): void {
  const { parts, other } = s;
  parts[OUTPUT.memoryMB] = 0;
  parts[OUTPUT.reservedMB] = 0;
  stageMemory(s, other, 0);
  keepFuller(parts, 0, other);
  const last = s.design[SLOT_PP]! - 1;
  if (last > 0) {
    stageMemory(s, other, last);
    keepFuller(parts, 0, other);
  }
  if (mayFillSecond(s)) {
    stageMemory(s, other, 1);
    keepFuller(parts, 0, other);
  }
  s.memoryStatus = parts[OUTPUT.reservedMB]! > usableMB(s.design) ? STATUS.MEMORY : 0;
}

/** Weights, gradients and optimiser state of a stage, MB. */
function stageParametersMB(s: State, stage: number): number {
  addParameters(s, s.other, stage, stageLayers(s, stage));
  return s.other[OUTPUT.weightsMB]! + s.other[OUTPUT.gradientsMB]! + s.other[OUTPUT.optimizerMB]!;
}

/** Weights, gradients and optimiser state of the stage that has the most of them, MB: no more than {@link memory} finds, and without a plan. */
export function parametersMB(s: State): number {
  const mostMB = Math.max(stageParametersMB(s, 0), stageParametersMB(s, s.design[SLOT_PP]! - 1));
  return mayFillSecond(s) ? Math.max(mostMB, stageParametersMB(s, 1)) : mostMB;
}
