/** One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. */
import { MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { collective, sendUs } from '../collective/collective.js';
import { OUTPUT } from '../outputs.js';
import type { State } from '../state.js';
import { graphInteger, graphReal, PIPELINE_SCHEDULE } from '../workload/graph.js';
import { COLLECTIVE, GROUP, KIND, SCALE } from '../workload/operation.js';
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
  replicaUs,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from './layer.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_EP = slotOf('workload.ep');
const SLOT_PIPELINE_SCHEDULE = slotOf('workload.pipelineSchedule');
const SLOT_VIRTUAL_STAGES = slotOf('workload.virtualStages');
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

/** Forward or backward time of one micro-batch on a stage; the first holds the embedding and the last the head, us. */
export function stageForwardUs(s: State, stage: number): number {
  let us = stageLayers(s, stage) * s.forwardPeriodUs;
  if (stage === 0) us += s.sectionUs[SECTION.embedForward]!;
  if (stage === s.design[SLOT_PP]! - 1) us += s.sectionUs[SECTION.headForward]!;
  return us;
}

export function stageBackwardUs(s: State, stage: number): number {
  let us = stageLayers(s, stage) * s.backwardPeriodUs;
  if (stage === 0) us += s.sectionUs[SECTION.embedBackward]!;
  if (stage === s.design[SLOT_PP]! - 1) us += s.sectionUs[SECTION.headBackward]!;
  return us;
}

/** Model chunks per stage. */
export function modelChunks(s: State): number {
  return s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.interleaved ? s.design[SLOT_VIRTUAL_STAGES]! : 1;
}

/** Time to send one micro-batch's activations to the next stage, us. */
export function boundaryUs(s: State): number {
  return sendUs(s, GROUP.pp, graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokensSeq]!);
}

/** The stage that takes longest for a micro-batch: the first, the second (as all between) or the last. */
function slowestStage(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let slowest = 0;
  let slowestUs = stageForwardUs(s, 0) + stageBackwardUs(s, 0);
  for (let i = 1; i <= 2 && i < stages; i++) {
    const stage = i === 1 && stages > 2 ? 1 : stages - 1;
    const us = stageForwardUs(s, stage) + stageBackwardUs(s, stage);
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
  return stageForwardUs(s, slowest) + stageBackwardUs(s, slowest);
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
  const ownUs = stageForwardUs(s, slowest) + stageBackwardUs(s, slowest);
  addStage(s, parts, slowest);
  if (stages <= 1) return;
  const directions = isTraining(s) ? 2 : 1;
  const periodUs = workPeriodUs(s, slowest);
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  let allUs = layers * (s.forwardPeriodUs + s.backwardPeriodUs);
  allUs += s.sectionUs[SECTION.embedForward]! + s.sectionUs[SECTION.headForward]!;
  allUs += s.sectionUs[SECTION.headBackward]! + s.sectionUs[SECTION.embedBackward]!;
  parts[OUTPUT.bubbleUs]! += s.microBatches * (periodUs - ownUs) + (allUs - periodUs) / modelChunks(s);
  parts[OUTPUT.exposedPpUs]! += directions * (stages - 1) * boundaryUs(s);
  parts[OUTPUT.exposedPpUs]! += (s.microBatches - 1) * Math.max(periodSendsUs(s) - periodUs, 0);
}

/** Time of a collective over a stage's edge weights (embedding or head), us; `busyUs` stays set. */
function edgeUs(s: State, place: number): number {
  collective(s, gradientCollective(s), GROUP.data, edgeM(s, place) * GRADIENT_BYTES);
  return s.collectiveUs;
}

/**
 * Adds what gradients take after the last backward pass on the first stage, where it ends last. A dimension works off what it
 * is given: it ends after its first release and all work, or after the last release and the last piece (a maximum over
 * releases, largest at an end as layers are alike). LIFO serves the chain first, so its use adds to the work.
 */
function addGradients(s: State, parts: Float64Array): void {
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  const sharded = weightSharding(s) === WEIGHT_SHARDING.zero3;
  const headUs = s.design[SLOT_PP] === 1 && !sharded ? edgeUs(s, GRAPH_REAL.HEAD_M) : 0;
  const pieces = sharded ? 1 : stageLayers(s, 0);
  let tailUs = 0;
  let longestUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const pieceUs = s.gradientBusyUs[d]!;
    if (pieceUs <= 0) continue;
    const chainUs = s.design[SLOT_SCHEDULING_POLICY] === LIFO ? s.backwardBlockUs[d]! : 0;
    const edgeBusyUs = headUs > 0 ? s.busyUs[d]! : 0;
    const backlogUs = pieces * pieceUs + edgeBusyUs + (pieces - 1) * (chainUs - s.lastBackwardPeriodUs);
    tailUs = Math.max(tailUs, pieceUs, backlogUs);
    longestUs = Math.max(longestUs, pieceUs);
  }
  parts[OUTPUT.exposedDpUs]! += tailUs + s.gradientUs - longestUs + edgeUs(s, GRAPH_REAL.EMBED_M);
  parts[OUTPUT.exposedDpUs]! += layers * (s.lastBackwardPeriodUs - s.backwardPeriodUs);
}

/** Adds the optimiser on the first stage, and with ZeRO-1 the gather of the weights that it updated. */
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
  parts[OUTPUT.exposedDpUs]! += replicaUs(s, COLLECTIVE.allGather, WEIGHT_BYTES, denseM, expertM);
}

/** Sets `parts` (a row of outputs) to the time of one step of the current graph and what it consists of, us. */
export function stepGraph(s: State, parts: Float64Array): void {
  parts.fill(0);
  layer(s);
  addPipeline(s, parts);
  // Nothing hides the gather of the first layer's weights.
  parts[OUTPUT.exposedDpUs]! += s.gatherUs;
  if (isTraining(s)) {
    addGradients(s, parts);
    addOptimizer(s, parts);
  }
  for (let part = OUTPUT.computeUs; part <= OUTPUT.optimizerUs; part++) parts[OUTPUT.timeUs]! += parts[part];
}
