/**
 * Runs a section of an op graph once, in the order of its rows: one compute resource, one for communication that the chain
 * waits for. The order on each resource is fixed, so times are sums and maxima of durations (a max-plus system) and a faster
 * part never slows the whole, unlike a ready list (Graham, SIAM J. Appl. Math. 17(2), 1969).
 */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { clear } from '../perDimension.js';
import { BLOCK_TERMS, type State } from '../state.js';
import { GROUP_COUNT, JOIN } from '../workload/operation.js';

const SLOT_HOST_LAUNCH_US = SLOT.compute.hostLaunchUs;

/** Groups that communicate within a section: tp, sp, ep, the first of GROUP. */
export const CHAIN_GROUPS = 3;

/**
 * Runs the segments of a section. Sets its
 * - `sectionUs`: time, and `sectionLoadedUs`: time if other communication was queued before it on the dimensions of its groups
 *   for `sectionQueueUs` (FIFO waits for that; LIFO, the newest first, overtakes it);
 * - `sectionExposedUs` per group, and `sectionHostUs`: host time to launch all operations.
 */
export function chain(s: State, section: number): void {
  const end = s.sectionEnd[section]!;
  const exposed = CHAIN_GROUPS * section;
  const hostLaunchUs = s.design[SLOT_HOST_LAUNCH_US]!;
  let hostUs = s.sectionLaunchUs[section]!;
  let computeUs = 0;
  let communicationUs = 0;
  let previousUs = 0;
  let computeLoadedUs = 0;
  let communicationLoadedUs = 0;
  let previousLoadedUs = 0;
  let group = 0;
  let previousGroup = 0;
  for (let i = 0; i < CHAIN_GROUPS; i++) s.sectionExposedUs[exposed + i] = 0;
  for (let i = s.sectionFirst[section]!; i < end; i++) {
    const word = s.segmentWord[i]!;
    const call = word & 0xff;
    const join = word >>> 8;
    if (call > 0 && s.callUs[call - 1]! > 0) {
      const us = s.callUs[call - 1]!;
      hostUs += hostLaunchUs;
      previousUs = communicationUs;
      previousLoadedUs = communicationLoadedUs;
      previousGroup = group;
      group = s.callChannel[call - 1]! % GROUP_COUNT;
      if (join === JOIN.last) {
        const bothUs = us + s.segmentUs[i]!;
        s.sectionExposedUs[exposed + group]! += us;
        computeLoadedUs = Math.max(computeLoadedUs, s.sectionQueueUs[exposed + group]!) + bothUs;
        computeUs += bothUs;
        continue;
      }
      const startUs = Math.max(computeUs, communicationUs);
      const queueUs = s.sectionQueueUs[exposed + group]!;
      communicationUs = startUs + us;
      communicationLoadedUs = Math.max(computeLoadedUs, communicationLoadedUs, queueUs) + us;
      s.recorder?.({ row: s.segmentRow[i]!, startUs, endUs: communicationUs });
      continue;
    }
    if (join === JOIN.last) {
      s.sectionExposedUs[exposed + group]! += Math.max(communicationUs - computeUs, 0);
      computeUs = Math.max(computeUs, communicationUs);
      computeLoadedUs = Math.max(computeLoadedUs, communicationLoadedUs);
    } else if (join === JOIN.previous) {
      s.sectionExposedUs[exposed + previousGroup]! += Math.max(previousUs - computeUs, 0);
      computeUs = Math.max(computeUs, previousUs);
      computeLoadedUs = Math.max(computeLoadedUs, previousLoadedUs);
    }
    const us = s.segmentUs[i]!;
    computeUs += us;
    computeLoadedUs += us;
    if (call === 0) s.recorder?.({ row: s.segmentRow[i]!, startUs: computeUs - us, endUs: computeUs });
  }
  s.sectionExposedUs[exposed + group]! += Math.max(communicationUs - computeUs, 0);
  s.sectionUs[section] = Math.max(computeUs, communicationUs);
  s.sectionLoadedUs[section] = Math.max(computeLoadedUs, communicationLoadedUs);
  s.sectionHostUs[section] = hostUs;
}

/** Sets `blockUs` to the use of each dimension by the collectives of a section. */
export function sectionBusyUs(s: State, section: number, blockUs: Float64Array): void {
  clear(blockUs);
  const first = section * BLOCK_TERMS;
  for (let term = first; term < first + s.sectionTerms[section]!; term++) {
    const station = s.termChannel[term]! * MAX_DIMENSIONS;
    const count = s.termCount[term]!;
    const sizeMB = s.termMB[term]!;
    for (let d = 0; d < MAX_DIMENSIONS; d++) {
      blockUs[d]! += count * s.stationUs[station + d]! + sizeMB * s.stationUsPerMB[station + d]!;
    }
  }
}
