/** A collective of a group over all dimensions that the group spans, in chunks that follow one another through the phases. */
import { categoryCode, MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { clear, copy } from '../perDimension.js';
import type { State } from '../state.js';
import { COLLECTIVE } from '../workload/operation.js';
import { ceilLog2, phase, reductionUsPerMB, ringPhase } from './phase.js';

const SLOT_CHUNKS = slotOf('collective.chunks');
const SLOT_COLLECTIVE_OVERHEAD_US = slotOf('network.collectiveOverheadUs');
const SLOT_MULTI_DIMENSIONAL = slotOf('collective.multiDimensional');
export const MULTI_DIMENSIONAL = {
  baseline: categoryCode('collective.multiDimensional', 'baseline'),
  localBandwidthAware: categoryCode('collective.multiDimensional', 'localBWAware'),
  flatRing: categoryCode('collective.multiDimensional', 'flatRing'),
} as const;

/** The outermost dimension in which a group has several NPUs. */
function lastDimension(s: State, group: number): number {
  let last = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    if (s.groupFactor[group * MAX_DIMENSIONS + d]! > 1) last = d;
  }
  return last;
}

/** Time of one chunk of `sizeMB` in dimension d for a phase of `collective`, us. */
function phaseUs(s: State, collective: number, group: number, d: number, sizeMB: number): number {
  const place = group * MAX_DIMENSIONS + d;
  phase(s, collective, d, s.groupFactor[place]!, s.groupSpan[place]!);
  return s.phaseAlphaUs + s.phaseBetaUsPerMB * sizeMB;
}

/** Time to start a collective: software, and rings or trees that grow with the group, us. */
function startUs(s: State, group: number): number {
  return s.design[SLOT_COLLECTIVE_OVERHEAD_US]! * ceilLog2(s.groupSize[group]!);
}

/**
 * One ring over all NPUs of a group, as NCCL builds it: in each dimension the inner NPUs carry a part of the data in
 * parallel, so it is as fast as its slowest dimension, and keeps each busy for what passes through it.
 */
function flatRing(s: State, kind: number, group: number, sizeMB: number): void {
  const size = s.groupSize[group]!;
  const passes = kind === COLLECTIVE.allReduce ? 2 : 1;
  const reduced = kind === COLLECTIVE.allGather ? 0 : (size - 1) / size;
  let inner = 1;
  let stepUs = 0;
  let usPerMB = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const place = group * MAX_DIMENSIONS + d;
    const factor = s.groupFactor[place]!;
    if (factor <= 1) continue;
    ringPhase(s, d, factor, s.groupSpan[place]!);
    stepUs = Math.max(stepUs, s.phaseAlphaUs / (factor - 1));
    const laneUsPerMB = (s.phaseBetaUsPerMB * factor) / (factor - 1) / inner;
    usPerMB = Math.max(usPerMB, laneUsPerMB);
    s.busyUs[d] = (passes * (size - 1) * laneUsPerMB * sizeMB) / size;
    inner *= factor;
  }
  const ringUs = (size - 1) * (stepUs + (usPerMB * sizeMB) / size);
  s.collectiveUs = passes * ringUs + reduced * reductionUsPerMB(s) * sizeMB + startUs(s, group);
}

/**
 * Sets `collectiveUs` and, per dimension, `busyUs`: a flow shop of equal chunks, so the sum of the phases and one more of the
 * longest station for every further chunk (ASTRA-sim's queues; a dimension's reduce-scatter and all-gather share a station).
 *
 * - reduce-scatter: dimensions ascending, the size shrinking by n; all-gather its mirror; all-to-all with the whole size.
 * - all-reduce, `localBWAware` (BlueConnect, Cho et al., MLSys 2019): reduce-scatter upwards, all-reduce in the last dimension,
 *   all-gather downwards. `baseline`: an all-reduce of the whole buffer in each dimension.
 *
 * @param sizeMB the whole buffer: input of a reduce-scatter, output of an all-gather
 */
function runCollective(s: State, kind: number, group: number, sizeMB: number): void {
  s.collectiveUs = 0;
  clear(s.busyUs);
  if (s.design[SLOT_MULTI_DIMENSIONAL] === MULTI_DIMENSIONAL.flatRing && kind !== COLLECTIVE.allToAll) {
    flatRing(s, kind, group, sizeMB);
    return;
  }
  const chunks = s.design[SLOT_CHUNKS]!;
  const split =
    kind === COLLECTIVE.allReduce && s.design[SLOT_MULTI_DIMENSIONAL] === MULTI_DIMENSIONAL.localBandwidthAware;
  const shrinks = split || kind === COLLECTIVE.reduceScatter || kind === COLLECTIVE.allGather;
  const last = lastDimension(s, group);
  let chunkMB = sizeMB / chunks;
  let longestUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const factor = s.groupFactor[group * MAX_DIMENSIONS + d]!;
    if (factor <= 1) continue;
    // A station: one phase, or the way up and the way down. One call in a loop keeps compiled shaders small.
    const halves = split && d !== last;
    let stationUs = 0;
    for (let way = 0; way < (halves ? 2 : 1); way++) {
      const half = way === 1 ? COLLECTIVE.allGather : COLLECTIVE.reduceScatter;
      stationUs += phaseUs(s, halves ? half : kind, group, d, chunkMB);
    }
    s.collectiveUs += stationUs;
    longestUs = Math.max(longestUs, stationUs);
    s.busyUs[d] = chunks * stationUs;
    if (shrinks) chunkMB /= factor;
  }
  s.collectiveUs += (chunks - 1) * longestUs + startUs(s, group);
}

/**
 * Sets `collectiveUs` and `busyUs` as {@link runCollective} does, or to nothing where there is nothing to send. Layers repeat
 * themselves: half of all collectives are the same as the last of their kind, and are remembered.
 */
export function collective(s: State, kind: number, group: number, sizeMB: number): void {
  if (s.groupSize[group]! <= 1 || sizeMB <= 0) {
    s.collectiveUs = 0;
    clear(s.busyUs);
    return;
  }
  if (s.knownMB[kind] === sizeMB && s.knownGroup[kind] === group) {
    s.collectiveUs = s.knownUs[kind]!;
    copy(s.busyUs, s.knownBusyUs, 0, kind * MAX_DIMENSIONS);
    return;
  }
  runCollective(s, kind, group, sizeMB);
  s.knownGroup[kind] = group;
  s.knownMB[kind] = sizeMB;
  s.knownUs[kind] = s.collectiveUs;
  copy(s.knownBusyUs, s.busyUs, kind * MAX_DIMENSIONS);
}

/** Time to send `sizeMB` to the next pipeline stage over the slowest dimension that stages cross, us. */
export function sendUs(s: State, group: number, sizeMB: number): number {
  let slowestUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const place = group * MAX_DIMENSIONS + d;
    const factor = s.groupFactor[place]!;
    if (factor <= 1) continue;
    // On a Ring the groups between two stages share the links, and their hops add up; elsewhere a link of their own.
    const stride = s.topology[d] === 0 ? Math.floor(s.groupSpan[place]! / factor) : 1;
    slowestUs = Math.max(slowestUs, stride * (s.hopUs[d]! + s.linkUsPerMB[d]! * sizeMB));
  }
  return slowestUs;
}
