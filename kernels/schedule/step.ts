/** One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. */
import { MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { collective, sendUs } from '../collective/collective.js';
import { OUTPUT } from '../outputs.js';
import type { State } from '../state.js';
import { graphInteger, graphReal, PIPELINE_SCHEDULE } from '../workload/graph.js';
import { COLLECTIVE, FLAG, GROUP, KIND, SCALE } from '../workload/operation.js';
import { rooflineUs } from '../workload/roofline.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/tables.js';
import { SECTION } from '../workload/transformer.js';
import {
  edgeM,
  GRADIENT_BYTES,
  gradientCollective,
  isTraining,
  layer,
  layerDenseM,
  layerExpertM,
  overlapsGradients,
  replicaUs,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from './layer.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_EP = slotOf('workload.ep');
const SLOT_PIPELINE_SCHEDULE = slotOf('workload.pipelineSchedule');
const SLOT_VIRTUAL_STAGES = slotOf('workload.virtualStages');
const SLOT_SHARDING_EFFICIENCY = slotOf('network.shardingEfficiency');
const SLOT_HOST_MICRO_BATCH_US = slotOf('compute.hostMicroBatchUs');
const SLOT_SCHEDULING_POLICY = slotOf('collective.schedulingPolicy');
const LIFO = 0;

/** Bytes that Adam in mixed precision moves per parameter: gradient 4, master and two moments 12 in and out, weight 2. */
const OPTIMIZER_TRAFFIC_BYTES = 30;
const OPTIMIZER_FLOPS = 12;

/** Layers of a stage: contiguous blocks, earlier stages take the remainder. */
export function stageLayers(s: State, stage: number): number {
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  const stages = s.design[SLOT_PP]!;
  return Math.floor(layers / stages) + (stage < layers % stages ? 1 : 0);
}

/** Edges of the model on a stage: the sections at its first and last stage, us. */
function edgesUs(s: State, stage: number, firstUs: number, lastUs: number): number {
  return (stage === 0 ? firstUs : 0) + (stage === s.design[SLOT_PP]! - 1 ? lastUs : 0);
}

/** A maximum without a corner, √(a² + b²): host and NPU wait for one another now and then. */
function smoothMaximum(a: number, b: number): number {
  if (b <= 0) return a;
  const share = Math.min(a, b) / Math.max(a, b);
  return Math.max(a, b) * Math.sqrt(1 + share * share);
}

/** Time of the NPU for a forward pass of one micro-batch on a stage, us. */
export function stageForwardNpuUs(s: State, stage: number): number {
  const edgeUs = edgesUs(s, stage, s.sectionUs[SECTION.embedForward]!, s.sectionUs[SECTION.headForward]!);
  return stageLayers(s, stage) * s.forwardPeriodUs + edgeUs;
}

/** The same backward, us. */
export function stageBackwardNpuUs(s: State, stage: number): number {
  const edgeUs = edgesUs(s, stage, s.sectionUs[SECTION.embedBackward]!, s.sectionUs[SECTION.headBackward]!);
  return stageLayers(s, stage) * s.backwardPeriodUs + edgeUs;
}

/** Forward time of one micro-batch on a stage, us. */
export function stageForwardUs(s: State, stage: number): number {
  const edgeUs = edgesUs(s, stage, s.sectionHostUs[SECTION.embedForward]!, s.sectionHostUs[SECTION.headForward]!);
  const hostUs = stageLayers(s, stage) * s.sectionHostUs[SECTION.layerForward]! + edgeUs;
  return smoothMaximum(stageForwardNpuUs(s, stage), hostUs) + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

/** Backward time of one micro-batch on a stage, us; 0 in inference. */
export function stageBackwardUs(s: State, stage: number): number {
  if (!isTraining(s)) return 0;
  const edgeUs = edgesUs(s, stage, s.sectionHostUs[SECTION.embedBackward]!, s.sectionHostUs[SECTION.headBackward]!);
  const hostUs = stageLayers(s, stage) * s.sectionHostUs[SECTION.layerBackward]! + edgeUs;
  return smoothMaximum(stageBackwardNpuUs(s, stage), hostUs) + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

/** Forward and backward time of one micro-batch on a stage, us. */
function stageUs(s: State, stage: number): number {
  return stageForwardUs(s, stage) + stageBackwardUs(s, stage);
}

/** Forward and backward time of all stages: the first, the last, and those between with one layer more or fewer, us. */
function allStagesUs(s: State): number {
  const stages = s.design[SLOT_PP]!;
  if (stages === 1) return stageUs(s, 0);
  const longer = graphInteger(s, GRAPH_INTEGER.LAYERS) % stages;
  const longerBetween = Math.max(longer, 1) - 1;
  const shorterBetween = stages - 2 - longerBetween;
  return (
    stageUs(s, 0) + stageUs(s, stages - 1) + longerBetween * stageUs(s, 1) + shorterBetween * stageUs(s, stages - 2)
  );
}

/** Model chunks per stage. */
export function modelChunks(s: State): number {
  return s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.interleaved ? s.design[SLOT_VIRTUAL_STAGES]! : 1;
}

/**
 * Time to send one micro-batch's activations to the next stage, us: each tensor-parallel rank sends its part, and where the
 * next stage wants the whole its ranks gather it (arXiv 2104.04473, 4.1).
 */
export function boundaryUs(s: State): number {
  const boundaryMB = graphReal(s, GRAPH_REAL.BOUNDARY_MB);
  const us = sendUs(s, GROUP.pp, boundaryMB * s.scales[SCALE.tokensTp]!);
  if ((s.flags & FLAG.sequenceParallel) !== 0) return us;
  collective(s, COLLECTIVE.allGather, GROUP.tp, boundaryMB * s.scales[SCALE.tokens]!);
  return us + s.collectiveUs;
}

/** The stage that takes longest for a micro-batch: the first, the second (as all between) or the last. */
function slowestStage(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let slowest = 0;
  let slowestUs = stageUs(s, 0);
  for (let i = 1; i <= 2 && i < stages; i++) {
    const stage = i === 1 && stages > 2 ? 1 : stages - 1;
    const us = stageUs(s, stage);
    if (us > slowestUs) {
      slowestUs = us;
      slowest = stage;
    }
  }
  return slowest;
}

/** Longest forward time of any stage, us: GPipe passes all micro-batches forward before any comes back. */
export function gpipeForwardUs(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let forwardUs = 0;
  for (let i = 0; i <= 2 && i < stages; i++) {
    forwardUs = Math.max(forwardUs, stageForwardUs(s, i === 2 ? stages - 1 : i));
  }
  return forwardUs;
}

/** Longest backward time of any stage, us. */
function gpipeBackwardUs(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let backwardUs = 0;
  for (let i = 0; i <= 2 && i < stages; i++) {
    backwardUs = Math.max(backwardUs, stageBackwardUs(s, i === 2 ? stages - 1 : i));
  }
  return backwardUs;
}

/** Time between micro-batches at the slowest stage, before its sends show, us. */
function workPeriodUs(s: State, slowest: number): number {
  if (s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.gpipe) return gpipeForwardUs(s) + gpipeBackwardUs(s);
  return stageUs(s, slowest);
}

/** Sends of a micro-batch there and back, over each model chunk, us. */
function periodSendsUs(s: State): number {
  return (isTraining(s) ? 2 : 1) * modelChunks(s) * boundaryUs(s);
}

/** Time between micro-batches in a full pipeline, us. */
export function pipelinePeriodUs(s: State): number {
  const workUs = workPeriodUs(s, slowestStage(s));
  return s.design[SLOT_PP]! > 1 ? Math.max(workUs, periodSendsUs(s)) : workUs;
}

/** Adds `share` of a section's compute and exposed communication to the parts of the step. */
function addSection(s: State, parts: Float64Array, section: number, share: number): void {
  parts[OUTPUT.computeUs]! += share * s.sectionComputeUs[section]!;
  parts[OUTPUT.exposedTpUs]! += share * s.sectionExposedUs[3 * section]!;
  parts[OUTPUT.exposedSpUs]! += share * s.sectionExposedUs[3 * section + 1]!;
  parts[OUTPUT.exposedEpUs]! += share * s.sectionExposedUs[3 * section + 2]!;
}

/** Adds the work of all micro-batches on a stage. */
function addStage(s: State, parts: Float64Array, stage: number): void {
  const count = s.microBatches;
  const layers = count * stageLayers(s, stage);
  addSection(s, parts, SECTION.layerForward, layers);
  addSection(s, parts, SECTION.layerBackward, layers);
  parts[OUTPUT.exposedDpUs]! += layers * (s.forwardPeriodUs - s.sectionUs[SECTION.layerForward]!);
  parts[OUTPUT.exposedDpUs]! += layers * (s.backwardPeriodUs - s.sectionUs[SECTION.layerBackward]!);
  if (stage === 0) {
    addSection(s, parts, SECTION.embedForward, count);
    addSection(s, parts, SECTION.embedBackward, count);
  }
  if (stage === s.design[SLOT_PP]! - 1) {
    addSection(s, parts, SECTION.headForward, count);
    addSection(s, parts, SECTION.headBackward, count);
  }
}

/**
 * Adds the pipeline: m micro-batches on the slowest stage M, and a fill and drain of all other stages, which interleaving
 * over v model chunks shortens v-fold: m·M + (Σ − M)/v (arXiv 2104.04473, 2.2; GPipe: arXiv 1811.06965). Sends run beside
 * compute; what shows is one pass there and back, and what the sends of a period exceed its work by.
 */
function addPipeline(s: State, parts: Float64Array): void {
  const stages = s.design[SLOT_PP]!;
  const slowest = slowestStage(s);
  const ownUs = stageUs(s, slowest);
  addStage(s, parts, slowest);
  const npuUs = stageForwardNpuUs(s, slowest) + stageBackwardNpuUs(s, slowest);
  parts[OUTPUT.launchUs]! += s.microBatches * (ownUs - npuUs);
  if (stages <= 1) return;
  const directions = isTraining(s) ? 2 : 1;
  const periodUs = workPeriodUs(s, slowest);
  parts[OUTPUT.bubbleUs]! += s.microBatches * (periodUs - ownUs) + (allStagesUs(s) - periodUs) / modelChunks(s);
  parts[OUTPUT.exposedPpUs]! += directions * (stages - 1) * boundaryUs(s);
  parts[OUTPUT.exposedPpUs]! += (s.microBatches - 1) * Math.max(periodSendsUs(s) - periodUs, 0);
}

/** Time of a collective over a stage's edge weights (embedding or head), us; `busyUs` stays set. */
function edgeUs(s: State, place: number): number {
  collective(s, gradientCollective(s), GROUP.data, edgeM(s, place) * GRADIENT_BYTES);
  const sharded = weightSharding(s) === WEIGHT_SHARDING.zero3;
  return sharded ? s.collectiveUs / s.design[SLOT_SHARDING_EFFICIENCY]! : s.collectiveUs;
}

/** What the last backward pass takes longer on all stages, beside the reduction of gradients, us. */
function lastPassDelayUs(s: State): number {
  if (s.lastBackwardPeriodUs === s.backwardPeriodUs) return 0;
  const steadyPeriodUs = s.backwardPeriodUs;
  const steadyUs = allStagesUs(s);
  s.backwardPeriodUs = s.lastBackwardPeriodUs;
  const lastUs = allStagesUs(s);
  s.backwardPeriodUs = steadyPeriodUs;
  return (lastUs - steadyUs) / modelChunks(s);
}

/** Time of the last backward pass on the first stage, us. */
function lastPassUs(s: State): number {
  const steadyPeriodUs = s.backwardPeriodUs;
  s.backwardPeriodUs = s.lastBackwardPeriodUs;
  const us = stageBackwardUs(s, 0);
  s.backwardPeriodUs = steadyPeriodUs;
  return us;
}

/**
 * What gradients that overlap take after the last backward pass, us. A dimension works off what it is given: it ends after
 * its first release and all work, or after the last release and the last piece (a maximum over releases, largest at an end as
 * layers are alike). LIFO serves the chain first, so its use adds to the work. `busyUs`: the head's use of the dimensions.
 */
function gradientTailUs(s: State, pieces: number): number {
  const newestFirst = s.design[SLOT_SCHEDULING_POLICY] === LIFO;
  const betweenUs = ((pieces - 1) / pieces) * lastPassUs(s);
  let tailUs = 0;
  let longestUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const pieceUs = s.gradientBusyUs[d]!;
    if (pieceUs <= 0) continue;
    const chainUs = newestFirst ? (pieces - 1) * s.backwardBlockUs[d]! : 0;
    const backlogUs = pieces * pieceUs + s.busyUs[d]! + chainUs - betweenUs;
    tailUs = Math.max(tailUs, pieceUs, backlogUs);
    longestUs = Math.max(longestUs, pieceUs);
  }
  return tailUs + s.gradientUs - longestUs;
}

/** Adds what gradients take that nothing hides, on the first stage, where the backward pass ends last. */
function addGradients(s: State, parts: Float64Array): void {
  const sharded = weightSharding(s) === WEIGHT_SHARDING.zero3;
  const pieces = sharded ? 1 : Math.max(stageLayers(s, 0), 1);
  s.busyUs.fill(0);
  const headUs = s.design[SLOT_PP] === 1 ? edgeUs(s, GRAPH_REAL.HEAD_M) : 0;
  // A sharded head is kept with the embedding, and its gradient reduced at the end.
  if (sharded) s.busyUs.fill(0);
  let layersUs = overlapsGradients(s) ? gradientTailUs(s, pieces) : pieces * s.gradientUs + headUs;
  if (sharded) layersUs += headUs;
  parts[OUTPUT.exposedDpUs]! += layersUs + edgeUs(s, GRAPH_REAL.EMBED_M);
  if (overlapsGradients(s)) parts[OUTPUT.exposedDpUs]! += lastPassDelayUs(s);
}

/**
 * Adds the optimiser on the first stage, and with ZeRO-1 the gather of the weights that it updated: beside the next forward pass
 * where traffic overlaps.
 */
function addOptimizer(s: State, parts: Float64Array): void {
  const layers = stageLayers(s, 0);
  const headM = s.design[SLOT_PP] === 1 ? edgeM(s, GRAPH_REAL.HEAD_M) : 0;
  const denseM = layers * layerDenseM(s) + edgeM(s, GRAPH_REAL.EMBED_M) + headM;
  const expertM = layers * layerExpertM(s);
  const sharding = weightSharding(s);
  const replicas = sharding === WEIGHT_SHARDING.none ? 1 : s.groupSize[GROUP.data]!;
  const expertReplicas = sharding === WEIGHT_SHARDING.none ? 1 : replicas / s.design[SLOT_EP]!;
  const ownM = denseM / replicas + expertM / expertReplicas;
  parts[OUTPUT.optimizerUs]! += rooflineUs(s, KIND.elementwise, OPTIMIZER_FLOPS * ownM, OPTIMIZER_TRAFFIC_BYTES * ownM);
  if (sharding !== WEIGHT_SHARDING.zero1) return;
  const gatherUs = replicaUs(s, COLLECTIVE.allGather, WEIGHT_BYTES, denseM, expertM);
  const hiddenUs = overlapsGradients(s) ? stageForwardUs(s, 0) / modelChunks(s) : 0;
  parts[OUTPUT.exposedDpUs]! += Math.max(gatherUs - hiddenUs, 0);
}

/** Sharded weights that nothing hides the gather of: the first layer's, and the edges' of the model, kept for the step, us. */
function firstGatherUs(s: State): number {
  if (weightSharding(s) !== WEIGHT_SHARDING.zero3) return 0;
  const headM = s.design[SLOT_PP] === 1 ? edgeM(s, GRAPH_REAL.HEAD_M) : 0;
  collective(s, COLLECTIVE.allGather, GROUP.data, (edgeM(s, GRAPH_REAL.EMBED_M) + headM) * WEIGHT_BYTES);
  return s.gatherUs + s.collectiveUs / s.design[SLOT_SHARDING_EFFICIENCY]!;
}

/** Sets `parts` (a row of outputs) to the time of one step of the current graph and what it consists of, us. */
export function stepGraph(s: State, parts: Float64Array): void {
  parts.fill(0);
  layer(s);
  addPipeline(s, parts);
  s.firstGatherUs = firstGatherUs(s);
  parts[OUTPUT.exposedDpUs]! += s.firstGatherUs;
  if (isTraining(s)) {
    addGradients(s, parts);
    addOptimizer(s, parts);
  }
  for (let part = OUTPUT.computeUs; part <= OUTPUT.optimizerUs; part++) parts[OUTPUT.timeUs]! += parts[part];
}
