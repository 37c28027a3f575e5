/** Time of one micro-batch on a pipeline stage: its layers, and at either end of the model an edge. */
import { SLOT } from '../../psa/parameters.js';
import { largest } from '../perDimension.js';
import type { State } from '../state.js';
import { graphInteger } from '../workload/graph.js';
import { GRAPH_INTEGER } from '../workload/header.js';
import { SECTION } from '../workload/transformer.js';
import { isTraining } from './layer.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_HOST_MICRO_BATCH_US = SLOT.compute.hostMicroBatchUs;

/** Layers of a stage: contiguous blocks, earlier stages take the remainder. */
export function stageLayers(s: State, stage: number): number {
  const layers = graphInteger(s, GRAPH_INTEGER.LAYERS);
  const stages = s.design[SLOT_PP]!;
  return Math.floor(layers / stages) + (stage < layers % stages ? 1 : 0);
}

/** A maximum without a corner, √(a² + b²): host and NPU wait for one another now and then. */
function smoothMaximum(a: number, b: number): number {
  if (b <= 0) return a;
  const share = Math.min(a, b) / Math.max(a, b);
  return Math.max(a, b) * Math.sqrt(1 + share * share);
}

/** A pass over a stage, whose layers and, at the model's ends, sections take so long, us. */
function passUs(s: State, stage: number, layersUs: number, firstUs: number, lastUs: number): number {
  let us = layersUs;
  if (stage === 0) us += firstUs;
  if (stage === s.design[SLOT_PP]! - 1) us += lastUs;
  return us;
}

/** Time of the NPU for a forward pass of one micro-batch on a stage, us. */
export function stageForwardNpuUs(s: State, stage: number, layers: number): number {
  const us = s.sectionUs;
  return passUs(s, stage, layers * s.forwardPeriodUs, us[SECTION.embedForward]!, us[SECTION.headForward]!);
}

/** The same backward, where the layers take `layersUs`, us. */
export function stageBackwardNpuUs(s: State, stage: number, layersUs: number): number {
  const us = s.sectionUs;
  return passUs(s, stage, layersUs, us[SECTION.embedBackward]!, us[SECTION.headBackward]!);
}

/** Forward time of one micro-batch on a stage, us. */
export function stageForwardUs(s: State, stage: number, layers = stageLayers(s, stage)): number {
  const us = s.sectionHostUs;
  const layerUs = us[SECTION.layerForward]!;
  const hostUs = passUs(s, stage, layers * layerUs, us[SECTION.embedForward]!, us[SECTION.headForward]!);
  return smoothMaximum(stageForwardNpuUs(s, stage, layers), hostUs) + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

/** Backward time of one micro-batch on a stage, us; 0 in inference. */
export function stageBackwardUs(
  s: State,
  stage: number,
  layers = stageLayers(s, stage),
  layersUs = layers * s.backwardPeriodUs,
): number {
  if (!isTraining(s)) return 0;
  const us = s.sectionHostUs;
  const layerUs = us[SECTION.layerBackward]!;
  const hostUs = passUs(s, stage, layers * layerUs, us[SECTION.embedBackward]!, us[SECTION.headBackward]!);
  return smoothMaximum(stageBackwardNpuUs(s, stage, layersUs), hostUs) + s.design[SLOT_HOST_MICRO_BATCH_US]!;
}

function addPlace(s: State, stage: number, stages: number): void {
  if (stages <= 0) return;
  s.placeStage[s.places] = stage;
  s.placeStages[s.places] = stages;
  s.placeLayers[s.places] = stageLayers(s, stage);
  s.places++;
}

/** Finds the stages that differ: the first, the last, and those between with one layer more or fewer; it follows from the plan. */
export function findPlaces(s: State): void {
  const stages = s.design[SLOT_PP]!;
  const longer = Math.max(graphInteger(s, GRAPH_INTEGER.LAYERS) % stages, 1) - 1;
  s.places = 0;
  addPlace(s, 0, 1);
  addPlace(s, 1, Math.min(longer, stages - 2));
  addPlace(s, stages - 2, stages - 2 - longer);
  addPlace(s, stages - 1, stages > 1 ? 1 : 0);
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
  const pieceUs = largest(s.gradientBusyUs);
  s.lastPassDelayUs = 0;
  for (let place = 0; place < s.places; place++) {
    s.placeDelayUs[place] = 0;
    const layers = s.placeLayers[place]!;
    if (waitUs === 0 || layers <= 1) continue;
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
}
