/** One step of a graph: layers on stages, micro-batches through the pipeline, gradients, optimiser. */

import { SLOT } from '../../psa/parameters.js';
import { timeCalls } from '../collective/call.js';
import { clearTimes } from '../combine.js';
import { OUTPUT } from '../outputs.js';
import type { State } from '../state.js';
import { graphInteger } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/header.js';
import { CALL, GROUP, RATE } from '../workload/operation.js';
import { rooflineUs } from '../workload/roofline.js';
import { SECTION } from '../workload/transformer.js';
import { exposedGradientsUs, firstGatherUs } from './gradients.js';
import { edgeM, isTraining, layer, layerDenseM, layerExpertM } from './layer.js';
import { hostOptimizerUs, ownShare } from './offload.js';
import { splitPipeline, timePipeline } from './pipeline.js';
import {
  optimizerPassesBytes,
  optimizerTrafficBytes,
  overlapsGradients,
  WEIGHT_SHARDING,
  weightSharding,
} from './sharding.js';
import { headShare, modelChunks, splitsBackward, stagesHeld } from './split.js';
import { stageLayers, timeStages } from './stage.js';

const SLOT_PP = SLOT.workload.pp;

export const OPTIMIZER_FLOPS = 12;

/** Of a step: NPUs that end no farther apart end at the same time, in f32 as in f64. */
export const END_TOLERANCE = 1e-5;

/** Sets the time of the optimiser on the first stage; it follows from the plan and the layout of the axes. */
export function timeOptimizer(s: State): void {
  const layers = stagesHeld(s) * stageLayers(s, 0);
  const headM = headShare(s, 0) > 0 ? edgeM(s, GRAPH_REAL.OWN_HEAD_M) : 0;
  const denseM = layers * layerDenseM(s) + edgeM(s, GRAPH_REAL.EMBED_M) + headM;
  const expertM = layers * layerExpertM(s);
  const whole = weightSharding(s) === WEIGHT_SHARDING.none;
  const replicas = whole ? 1 : s.groupSize[GROUP.data]!;
  const expertReplicas = whole ? 1 : s.groupSize[GROUP.expertData]!;
  const ownM = denseM / replicas + expertM / expertReplicas;
  const npuM = ownShare(s) * ownM;
  const trafficBytes = optimizerTrafficBytes(s) + optimizerPassesBytes(s);
  s.optimizerUs = rooflineUs(s, RATE.elementwise, OPTIMIZER_FLOPS * npuM, trafficBytes * npuM);
  s.optimizerUs += hostOptimizerUs(s, ownM);
}

/** With ZeRO-1 and 2 the gather of the weights that the optimiser updated: beside the next forward pass where traffic overlaps, us. */
function exposedUpdateUs(s: State): number {
  const gatherUs = s.callUs[CALL.updatedDense]! + s.callUs[CALL.updatedExpert]!;
  const hiddenUs = overlapsGradients(s) ? s.placeForwardUs[s.endPlace]! / modelChunks(s) : 0;
  return Math.max(gatherUs - hiddenUs, 0);
}

/** Times one step of the graph, whose plan has been timed, us; not again where nothing has changed. */
export function stepGraph(s: State): void {
  if (!s.stalePlan && s.staleGroups === 0) return;
  timeCalls(s);
  timeStep(s);
}

/** Times the step up to the end of the NPUs at a place, us. */
function timeEnd(s: State, place: number): void {
  s.endPlace = place;
  timePipeline(s);
  s.firstGatherUs = firstGatherUs(s);
  s.replicasUs = s.firstGatherUs;
  s.stepUs = s.pipelineUs + s.sendsUs + s.aloneUs;
  if (isTraining(s)) {
    s.replicasUs += exposedGradientsUs(s) + exposedUpdateUs(s);
    s.stepUs += s.optimizerUs;
  }
  s.stepUs += s.replicasUs;
}

/**
 * Times the step where schedules split the backward pass: NPUs need not end in turn, and each hides traffic beside its own passes.
 * The longest of all their steps counts, for which the others wait; it is monotone, as each of them is. Its parts are those of the
 * first that is as long.
 */
function endTogether(s: State): void {
  let longestUs = 0;
  for (let place = 0; place < s.places; place++) {
    timeEnd(s, place);
    longestUs = Math.max(longestUs, s.stepUs);
  }
  let place = 0;
  timeEnd(s, place);
  while (s.stepUs < longestUs * (1 - END_TOLERANCE)) timeEnd(s, ++place);
  s.pipelineUs += longestUs - s.stepUs;
  s.stepUs = longestUs;
}

/** Times one step of the graph, us, whose calls have been timed. */
export function timeStep(s: State): void {
  layer(s);
  timeStages(s);
  if (splitsBackward(s)) endTogether(s);
  else timeEnd(s, 0);
  s.stalePlan = false;
  s.staleGroups = 0;
}

/** Time of a step in which an NPU computes, in the mean of all stages, us; it follows from the plan and the layout of the axes. */
export function busyUs(s: State): number {
  const us = s.sectionComputeUs;
  const layerUs = us[SECTION.layerForward]! + us[SECTION.layerBackward]!;
  const edgesUs =
    us[SECTION.embedForward]! + us[SECTION.embedBackward]! + us[SECTION.headForward]! + us[SECTION.headBackward]!;
  const passUs = graphInteger(s, GRAPH_INTEGER.LAYERS) * layerUs + edgesUs;
  return (s.microBatches * passUs) / s.design[SLOT_PP]! + (isTraining(s) ? s.optimizerUs : 0);
}

/** Sets the times in `parts`: the step and what it consists of, us. */
export function splitStep(s: State): void {
  const { parts } = s;
  clearTimes(parts);
  parts[OUTPUT.timeUs] = s.stepUs;
  parts[OUTPUT.busyUs] = busyUs(s);
  splitPipeline(s);
  parts[OUTPUT.exposedDpUs]! += s.replicasUs;
  if (isTraining(s)) parts[OUTPUT.optimizerUs] = s.optimizerUs;
}
