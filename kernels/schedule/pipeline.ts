/** Micro-batches through the stages of a pipeline. */
import { SLOT } from '../../psa/parameters.js';
import { sendUs } from '../collective/collective.js';
import { OUTPUT } from '../outputs.js';
import type { State } from '../state.js';
import { graphInteger, graphReal, PIPELINE_SCHEDULE } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/header.js';
import { CALL, GROUP, SCALE, WAITED_COUNT } from '../workload/operation.js';
import { SECTION } from '../workload/transformer.js';
import { isTraining } from './layer.js';
import { offloadsActivations } from './offload.js';
import { embedShare, headShare, modelChunks, returnsToFirst, splitsBackward, stagesHeld } from './split.js';
import { hasHostTime, placeUs, stageBackwardNpuUs, stageForwardNpuUs } from './stage.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;
const SLOT_PIPELINE_OVERLAP = SLOT.workload.pipelineOverlap;

/** How often a micro-batch passes an NPU on its way forward. */
function chunksPassed(s: State): number {
  return returnsToFirst(s) ? 2 : modelChunks(s);
}

/**
 * Time to send one micro-batch's activations to the next stage, us: each tensor-parallel rank sends its part, and where the
 * next stage wants the whole its ranks gather it (arXiv 2104.04473, 4.1).
 */
export function boundaryUs(s: State): number {
  const boundaryMB = graphReal(s, GRAPH_REAL.BOUNDARY_MB);
  return sendUs(s, GROUP.pp, boundaryMB * s.scales[SCALE.tokensTp]!) + s.callUs[CALL.boundary]!;
}

/** Longest time of a pass at any place, us. */
function longestUs(s: State, placesUs: Float64Array): number {
  let us = 0;
  for (let place = 0; place < s.places; place++) us = Math.max(us, placesUs[place]!);
  return us;
}

/** Longest forward time of any stage, us: GPipe passes all micro-batches forward before any comes back. */
export function gpipeForwardUs(s: State): number {
  return longestUs(s, s.placeForwardUs);
}

/** Time between micro-batches at a place, which is the slowest one's with GPipe, before its sends show, us. */
function workPeriodUs(s: State, place: number): number {
  if (s.design[SLOT_PIPELINE_SCHEDULE] !== PIPELINE_SCHEDULE.gpipe) return placeUs(s, place);
  return gpipeForwardUs(s) + longestUs(s, s.placeBackwardUs);
}

/**
 * What sends add to the work of a period, us: sends of a micro-batch there and back, over each model chunk, as far as they
 * exceed it, or all of them where stages wait for them.
 */
function exposedSendsUs(s: State, workUs: number, sendUs: number): number {
  const hiddenUs = s.design[SLOT_PIPELINE_OVERLAP] === 1 ? workUs : 0;
  return Math.max((isTraining(s) ? 2 : 1) * chunksPassed(s) * sendUs - hiddenUs, 0);
}

/** Time between micro-batches in a full pipeline, us. */
export function pipelinePeriodUs(s: State): number {
  const workUs = workPeriodUs(s, s.slowestPlace);
  return s.design[SLOT_PP]! > 1 ? workUs + exposedSendsUs(s, workUs, boundaryUs(s)) : workUs;
}

/** Sums one of the `columns` numbers of each section, as often as a stage runs it: layers, and the edges that it has. */
function sumSections(
  of: Float64Array,
  columns: number,
  column: number,
  layers: number,
  embed: number,
  head: number,
): number {
  let sum =
    layers * of[columns * SECTION.layerForward + column]! + layers * of[columns * SECTION.layerBackward + column]!;
  if (embed !== 0) {
    sum += embed * of[columns * SECTION.embedForward + column]!;
    sum += embed * of[columns * SECTION.embedBackward + column]!;
  }
  if (head === 0) return sum;
  sum += head * of[columns * SECTION.headForward + column]!;
  return sum + head * of[columns * SECTION.headBackward + column]!;
}

/** Sets the work of all micro-batches on a stage: compute and exposed communication. */
function setStage(s: State, parts: Float64Array, stage: number, stageLayers: number): void {
  const count = s.microBatches;
  const layers = count * stageLayers;
  const embed = count * embedShare(s, stage);
  const head = count * headShare(s, stage);
  parts[OUTPUT.computeUs] = sumSections(s.sectionComputeUs, 1, 0, layers, embed, head);
  parts[OUTPUT.exposedTpUs] = sumSections(s.sectionExposedUs, WAITED_COUNT, 0, layers, embed, head);
  parts[OUTPUT.exposedSpUs] = sumSections(s.sectionExposedUs, WAITED_COUNT, 1, layers, embed, head);
  parts[OUTPUT.exposedEpUs] = sumSections(s.sectionExposedUs, WAITED_COUNT, 2, layers, embed, head);
  parts[OUTPUT.exposedDpUs] =
    layers * (s.forwardPeriodUs - s.sectionUs[SECTION.layerForward]!) +
    layers * (s.backwardPeriodUs - s.sectionUs[SECTION.layerBackward]!);
}

/**
 * How long a stage that never waits for others' periods is idle where gradients of weights fill gaps, us: with all stages alike
 * (p − 1) of the terms for F forward, B backward to the input, W to the weights. H1 (p − 1)·(F + B − W) and H2
 * (p − 1)·(F + B − 2W) with optimisers that do not wait for one another: arXiv 2401.10241, 2.3. ZB-V
 * (p − 1)·(max(F, B) − W): its order of passes, replayed. DualPipe (p/2 − 1)·(F + 2·(B + W) − 3W): arXiv 2412.19437, table 2.
 * No more micro-batches fill gaps than there are. Of the last one the backward passes of others are longer where they wait for gradients.
 */
function splitIdleUs(s: State, place: number): number {
  const others = s.design[SLOT_PP]! - 1;
  const forwardUs = s.allForwardUs - s.placeForwardUs[place]!;
  const delayUs = Math.max(s.lastPassDelayUs - stagesHeld(s) * s.placeDelayUs[place]!, 0);
  const backwardUs = Math.max(s.allStagesUs - s.allForwardUs - s.placeBackwardUs[place]!, 0) + delayUs;
  const inputUs = Math.max(backwardUs - (s.allWeightUs - s.placeWeightUs[place]!), 0);
  const filledUs = (most: number) => Math.min(most, s.microBatches) * s.placeWeightUs[place]!;
  switch (s.design[SLOT_PIPELINE_SCHEDULE]) {
    case PIPELINE_SCHEDULE.zbH1:
      return inputUs + Math.max(forwardUs - filledUs(others), 0);
    case PIPELINE_SCHEDULE.zbH2:
      return Math.max(forwardUs + inputUs - filledUs(2 * others), 0);
    case PIPELINE_SCHEDULE.zbV:
      return Math.max(Math.max(forwardUs, inputUs) - filledUs(others), 0);
    default: {
      const half = (others + 1) / 2 - 1;
      return Math.max((half / others) * (forwardUs + 2 * backwardUs) - filledUs(3 * half), 0);
    }
  }
}

/**
 * What exchanges of experts take that have no other micro-batch to travel beside, us: those of as many micro-batches as there are stages,
 * from their first forward passes to their last backward ones, which on all stages together are one in each layer of the model.
 */
function allAloneUs(s: State): number {
  const share = Math.min(s.microBatches / s.design[SLOT_PP]!, 1);
  const layerUs = s.sectionAloneUs[SECTION.layerForward]! + s.sectionAloneUs[SECTION.layerBackward]!;
  return share * graphInteger(s, GRAPH_INTEGER.LAYERS) * layerUs;
}

/** The place whose work a step consists of: the slowest, or the one that the step ends with where each ends by itself. */
function workPlace(s: State): number {
  return splitsBackward(s) ? s.endPlace : s.slowestPlace;
}

/**
 * Sets what all micro-batches take: m of them at a period of the slowest stage M, `pipelineUs`, with a fill and drain of all other
 * stages, which interleaving over v model chunks shortens v-fold: m·M + (Σ − M)/v (arXiv 2104.04473, 2.2; GPipe: arXiv
 * 1811.06965). Where the backward pass is split, the work and the idle time of `endPlace`. `sendsUs`: of the sends one pass there and
 * back shows, and what those of a period add to its work, between the first and the last micro-batch from either end. `aloneUs`: see `allAloneUs`.
 */
export function timePipeline(s: State): void {
  const stages = s.design[SLOT_PP]!;
  const periodUs = workPeriodUs(s, workPlace(s));
  s.pipelineUs = s.microBatches * periodUs;
  s.sendsUs = 0;
  s.aloneUs = allAloneUs(s);
  if (stages <= 1) return;
  const sendUs = boundaryUs(s);
  if (splitsBackward(s)) s.pipelineUs += splitIdleUs(s, s.endPlace);
  else s.pipelineUs += (s.allStagesUs - periodUs) / modelChunks(s);
  s.sendsUs = (isTraining(s) ? 2 : 1) * (stages - 1) * sendUs * (returnsToFirst(s) ? 2 : 1);
  s.sendsUs += (s.microBatches - stagesHeld(s)) * exposedSendsUs(s, periodUs, sendUs);
}

/** What a micro-batch takes at a place beyond what its NPU computes and waits for collectives, us: launches, and copies to the host. */
function launchUs(s: State, place: number): number {
  if (!hasHostTime(s) && !offloadsActivations(s)) return 0;
  const stage = s.placeStage[place]!;
  const layers = s.placeLayers[place]!;
  const backwardUs = stageBackwardNpuUs(s, stage, layers * s.backwardPeriodUs);
  return placeUs(s, place) - (stageForwardNpuUs(s, stage, layers * s.forwardPeriodUs) + backwardUs);
}

/** Splits the pipeline's time into its parts: one stage's compute and communication, launches, bubble, sends. */
export function splitPipeline(s: State): void {
  const { parts } = s;
  const place = workPlace(s);
  setStage(s, parts, s.placeStage[place]!, s.placeLayers[place]!);
  parts[OUTPUT.exposedEpUs]! += s.aloneUs;
  parts[OUTPUT.launchUs] = s.microBatches * launchUs(s, place);
  parts[OUTPUT.bubbleUs] = s.design[SLOT_PP] === 1 ? 0 : s.pipelineUs - s.microBatches * placeUs(s, place);
  parts[OUTPUT.exposedPpUs] = s.sendsUs;
}
