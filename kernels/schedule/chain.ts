/**
 * Runs a section of an op graph once, in the order of its rows: one compute resource, one for communication that the chain
 * waits for. The order on each resource is fixed, so times are sums and maxima of durations (a max-plus system) and a faster
 * part never slows the whole, unlike a ready list (Graham, SIAM J. Appl. Math. 17(2), 1969).
 */
import { CODE, SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { CHANNEL_GROUPS, GROUP, JOIN, WAITED_AS, WAITED_COUNT } from '../workload/operation.js';

const SLOT_HOST_LAUNCH_US = SLOT.compute.hostLaunchUs;
const SLOT_TENSOR_OVERLAP = SLOT.workload.tensorOverlap;
const SLOT_TENSOR_PIPELINING = SLOT.workload.tensorPipelining;
const SLOT_EXPERT_OVERLAP = SLOT.workload.expertOverlap;
const SLOT_EXCHANGE_SHARE = SLOT.workload.exchangeShare;
const SLOT_SCHEDULING_POLICY = SLOT.collective.schedulingPolicy;
const SHARED = CODE.collective.schedulingPolicy.shared;

/** May compute run beside the collectives of a section? It may always beside a ring of context parallelism. */
export function overlapsCollectives(s: State): boolean {
  return s.design[SLOT_TENSOR_OVERLAP] === 1;
}

/** May it run beside the last one? */
function overlapsLast(s: State): boolean {
  return overlapsCollectives(s) || s.lastGroup === GROUP.contextRing;
}

/** Does a collective of the group travel beside another micro-batch's compute? */
export function travelsBeside(s: State, group: number): boolean {
  return group === GROUP.ep && s.design[SLOT_EXPERT_OVERLAP] === 1;
}

/**
 * Share of a collective that no product hides: those of tensor parallelism travel in pieces, each beside the product of the piece
 * before it (Wang et al., ASPLOS 2023; NVIDIA Transformer Engine's userbuffers).
 */
function unhidden(s: State, pipelined: boolean): number {
  return pipelined && overlapsCollectives(s) ? 1 - s.design[SLOT_TENSOR_PIPELINING]! : 1;
}

/** Counts as exposed what compute waits for a collective of a group, us. */
function expose(s: State, group: number, waitedUs: number): void {
  s.exposedUs[WAITED_AS[group]!]! += Math.max(waitedUs, 0);
}

/** Compute waits for all collectives: of those of two groups, each group's wait is its own. */
export function waitLast(s: State): void {
  if (s.lastGroup !== s.previousGroup) {
    expose(s, s.previousGroup, s.previousUs - s.computeUs);
    s.computeUs = Math.max(s.computeUs, s.previousUs);
  }
  expose(s, s.lastGroup, s.communicationUs - s.computeUs);
  s.computeUs = Math.max(s.computeUs, s.communicationUs);
  s.computeLoadedUs = Math.max(s.computeLoadedUs, s.communicationLoadedUs);
}

/** Compute waits for all but the last collective, if others may run beside it. */
export function waitPrevious(s: State): void {
  if (!overlapsLast(s)) {
    waitLast(s);
    return;
  }
  expose(s, s.previousGroup, s.previousUs - s.computeUs);
  s.computeUs = Math.max(s.computeUs, s.previousUs);
  s.computeLoadedUs = Math.max(s.computeLoadedUs, s.previousLoadedUs);
}

/** Compute does not wait, if it may run beside collectives. */
export function waitNone(s: State): void {
  if (!overlapsLast(s)) waitLast(s);
}

/** Computes for so long, us. */
export function compute(s: State, us: number): void {
  s.computeUs += us;
  s.computeLoadedUs += us;
}

/** Do collectives share links with other traffic, each at half the rate while there is both? */
function sharesLinks(s: State): boolean {
  return s.design[SLOT_SCHEDULING_POLICY] === SHARED;
}

/**
 * When a collective of so many us would have to begin at the full rate, us, where `queueUs` of other traffic were begun with the section.
 * In order it begins behind that. Shared, both have half the rate while both are there: the collective takes up to twice its time, and the
 * other traffic ends as much later.
 *
 * @param loadedUs when it may begin
 */
function beginUs(s: State, us: number, waited: number, loadedUs: number, queueUs: number): number {
  if (!sharesLinks(s)) return Math.max(loadedUs, queueUs);
  const delayUs = Math.min(us, Math.max(queueUs + s.sharedUs[waited]! - loadedUs, 0));
  s.sharedUs[waited]! += delayUs;
  return loadedUs + delayUs;
}

/** Starts a collective of so many us beside compute. */
function startCollective(s: State, us: number, group: number, queueUs: number): void {
  s.previousUs = s.communicationUs;
  s.previousLoadedUs = s.communicationLoadedUs;
  s.previousGroup = s.lastGroup;
  s.lastGroup = group;
  const loadedUs = Math.max(s.computeLoadedUs, s.communicationLoadedUs);
  s.communicationUs = Math.max(s.computeUs, s.communicationUs) + us;
  s.communicationLoadedUs = beginUs(s, us, WAITED_AS[group]!, loadedUs, queueUs) + us;
}

/** Runs a collective of so many us, for which compute waits; what it computes then for `behindUs` is added in one sum. */
function runCollective(s: State, us: number, group: number, queueUs: number, behindUs: number): void {
  const bothUs = us + behindUs;
  s.computeUs += bothUs;
  expose(s, group, us);
  s.computeLoadedUs = beginUs(s, us, WAITED_AS[group]!, s.computeLoadedUs, queueUs) + bothUs;
}

/**
 * A collective begins when compute and the one before have ended and, beside other traffic, as the policy says.
 *
 * @param share how often it runs in a layer
 * @param pipelined whether it may travel in pieces beside the product that it feeds or comes from
 * @param alone whether nothing runs beside it, so that compute waits for it, and then goes on for `behindUs`
 */
export function communicate(
  s: State,
  section: number,
  call: number,
  share: number,
  pipelined: boolean,
  alone: boolean,
  behindUs = 0,
): void {
  const group = s.callChannel[call]! % CHANNEL_GROUPS;
  const us = share * unhidden(s, pipelined) * s.callUs[call]!;
  if (us <= 0) {
    compute(s, behindUs);
    return;
  }
  const queueUs = s.sectionQueueUs[WAITED_COUNT * section + WAITED_AS[group]!]!;
  if (travelsBeside(s, group)) {
    s.besideUs += us;
    compute(s, behindUs);
  } else if (alone) runCollective(s, us, group, queueUs, behindUs);
  else startCollective(s, us, group, queueUs);
  s.hostUs += share * s.design[SLOT_HOST_LAUNCH_US]!;
}

/** Nothing has run yet. */
export function startChain(s: State, section: number): void {
  s.computeUs = 0;
  s.communicationUs = 0;
  s.previousUs = 0;
  s.computeLoadedUs = 0;
  s.communicationLoadedUs = 0;
  s.previousLoadedUs = 0;
  s.besideUs = 0;
  s.hostUs = s.sectionLaunchUs[section]!;
  for (let waited = 0; waited < WAITED_COUNT; waited++) {
    s.exposedUs[waited] = 0;
    s.sharedUs[waited] = 0;
  }
  s.lastGroup = 0;
  s.previousGroup = 0;
}

/** Runs one segment of a section. */
function runSegment(s: State, section: number, segment: number): void {
  const { segmentCall, segmentJoin, segmentShare, segmentAgain, segmentPipelined } = s.steps;
  const call = segmentCall[segment]!;
  const join = segmentJoin[segment]!;
  if (call > 0) {
    const pipelined = segmentPipelined[segment] === 1;
    const share = segmentAgain[segment] === 1 ? s.againShare * segmentShare[segment]! : segmentShare[segment]!;
    communicate(s, section, call - 1, share, pipelined, join === JOIN.last, s.segmentUs[segment]!);
    return;
  }
  if (join === JOIN.last) waitLast(s);
  else if (join === JOIN.previous) waitPrevious(s);
  compute(s, s.segmentUs[segment]!);
}

/**
 * How often the call of a segment runs and shows, of what its collective takes: it follows from the plan, and is 0 where the segment
 * has no call.
 */
export function segmentCallShare(s: State, segment: number): number {
  const { segmentCall, segmentShare, segmentAgain, segmentPipelined } = s.steps;
  if (segmentCall[segment] === 0) return 0;
  const share = segmentAgain[segment] === 1 ? s.againShare * segmentShare[segment]! : segmentShare[segment]!;
  return share * unhidden(s, segmentPipelined[segment] === 1);
}

/**
 * Runs the segments of a section. What runs in turn, as most does, is summed in locals, as `compute` and `runCollective` sum it, for a
 * loop keeps those in registers; where the host takes time, or exchanges travel beside others, all goes by the state.
 */
function chainSegments(s: State, section: number): void {
  const { sectionFirst, segmentCall, segmentInTurn, segmentWaited } = s.steps;
  const { callUs, callShare, exposedUs, sectionQueueUs, segmentUs } = s;
  const queueAt = WAITED_COUNT * section;
  const allByState = s.design[SLOT_HOST_LAUNCH_US]! > 0 || s.design[SLOT_EXPERT_OVERLAP] === 1;
  const shares = sharesLinks(s);
  let { computeUs, computeLoadedUs } = s;
  const end = sectionFirst[section + 1]!;
  for (let segment = sectionFirst[section]!; segment < end; segment++) {
    const call = segmentCall[segment]!;
    if (segmentInTurn[segment] === 0 || allByState) {
      s.computeUs = computeUs;
      s.computeLoadedUs = computeLoadedUs;
      runSegment(s, section, segment);
      ({ computeUs, computeLoadedUs } = s);
      continue;
    }
    const collectiveUs = call > 0 ? callShare[segment]! * callUs[call - 1]! : 0;
    let us = segmentUs[segment]!;
    if (collectiveUs > 0) {
      const waited = segmentWaited[segment]!;
      const queueUs = sectionQueueUs[queueAt + waited]!;
      if (shares) computeLoadedUs = beginUs(s, collectiveUs, waited, computeLoadedUs, queueUs);
      else if (queueUs > computeLoadedUs) computeLoadedUs = queueUs;
      exposedUs[waited]! += collectiveUs;
      us = collectiveUs + us;
    }
    computeUs += us;
    computeLoadedUs += us;
  }
  s.computeUs = computeUs;
  s.computeLoadedUs = computeLoadedUs;
}

/**
 * What travels beside another micro-batch takes no less than itself: of a section that is shorter, the rest is waited for. While it
 * travels it has multiprocessors of its own, which compute then lacks. Sets `sectionAloneUs`: what a pass without another micro-batch
 * takes longer.
 */
export function waitBeside(s: State, section: number): void {
  const takenUs = s.design[SLOT_EXCHANGE_SHARE]! * s.besideUs;
  s.sectionAloneUs[section] = Math.min(s.computeUs, s.besideUs - takenUs);
  const togetherUs = Math.max(s.computeUs + takenUs, s.besideUs);
  expose(s, GROUP.ep, togetherUs - s.computeUs);
  s.computeUs = togetherUs;
  s.computeLoadedUs = Math.max(s.computeLoadedUs + takenUs, s.besideUs);
}

/**
 * Runs a section. Sets its
 * - `sectionUs`: time, and `sectionLoadedUs`: time if other communication was queued before it on the dimensions of its groups
 *   for `sectionQueueUs` (FIFO waits for that; LIFO, the newest first, overtakes it; or both share the links);
 * - `sectionExposedUs` of tp, sp, ep, `sectionAloneUs`, and `sectionHostUs`: host time to launch all operations.
 */
export function chain(s: State, section: number): void {
  startChain(s, section);
  chainSegments(s, section);
  waitBeside(s, section);
  s.sectionUs[section] = s.computeUs;
  s.sectionLoadedUs[section] = s.computeLoadedUs;
  s.sectionHostUs[section] = s.hostUs;
  for (let waited = 0; waited < WAITED_COUNT; waited++) {
    s.sectionExposedUs[WAITED_COUNT * section + waited] = s.exposedUs[waited]!;
  }
}
