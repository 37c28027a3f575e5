/** Gradients of a box that overlap: what they take beside their longest station. */
import { addCallBusy } from '../collective/call.js';
import { clear, largest } from '../perDimension.js';
import { isTraining } from '../schedule/layer.js';
import { overlapsGradients, scattersGradients } from '../schedule/sharding.js';
import type { State } from '../state.js';
import { CALL, GROUP_COUNT } from '../workload/operation.js';
import { boundCollectiveUs, type ChannelBounds } from './collective.js';
import { LEAST } from './network.js';

/**
 * Gradients that overlap go into a step with what they take beside their longest station (`gradientTailUs`), which the use of the
 * dimensions is not an end of together with the time: a choice of more chunks may take less time and keep a dimension longer. So
 * what is beside the longest station has an end of its own. Gradients of experts may share that station with those of the rest:
 * least not at all, at most as far as the shorter goes; in one design as they do.
 */
export function boundGradients(s: State, bounds: ChannelBounds): void {
  if (!isTraining(s) || !overlapsGradients(s) || scattersGradients(s)) return;
  const { end, single } = bounds;
  const restUs = (call: number): number => {
    const [channel, sizeMB] = [s.callChannel[call]!, s.callMB[call]!];
    const used = sizeMB > 0 && s.groupSize[channel % GROUP_COUNT]! > 1;
    return used ? boundCollectiveUs(bounds, channel, sizeMB, true) : 0;
  };
  clear(s.busyUs);
  addCallBusy(s, CALL.gradientExpert, s.busyUs);
  const expertUs = largest(s.busyUs);
  addCallBusy(s, CALL.gradientDense, s.busyUs);
  const bothUs = largest(s.busyUs);
  clear(s.busyUs);
  addCallBusy(s, CALL.gradientDense, s.busyUs);
  const denseUs = largest(s.busyUs);
  const apartUs = end === LEAST ? 0 : Math.min(denseUs, expertUs);
  const sharedUs = single ? denseUs + expertUs - bothUs : apartUs;
  s.callUs[CALL.gradientDense] = restUs(CALL.gradientDense) + restUs(CALL.gradientExpert) + sharedUs + bothUs;
  s.callUs[CALL.gradientExpert] = 0;
}
