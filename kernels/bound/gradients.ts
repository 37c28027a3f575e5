/** Gradients of a box that overlap: what they take beside their longest station. */
import { addCallBusy } from '../collective/call.js';
import { clear, largest } from '../perDimension.js';
import { isTraining, LAYER_GRADIENTS } from '../schedule/layer.js';
import { overlapsGradients, scattersGradients } from '../schedule/sharding.js';
import type { State } from '../state.js';
import { CALL, CHANNEL_GROUPS } from '../workload/operation.js';
import { boundCollectiveUs, type ChannelBounds } from './collective.js';
import { LEAST } from './network.js';

/**
 * Gradients that overlap go into a step with what they take beside their longest station (`gradientTailUs`), which the use of the
 * dimensions is not an end of together with the time: a choice of more chunks may take less time and keep a dimension longer. So
 * what is beside the longest station has an end of its own. Gradients of experts, and shards between groups of replicas, may share
 * that station with the rest: least not at all, at most so that all but the longest do; in one design as they do.
 */
export function boundGradients(s: State, bounds: ChannelBounds): void {
  if (!isTraining(s) || !overlapsGradients(s) || scattersGradients(s)) return;
  const { end, single } = bounds;
  let ownUs = 0;
  let longestUs = 0;
  let restUs = 0;
  for (const call of LAYER_GRADIENTS) {
    const [channel, sizeMB] = [s.callChannel[call]!, s.callMB[call]!];
    if (sizeMB <= 0 || s.groupSize[channel % CHANNEL_GROUPS]! <= 1) continue;
    clear(s.busyUs);
    addCallBusy(s, call, s.busyUs);
    ownUs += largest(s.busyUs);
    longestUs = Math.max(longestUs, largest(s.busyUs));
    restUs += boundCollectiveUs(bounds, channel, sizeMB, true);
  }
  clear(s.busyUs);
  for (const call of LAYER_GRADIENTS) addCallBusy(s, call, s.busyUs);
  const togetherUs = largest(s.busyUs);
  const apartUs = end === LEAST ? 0 : ownUs - longestUs;
  const sharedUs = single ? ownUs - togetherUs : apartUs;
  for (const call of LAYER_GRADIENTS) s.callUs[call] = 0;
  s.callUs[CALL.gradientDense] = restUs + sharedUs + togetherUs;
}
