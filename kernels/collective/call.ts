/** The collectives that a step consists of, each of which may take place many times: see CALL in workload/operation.ts. */
import { MAX_DIMENSIONS } from '../../psa/parameters.js';
import { clear } from '../perDimension.js';
import type { State } from '../state.js';
import { CHANNEL_GROUPS } from '../workload/operation.js';
import { collectiveUs, stationBusyUs } from './collective.js';

/** Times the calls of the stale groups. */
export function timeCalls(s: State): void {
  for (let i = 0; i < s.activeCalls; i++) {
    const call = s.activeCall[i]!;
    const channel = s.callChannel[call]!;
    if (((s.staleGroups >> (channel % CHANNEL_GROUPS)) & 1) === 0) continue;
    s.callUs[call] = collectiveUs(s, channel, s.callMB[call]!);
  }
}

/** Adds a call's use of each dimension, us. */
export function addCallBusy(s: State, call: number, busyUs: Float64Array): void {
  const sizeMB = s.callMB[call]!;
  if (sizeMB <= 0) return;
  const channel = s.callChannel[call]!;
  for (let d = 0; d < MAX_DIMENSIONS; d++) busyUs[d]! += stationBusyUs(s, channel, d, sizeMB);
}

/** Sets `busyUs` to the use of each dimension by the collectives of a layer (place in LAYER_SECTIONS), us. */
export function layerBusyUs(s: State, layer: number, busyUs: Float64Array): void {
  const { layerFirst, layerChannel, layerCount, layerAgain } = s.steps;
  clear(busyUs);
  for (let place = layerFirst[layer]!; place < layerFirst[layer + 1]!; place++) {
    const count = layerCount[place]! - (1 - s.againShare) * layerAgain[place]!;
    const station = layerChannel[place]! * MAX_DIMENSIONS;
    const sizeMB = s.layerMB[place]!;
    for (let d = 0; d < MAX_DIMENSIONS; d++) {
      busyUs[d]! += count * s.stationUs[station + d]! + sizeMB * s.stationUsPerMB[station + d]!;
    }
  }
}
