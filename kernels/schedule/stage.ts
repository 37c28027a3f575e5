/** Time of one micro-batch on a pipeline stage: its layers, and at either end of the model an edge. */
import { SLOT } from '../../psa/parameters.js';
import { STATUS } from '../outputs.js';
import { largest } from '../perDimension.js';
import type { State } from '../state.js';
import { graphInteger } from '../workload/graph.js';
import { GRAPH_INTEGER } from '../workload/header.js';
import { SECTION } from '../workload/transformer.js';
import { isTraining } from './layer.js';
import { besideOffloadUs } from './offload.js';
import { embedShare, headShare, splitsBackward } from './split.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_FIRST_STAGE_LAYERS = SLOT.workload.firstStageLayers;
const SLOT_LAST_STAGE_LAYERS = SLOT.workload.lastStageLayers;
const SLOT_EMBEDDING_LAYERS = SLOT.workload.embeddingLayers;
const SLOT_HEAD_LAYERS = SLOT.workload.headLayers;
const SLOT_HOST_LAUNCH_US = SLOT.compute.hostLaunchUs;
const SLOT_HOST_EXPERT_US = SLOT.compute.hostExpertUs;
const SLOT_HOST_SHARD_US = SLOT.compute.hostShardUs;
const SLOT_HOST_MICRO_BATCH_US = SLOT.compute.hostMicroBatchUs;
const SLOT_LAUNCH_BLOCKING = SLOT.compute.launchBlocking;

/** Of a layer: what is no more than rounding does not begin another stage. */
export const STAGE_TOLERANCE = 1e-3;

/** Is it said how many layers the first or the last of several stages has? */
function statesEnds(s: State): boolean {
  return s.design[SLOT_PP]! > 1 && s.design[SLOT_FIRST_STAGE_LAYERS]! + s.design[SLOT_LAST_STAGE_LAYERS]! > 0;
}

/** Stages whose layers are not said. */
function otherStages(s: State): number {
  const first = s.design[SLOT_FIRST_STAGE_LAYERS]! > 0 ? 1 : 0;
  return s.design[SLOT_PP]! - first - (s.design[SLOT_LAST_STAGE_LAYERS]! > 0 ? 1 : 0);
}

/** Layers that those share. */
function otherLayers(s: State): number {
  const stated = s.design[SLOT_FIRST_STAGE_LAYERS]! + s.design[SLOT_LAST_STAGE_LAYERS]!;
  return graphInteger(s, GRAPH_INTEGER.LAYERS) - stated;
}

/** Sets STATUS.LAYERS where layers of the first and the last stage that are said leave none for a stage, or some for no stage. */
export function checkEnds(s: State): void {
  if (!statesEnds(s)) return;
  const others = otherStages(s);
  if (otherLayers(s) < others || (others === 0 && otherLayers(s) > 0)) s.status |= STATUS.LAYERS;
}

/**
 * Layers before a stage where those of an end are said (Megatron-LM's --decoder-first-pipeline-num-layers and -last-): the
 * others share the rest, of which earlier ones take the remainder.
 */
function layersBetweenEnds(s: State, stage: number): number {
  const first = s.design[SLOT_FIRST_STAGE_LAYERS]!;
  const others = Math.max(otherStages(s), 1);
  const rest = Math.max(otherLayers(s), 0);
  const before = stage - (first > 0 ? 1 : 0);
  const sum = first + before * Math.floor(rest / others) + Math.min(before, rest % others);
  return Math.min(sum, graphInteger(s, GRAPH_INTEGER.LAYERS));
}

/** Are stages other than even: by what is said of their ends, or as embedding and head count where layers are shared out? */
export function balancesEdges(s: State): boolean {
  if (statesEnds(s)) return true;
  return s.design[SLOT_EMBEDDING_LAYERS]! + s.design[SLOT_HEAD_LAYERS]! > 0;
}

/**
 * Layers before a stage. Contiguous blocks, of which earlier stages take the remainder; or each stage ends with the layer that
 * fills its share of all, embedding and head counted (nanotron's build_model; Megatron-LM's --account-for-embedding-in-pipeline-split
 * and --account-for-loss-in-pipeline-split: one layer each).
 */
export function layersBefore(s: State, stage: number): number {
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  const stages = s.design[SLOT_PP]!;
  if (!balancesEdges(s)) return stage * Math.floor(layers / stages) + Math.min(stage, layers % stages);
  if (stage === 0 || stage === stages) return stage === 0 ? 0 : layers;
  if (statesEnds(s)) return layersBetweenEnds(s, stage);
  const embedding = s.design[SLOT_EMBEDDING_LAYERS]!;
  const share = (layers + embedding + s.design[SLOT_HEAD_LAYERS]!) / stages;
  return Math.min(Math.max(Math.ceil(stage * share - embedding - STAGE_TOLERANCE), 0), layers);
}

/** Layers of a stage. */
export function stageLayers(s: State, stage: number): number {
  if (balancesEdges(s)) return layersBefore(s, stage + 1) - layersBefore(s, stage);
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  const stages = s.design[SLOT_PP]!;
  const least = Math.floor(layers / stages);
  return stage < layers - least * stages ? least + 1 : least;
}

/** A maximum without a corner, √(a² + b²): host and NPU wait for one another now and then. */
function smoothMaximum(a: number, b: number): number {
  if (b <= 0) return a;
  const share = Math.min(a, b) / Math.max(a, b);
  return Math.max(a, b) * Math.sqrt(1 + share * share);
}

/** A pass of so much of the NPU's time and of the host's, us: beside one another, or, where launches block, in turns. */
function besideHostUs(s: State, npuUs: number, hostUs: number): number {
  const us = s.design[SLOT_LAUNCH_BLOCKING] === 1 ? npuUs + hostUs : smoothMaximum(npuUs, hostUs);
  return us + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

/** Does the host take time of its own for what NPUs run? */
export function hasHostTime(s: State): boolean {
  const { design } = s;
  const expertsUs = design[SLOT_HOST_EXPERT_US]! + design[SLOT_HOST_SHARD_US]!;
  return design[SLOT_HOST_LAUNCH_US]! + expertsUs + design[SLOT_HOST_MICRO_BATCH_US]! > 0;
}

/** A pass over a stage, whose layers and, at the model's ends, sections take so long, us. */
function passUs(s: State, stage: number, layersUs: number, firstUs: number, lastUs: number): number {
  return layersUs + embedShare(s, stage) * firstUs + headShare(s, stage) * lastUs;
}

/** Time of the NPU for a forward pass of one micro-batch on a stage, where the layers take `layersUs`, us. */
export function stageForwardNpuUs(s: State, stage: number, layersUs: number): number {
  const us = s.sectionUs;
  return passUs(s, stage, layersUs, us[SECTION.embedForward]!, us[SECTION.headForward]!);
}

/** The same backward, where the layers take `layersUs`, us. */
export function stageBackwardNpuUs(s: State, stage: number, layersUs: number): number {
  const us = s.sectionUs;
  return passUs(s, stage, layersUs, us[SECTION.embedBackward]!, us[SECTION.headBackward]!);
}

/** Forward time of one micro-batch on a stage, us. */
export function stageForwardUs(
  s: State,
  stage: number,
  layers = stageLayers(s, stage),
  layersUs = layers * s.forwardPeriodUs,
): number {
  const npuUs = stageForwardNpuUs(s, stage, besideOffloadUs(s, layers, layersUs));
  if (!hasHostTime(s)) return npuUs;
  const us = s.sectionHostUs;
  const layerUs = us[SECTION.layerForward]!;
  const hostUs = passUs(s, stage, layers * layerUs, us[SECTION.embedForward]!, us[SECTION.headForward]!);
  return besideHostUs(s, npuUs, hostUs);
}

/** Backward time of one micro-batch on a stage, us; 0 in inference. */
export function stageBackwardUs(
  s: State,
  stage: number,
  layers = stageLayers(s, stage),
  layersUs = layers * s.backwardPeriodUs,
): number {
  if (!isTraining(s)) return 0;
  const npuUs = stageBackwardNpuUs(s, stage, besideOffloadUs(s, layers, layersUs));
  if (!hasHostTime(s)) return npuUs;
  const us = s.sectionHostUs;
  const layerUs = us[SECTION.layerBackward]!;
  const hostUs = passUs(s, stage, layers * layerUs, us[SECTION.embedBackward]!, us[SECTION.headBackward]!);
  return besideHostUs(s, npuUs, hostUs);
}

function addPlace(s: State, stage: number, stages: number, layers: number): void {
  if (stages <= 0) return;
  s.placeStage[s.places] = stage;
  s.placeStages[s.places] = stages;
  s.placeLayers[s.places] = layers;
  s.places++;
}

/** Finds the stages that differ: the first, the last, and those between with one layer more or fewer; it follows from the plan. */
export function findPlaces(s: State): void {
  const stages = s.design[SLOT_PP]!;
  const between = layersBefore(s, stages - 1) - layersBefore(s, 1);
  const each = stages > 2 ? Math.floor(between / (stages - 2)) : 0;
  const longer = stages > 2 ? between - each * (stages - 2) : 0;
  s.places = 0;
  addPlace(s, 0, 1, stageLayers(s, 0));
  addPlace(s, 1, longer, each + 1);
  addPlace(s, stages - 2, stages - 2 - longer, each);
  addPlace(s, stages - 1, stages > 1 ? 1 : 0, stageLayers(s, stages - 1));
}

/** Time of a micro-batch's gradients of weights at a place, part of its backward pass, us. */
function placeGradientUs(s: State, place: number): number {
  const us = s.sectionWeightUs;
  const layersUs = s.placeLayers[place]! * us[SECTION.layerBackward]!;
  const stage = s.placeStage[place]!;
  const ownUs = passUs(s, stage, layersUs, us[SECTION.embedBackward]!, us[SECTION.headBackward]!);
  return Math.min(ownUs, s.placeBackwardUs[place]!);
}

/** Sums forward passes and gradients of weights over all stages, for schedules that split the backward pass. */
function sumSplitPasses(s: State): void {
  s.allForwardUs = 0;
  s.allWeightUs = 0;
  for (let place = 0; place < s.places; place++) {
    s.placeWeightUs[place] = placeGradientUs(s, place);
    s.allForwardUs += s.placeStages[place]! * s.placeForwardUs[place]!;
    s.allWeightUs += s.placeStages[place]! * s.placeWeightUs[place]!;
  }
}

/** Forward and backward time of one micro-batch at a place, us. */
export function placeUs(s: State, place: number): number {
  return s.placeForwardUs[place]! + s.placeBackwardUs[place]!;
}

/**
 * Sets what the last backward pass takes longer, at each place and over all stages, where layers wait for gradients: no stage
 * longer than for all that it sends before its last layer ends.
 */
function timeLastPass(s: State): void {
  const waitUs = s.lastBackwardPeriodUs - s.backwardPeriodUs;
  s.lastPassDelayUs = 0;
  for (let place = 0; place < s.places; place++) s.placeDelayUs[place] = 0;
  if (waitUs === 0) return;
  const pieceUs = largest(s.gradientBusyUs);
  for (let place = 0; place < s.places; place++) {
    const layers = s.placeLayers[place]!;
    if (layers <= 1) continue;
    const layersUs = layers * s.backwardPeriodUs + Math.min(layers * waitUs, (layers - 1) * pieceUs);
    const passUs = stageBackwardUs(s, s.placeStage[place]!, layers, layersUs);
    s.placeDelayUs[place] = passUs - s.placeBackwardUs[place]!;
    s.lastPassDelayUs += s.placeStages[place]! * s.placeDelayUs[place]!;
  }
}

/** Times a micro-batch on all stages, if sections or periods have changed; the slowest is the first of equal ones. */
export function timeStages(s: State): void {
  if (!s.staleStages) return;
  s.staleStages = false;
  s.allStagesUs = 0;
  s.slowestPlace = 0;
  for (let place = 0; place < s.places; place++) {
    const stage = s.placeStage[place]!;
    const layers = s.placeLayers[place]!;
    s.placeForwardUs[place] = stageForwardUs(s, stage, layers);
    s.placeBackwardUs[place] = stageBackwardUs(s, stage, layers);
    const us = placeUs(s, place);
    s.allStagesUs += s.placeStages[place]! * us;
    if (us > placeUs(s, s.slowestPlace)) s.slowestPlace = place;
  }
  timeLastPass(s);
  if (splitsBackward(s)) sumSplitPasses(s);
}
