/** The traffic of weights and gradients that compute does not hide. */
import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { addCallBusy } from '../collective/call.js';
import { clear, largest } from '../perDimension.js';
import type { State } from '../state.js';
import { CALL } from '../workload/operation.js';
import { gatheringForwardUs } from './layer.js';
import {
  gathersBackward,
  gathersForward,
  gathersWeights,
  overlapsGradients,
  prefetches,
  scattersGradients,
} from './sharding.js';
import { modelChunks, splitsBackward, stagesHeld } from './split.js';
import { placeUs, stageForwardUs, stageLayers } from './stage.js';

const SLOT_SHARDING_EFFICIENCY = SLOT.network.shardingEfficiency;
const SLOT_SCHEDULING_POLICY = SLOT.collective.schedulingPolicy;
const FIFO = CODE.collective.schedulingPolicy.FIFO;

/** Time to reduce the gradients of an edge (embedding or head), and then their shards between groups of replicas, us. */
function edgeUs(s: State, call: number, outerCall: number): number {
  const us = s.callUs[call]! + s.callUs[outerCall]!;
  return gathersWeights(s) ? us / s.design[SLOT_SHARDING_EFFICIENCY]! : us;
}

/**
 * What gradients that overlap take after the last backward pass, us. A dimension works off what it is given: it ends after
 * its first release and all work, or after the last release and the last piece (a maximum over releases, largest at an end as
 * layers are alike; what layers wait for gradients lies between the first and the last). What does not wait for them, all but FIFO's,
 * adds its use to the work, as do gathers. `busyUs`: the head's use of the dimensions.
 */
function gradientTailUs(s: State, pieces: number): number {
  const oldestFirst = s.design[SLOT_SCHEDULING_POLICY] === FIFO;
  const gathers = gathersBackward(s) && prefetches(s) && !scattersGradients(s);
  const delayUs = s.placeDelayUs[s.endPlace]! / modelChunks(s);
  const betweenUs = ((pieces - 1) / pieces) * s.placeBackwardUs[s.endPlace]! + delayUs;
  let tailUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const pieceUs = s.gradientBusyUs[d]!;
    if (pieceUs <= 0) continue;
    const chainUs = oldestFirst ? 0 : (pieces - 1) * s.backwardBlockUs[d]!;
    const gatherUs = gathers ? (pieces - 1) * s.gatherBusyUs[d]! : 0;
    const backlogUs = pieces * pieceUs + s.busyUs[d]! + chainUs + gatherUs - betweenUs;
    tailUs = Math.max(tailUs, pieceUs, backlogUs);
  }
  return tailUs + s.gradientUs - largest(s.gradientBusyUs);
}

/**
 * What the last micro-batch comes later by, us: through all stages; where the backward pass is split, on the NPU that the step ends
 * with, for other NPUs' passes are what that is idle for.
 */
function lastDelayUs(s: State): number {
  return splitsBackward(s) ? stagesHeld(s) * s.placeDelayUs[s.endPlace]! : s.lastPassDelayUs / modelChunks(s);
}

/**
 * What gradients take that nothing hides, on the first stage, where the backward pass ends last, us. Where the schedule splits it,
 * the passes of `endPlace` hide them.
 */
export function exposedGradientsUs(s: State): number {
  const sharded = scattersGradients(s);
  const pieces = sharded ? 1 : Math.max(stagesHeld(s) * stageLayers(s, 0), 1);
  const headUs = edgeUs(s, CALL.headGradient, CALL.outerHead);
  clear(s.busyUs);
  // A sharded head is kept with the embedding, and its gradient reduced at the end.
  if (!sharded) {
    addCallBusy(s, CALL.headGradient, s.busyUs);
    addCallBusy(s, CALL.outerHead, s.busyUs);
  }
  let layersUs = overlapsGradients(s) ? gradientTailUs(s, pieces) : pieces * s.gradientUs + headUs;
  if (sharded) layersUs += headUs;
  const delayUs = overlapsGradients(s) ? lastDelayUs(s) : 0;
  return layersUs + edgeUs(s, CALL.embedGradient, CALL.outerEmbed) + delayUs;
}

/**
 * What the first forward pass of a step takes longer than the others, which find the weights gathered, us. Its first model chunk
 * delays the stages behind; the other chunks do as far as the stage is slower with them than the slowest, for which it waits else.
 */
function onceGatheredUs(s: State): number {
  if (gathersForward(s)) return 0;
  const layers = s.placeLayers[s.endPlace]!;
  const firstUs = stageForwardUs(s, s.placeStage[s.endPlace]!, layers, layers * gatheringForwardUs(s));
  const longerUs = firstUs - s.placeForwardUs[s.endPlace]!;
  const slackUs = placeUs(s, s.slowestPlace) - placeUs(s, s.endPlace);
  const chunks = modelChunks(s);
  return longerUs / chunks + (1 - 1 / chunks) * Math.max(longerUs - slackUs, 0);
}

/**
 * Sharded weights that nothing hides the gather of: the first layer's if it is gathered ahead, those that stay for the step as
 * far as the first pass waits for them, and the edges' of the model, kept for the step, us.
 */
export function firstGatherUs(s: State): number {
  if (!gathersWeights(s)) return 0;
  const aheadUs = prefetches(s) ? s.gatherUs : 0;
  return aheadUs + onceGatheredUs(s) + s.callUs[CALL.firstGather]! / s.design[SLOT_SHARDING_EFFICIENCY]!;
}
