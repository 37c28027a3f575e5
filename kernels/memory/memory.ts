/**
 * Memory of the fullest NPU, in MB. Mixed precision with Adam: 2 bytes of weight, 4 of gradient, 12 of optimiser state per
 * parameter, 18 in all (arXiv 2205.05198, figure 1; sharding: ZeRO, arXiv 1910.02054). Activations: what the op graph keeps
 * per layer times the micro-batches in flight (arXiv 2205.05198, section 4; interleaving: its factor 1 + (p − 1)/(p·v)).
 */
import { SLOT } from '../../psa/parameters.js';
import { keepFuller, sumMemoryMB } from '../combine.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { edgeM, isTraining, layerDenseM, layerExpertM } from '../schedule/layer.js';
import { modelChunks } from '../schedule/pipeline.js';
import {
  gatheredLayers,
  gathersWeights,
  mainGradientBytes,
  optimizerBytes,
  scattersGradients,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from '../schedule/sharding.js';
import { stageLayers } from '../schedule/stage.js';
import type { State } from '../state.js';
import { globalBatch, graphReal, PIPELINE_SCHEDULE, RECOMPUTATION } from '../workload/graph.js';
import { GRAPH_REAL } from '../workload/header.js';
import { FLAG, GROUP, SCALE } from '../workload/operation.js';
import { SECTION } from '../workload/transformer.js';

const SLOT_PP = SLOT.workload.pp;

const SLOT_DP = SLOT.workload.dp;
const SLOT_EP = SLOT.workload.ep;
const SLOT_RECOMPUTATION = SLOT.workload.recomputation;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;
const SLOT_MEMORY_CAPACITY_GB = SLOT.compute.memoryCapacityGB;
const SLOT_RESERVE_GB = SLOT.compute.reserveGB;

/** Micro-batches whose activations a stage keeps at once, in units of all its layers. */
export function microBatchesInFlight(s: State, stage: number): number {
  const stages = s.design[SLOT_PP]!;
  const schedule = s.design[SLOT_PIPELINE_SCHEDULE]!;
  if (schedule === PIPELINE_SCHEDULE.gpipe) return s.microBatches;
  const chunks = modelChunks(s);
  if (chunks === 1) return Math.min(s.microBatches, stages - stage);
  // Warm-up passes of Megatron-LM's interleaved schedule, each over one of the stage's chunks.
  return Math.min(s.microBatches, (2 * (stages - 1 - stage) + (chunks - 1) * stages + 1) / chunks);
}

/** Sets weights, gradients and optimiser state of a stage. */
function addParameters(s: State, row: Float64Array, stage: number): void {
  const layers = stageLayers(s, stage);
  const isLast = stage === s.design[SLOT_PP]! - 1;
  const headPlace = stage === 0 ? GRAPH_REAL.OWN_HEAD_M : GRAPH_REAL.HEAD_M;
  const edgesM = (stage === 0 ? edgeM(s, GRAPH_REAL.EMBED_M) : 0) + (isLast ? edgeM(s, headPlace) : 0);
  const denseM = layers * layerDenseM(s) + edgesM;
  const expertM = layers * layerExpertM(s);
  const replicas = s.groupSize[GROUP.data]!;
  const shardM = denseM / replicas + expertM / (replicas / s.design[SLOT_EP]!);
  const wholeM = denseM + expertM;
  const heldM = gathersWeights(s) ? shardM : wholeM;
  // The edges' weights stay for the step.
  const gatheredM = gatheredLayers(s, layers) * (layerDenseM(s) + layerExpertM(s)) + edgesM;
  row[OUTPUT.weightsMB] = WEIGHT_BYTES * heldM;
  if (gathersWeights(s)) row[OUTPUT.weightsMB]! += WEIGHT_BYTES * gatheredM;
  row[OUTPUT.gradientsMB] = isTraining(s) ? mainGradientBytes(s) * (scattersGradients(s) ? shardM : wholeM) : 0;
  const ownM = weightSharding(s) === WEIGHT_SHARDING.none ? wholeM : shardM;
  row[OUTPUT.optimizerMB] = isTraining(s) ? optimizerBytes(s) * ownM : 0;
}

/** Activations that one layer keeps of a micro-batch, MB. */
export function layerSavedMB(s: State): number {
  if (s.design[SLOT_RECOMPUTATION] === RECOMPUTATION.full) {
    return graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokensSeq]!;
  }
  const dropped = (s.flags & FLAG.recomputeCore) !== 0 ? s.sectionCoreMB[SECTION.layerForward]! : 0;
  return s.sectionSavedMB[SECTION.layerForward]! - dropped;
}

/** Sets activations, cache and working buffers of a stage. */
function addActivations(s: State, row: Float64Array, stage: number): void {
  const layers = stageLayers(s, stage);
  if (!isTraining(s)) {
    const local = globalBatch(s) / s.design[SLOT_DP]!;
    const share = (s.scales[SCALE.cache]! / s.microBatch) * local;
    row[OUTPUT.activationsMB] = 0;
    row[OUTPUT.workingMB] = s.largestMB;
    row[OUTPUT.kvCacheMB] = layers * graphReal(s, GRAPH_REAL.CACHE_MB) * share;
    return;
  }
  const inFlight = microBatchesInFlight(s, stage);
  row[OUTPUT.activationsMB] = inFlight * layers * layerSavedMB(s);
  if (stage === 0) row[OUTPUT.activationsMB]! += inFlight * s.sectionSavedMB[SECTION.embedForward]!;
  // What is recomputed lives in full for one layer, after the head's activations are gone.
  let workingMB = 0;
  if (s.design[SLOT_RECOMPUTATION] === RECOMPUTATION.full) workingMB = s.sectionSavedMB[SECTION.layerForward]!;
  if ((s.flags & FLAG.recomputeCore) !== 0) workingMB = s.sectionCoreMB[SECTION.layerForward]!;
  if (stage === s.design[SLOT_PP]! - 1) workingMB = Math.max(workingMB, s.sectionSavedMB[SECTION.headForward]!);
  row[OUTPUT.workingMB] = workingMB;
  row[OUTPUT.kvCacheMB] = 0;
}

/** Sets `row` to the memory of a stage. */
export function stageMemory(s: State, row: Float64Array, stage: number): void {
  addParameters(s, row, stage);
  addActivations(s, row, stage);
  row[OUTPUT.memoryMB] = sumMemoryMB(row);
}

/** Memory that a design may fill, MB; below 0 where the reserve is more than there is. */
export function usableMB(design: Float64Array): number {
  return 1000 * (design[SLOT_MEMORY_CAPACITY_GB]! - design[SLOT_RESERVE_GB]!);
}

/** Sets the memory in `parts` to that of the fuller of the first and the last stage, and `memoryStatus`. */
export function memory(s: State): void {
  const { parts, other } = s;
  parts[OUTPUT.memoryMB] = 0;
  stageMemory(s, other, 0);
  keepFuller(parts, 0, other);
  const last = s.design[SLOT_PP]! - 1;
  if (last > 0) {
    stageMemory(s, other, last);
    keepFuller(parts, 0, other);
  }
  s.memoryStatus = parts[OUTPUT.memoryMB]! > usableMB(s.design) ? STATUS.MEMORY : 0;
}
