/** A collective of a group over all dimensions that the group spans, in chunks that follow one another through the phases. */
import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { dispatchesByNode, TOPOLOGY } from '../network/network.js';
import type { State } from '../state.js';
import { CHANNEL_GROUPS, COLLECTIVE, COLLECTIVE_COUNT, GROUP } from '../workload/operation.js';
import {
  admits,
  algorithmOf,
  isPowerOfTwo,
  phase,
  piecesUsPerRootMB,
  reductionUsPerMB,
  ringLanes,
  ringPhase,
  startUs,
} from './phase.js';
import {
  closeTrees,
  isBetweenNodes,
  lastDimension,
  openTrees,
  placesFrom,
  rateTrees,
  roundHops,
  treesUs,
} from './trees.js';

const SLOT_CHUNKS = SLOT.collective.chunks;
const SLOT_PIECE_US = SLOT.network.pieceUs;
const SLOT_EXCHANGE_EFFICIENCY = SLOT.network.exchangeEfficiency;
const SLOT_MESSAGE_US = SLOT.network.messageUs;
const SLOT_MULTI_DIMENSIONAL = SLOT.collective.multiDimensional;
export const MULTI_DIMENSIONAL = {
  baseline: CODE.collective.multiDimensional.baseline,
  localBandwidthAware: CODE.collective.multiDimensional.localBWAware,
  flatRing: CODE.collective.multiDimensional.flatRing,
} as const;

/**
 * Share of the copies of tokens, one for each of a token's experts, that pass dimension d where they are exchanged by node: one for
 * each of the ranks of `group` with their own place in this dimension or further out that has some of them, and with it the weights of
 * all experts of the node.
 */
export function exchangedShare(s: State, kind: number, group: number, d: number): number {
  if (kind !== COLLECTIVE.allToAll || group !== GROUP.ep || !dispatchesByNode(s)) return 1;
  return (s.routedShare.get(placesFrom(s, group, d)) ?? 1) * (1 + s.routedWeights / placesFrom(s, group, 1));
}

/**
 * Times as much as they are that a kind of collective's links in a group carry: exchanges of experts reach a share of the rate in whole
 * steps that they have by themselves.
 */
export function linkLoad(kind: number, group: number, exchangeEfficiency: number): number {
  return kind === COLLECTIVE.allToAll && group === GROUP.ep ? 1 / exchangeEfficiency : 1;
}

/** Does a kind of collective go round a ring of context parallelism, by no other algorithm? */
export function isPassedRound(kind: number, group: number): boolean {
  return group === GROUP.contextRing && kind === COLLECTIVE.allGather;
}

/** Messages of NCCL's protocol for large buffers (Simple) that a network card posts for one of that for small ones (LL): src/graph/tuning.cc. */
export const SIMPLE_MESSAGES = 3;

/** What a ring over several nodes takes longer at most by the protocol for large buffers than by that for small ones, us. */
export function simpleUs(messages: number, messageUs: number): number {
  return (SIMPLE_MESSAGES - 1) * messages * messageUs;
}

/** The least that a hop of a ring takes, us. */
export function messageUsOf(s: State, group: number, messageUs: number): number {
  return isBetweenNodes(s, group) ? messageUs : 0;
}

/** Hops of a ring of a kind of collective in a group, one behind the other. */
export function hopsOf(s: State, kind: number, group: number): number {
  return (kind === COLLECTIVE.allReduce ? 2 : 1) * (s.groupSize[group]! - 1);
}

/** Do pieces of a ring pass all its hops, and cost no more than by the protocol for large buffers? */
export function passesNodes(s: State, kind: number, group: number): boolean {
  return isBetweenNodes(s, group) && !isPassedRound(kind, group);
}

/**
 * One ring over all NPUs of a group, as NCCL builds it: in each dimension the inner NPUs carry a part of the data in
 * parallel, so it is as fast as its slowest dimension, and keeps each busy for what passes through it. A message comes round by hops of each
 * dimension, as many as the ring has there; between nodes none takes less than a network card takes to post it. Keys and values that are
 * passed round a ring of context parallelism go from NPU to NPU, all of them through the one link to the next, and all wait for the slowest.
 */
function flatRing(s: State, channel: number, kind: number, group: number): void {
  const size = s.groupSize[group]!;
  const passes = kind === COLLECTIVE.allReduce ? 2 : 1;
  const reduced = kind === COLLECTIVE.allGather ? 0 : (size - 1) / size;
  const messageUs = messageUsOf(s, group, s.design[SLOT_MESSAGE_US]!);
  const passedRound = isPassedRound(kind, group);
  let inner = 1;
  let slowestUs = 0;
  let roundUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const place = group * MAX_DIMENSIONS + d;
    const factor = s.groupFactor[place]!;
    if (factor <= 1) continue;
    ringPhase(s, d, factor, s.groupSpan[place]!);
    const hopUs = Math.max(s.phaseAlphaUs / (factor - 1), messageUs);
    slowestUs = Math.max(slowestUs, hopUs);
    roundUs += roundHops(s, group, d) * hopUs;
    s.stationLinks[channel * MAX_DIMENSIONS + d] = ringLanes(s, kind, d, factor, size, inner);
    if (!passedRound) inner *= factor;
  }
  s.channelUs[channel] = passes * (passedRound ? (size - 1) * slowestUs : roundUs) + startUs(s, group);
  s.channelUsPerMB[channel] = reduced * reductionUsPerMB(s);
  s.channelSum[channel] = 0;
  s.channelLongest[channel] = 1;
  if (!passesNodes(s, kind, group)) return;
  s.channelPieceHops[channel] = hopsOf(s, kind, group);
  s.channelMostPiecesUs[channel] = simpleUs(hopsOf(s, kind, group), messageUs);
}

/**
 * A flow shop of equal chunks, so the sum of the phases and one more of the longest station for every further chunk
 * (ASTRA-sim's queues; a dimension's reduce-scatter and all-gather share a station).
 *
 * - reduce-scatter: dimensions ascending, the size shrinking by n; all-gather its mirror; all-to-all with the whole size, or by node.
 * - all-reduce, `localBWAware` (BlueConnect, Cho et al., MLSys 2019): reduce-scatter upwards, all-reduce in the last dimension,
 *   all-gather downwards. `baseline`: an all-reduce of the whole buffer in each dimension.
 */
function flowShop(s: State, channel: number, kind: number, group: number): void {
  const chunks = s.design[SLOT_CHUNKS]!;
  const split = kind === COLLECTIVE.allReduce && isBandwidthAware(s);
  const shrinks = split || kind === COLLECTIVE.reduceScatter || kind === COLLECTIVE.allGather;
  const last = lastDimension(s, group);
  const reductionUs = reductionUsPerMB(s);
  const load = linkLoad(kind, group, s.design[SLOT_EXCHANGE_EFFICIENCY]!);
  let share = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const place = group * MAX_DIMENSIONS + d;
    const factor = s.groupFactor[place]!;
    if (factor <= 1) continue;
    // A station: one phase, or the way up and the way down. One call in a loop keeps compiled shaders small.
    const halves = split && d !== last;
    const exchanged = load * exchangedShare(s, kind, group, d);
    let stationUs = 0;
    let links = 0;
    let reducedUsPerMB = 0;
    for (let way = 0; way < (halves ? 2 : 1); way++) {
      const half = way === 1 ? COLLECTIVE.allGather : COLLECTIVE.reduceScatter;
      const own = halves ? half : kind;
      phase(s, own, algorithmOf(s, own, d), d, factor, s.groupSpan[place]!);
      stationUs += chunks * s.phaseAlphaUs;
      links += share * exchanged * s.phaseLinks;
      reducedUsPerMB += share * s.phaseReduced * reductionUs;
    }
    const station = channel * MAX_DIMENSIONS + d;
    s.stationUs[station] = stationUs;
    s.stationLinks[station] = links;
    s.stationReductionUsPerMB[station] = reducedUsPerMB;
    if (shrinks) share /= factor;
  }
  s.channelUs[channel] = startUs(s, group);
  s.channelUsPerMB[channel] = 0;
  s.channelSum[channel] = 1 / chunks;
  s.channelLongest[channel] = 1 - 1 / chunks;
}

/** Is an all-reduce a way up and a way down but for the outermost dimension? */
function isBandwidthAware(s: State): boolean {
  return s.design[SLOT_MULTI_DIMENSIONAL] === MULTI_DIMENSIONAL.localBandwidthAware;
}

/** Does a kind of collective in a group go round one ring over all its NPUs? */
function isFlatRing(s: State, kind: number, group: number): boolean {
  const flat = s.design[SLOT_MULTI_DIMENSIONAL] === MULTI_DIMENSIONAL.flatRing && kind !== COLLECTIVE.allToAll;
  return flat || isPassedRound(kind, group);
}

/** A bit for each kind of collective, that of its channel in the first group. */
const EACH_KIND = Array.from({ length: COLLECTIVE_COUNT }, (_, kind) => 2 ** (kind * CHANNEL_GROUPS)).reduce(
  (bits, bit) => bits + bit,
);

/** The groups that have channels, as bits. A number of its own: what is raised to a power in a function is so at each call. */
const GROUPS_WITH_CHANNELS = 2 ** CHANNEL_GROUPS - 1;

/** The channels of groups (bits), as bits. */
function channelsOf(groups: number): number {
  return Math.imul(groups & GROUPS_WITH_CHANNELS, EACH_KIND);
}

/** Do the algorithms of a collective's phase in dimension d admit n NPUs? */
function phaseAdmits(s: State, kind: number, d: number, n: number, halves: boolean): boolean {
  if (!halves) return admits(algorithmOf(s, kind, d), n);
  const up = algorithmOf(s, COLLECTIVE.reduceScatter, d);
  return admits(up, n) && admits(algorithmOf(s, COLLECTIVE.allGather, d), n);
}

/** Do the algorithms that the design names for a kind of collective admit the NPUs of a group? */
function channelAdmits(s: State, kind: number, group: number): boolean {
  if (isFlatRing(s, kind, group)) return true;
  const split = kind === COLLECTIVE.allReduce && isBandwidthAware(s);
  const last = lastDimension(s, group);
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const factor = s.groupFactor[group * MAX_DIMENSIONS + d]!;
    if (factor > 1 && !isPowerOfTwo(factor) && !phaseAdmits(s, kind, d, factor, split && d !== last)) return false;
  }
  return true;
}

/** Tells which channels ask for what their group does not admit: of `used` those whose group is in `opened` (bits). */
export function checkChannels(s: State, used: number, opened: number): void {
  for (let rest = used & channelsOf(opened); rest !== 0; ) {
    const channel = 31 - Math.clz32(rest);
    rest &= ~(1 << channel);
    const group = channel % CHANNEL_GROUPS;
    s.badChannels &= ~(1 << channel);
    if (!channelAdmits(s, Math.floor(channel / CHANNEL_GROUPS), group)) s.badChannels |= 1 << channel;
  }
}

/** Sets what a kind of collective in a group costs (channels and stations of networkState.ts). All 0 where the group is one NPU. */
function openChannel(s: State, kind: number, group: number): void {
  const channel = kind * CHANNEL_GROUPS + group;
  s.channelUs[channel] = 0;
  s.channelUsPerMB[channel] = 0;
  s.channelSum[channel] = 0;
  s.channelLongest[channel] = 0;
  s.channelUsPerRootMB[channel] = 0;
  s.channelPieceHops[channel] = 1;
  s.channelMostPiecesUs[channel] = Number.POSITIVE_INFINITY;
  closeTrees(s, channel);
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const station = channel * MAX_DIMENSIONS + d;
    s.stationUs[station] = 0;
    s.stationLinks[station] = 0;
    s.stationReductionUsPerMB[station] = 0;
  }
  if (s.groupSize[group]! <= 1) return;
  if (!isFlatRing(s, kind, group)) {
    flowShop(s, channel, kind, group);
    return;
  }
  flatRing(s, channel, kind, group);
  if (kind === COLLECTIVE.allReduce) openTrees(s, channel, group);
}

/** Sets what the stations of a channel take per MB at the rate of the links, and what the pieces of a buffer cost. */
function rateChannel(s: State, channel: number): void {
  let sum = 0;
  let longest = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const station = channel * MAX_DIMENSIONS + d;
    const usPerMB = s.stationLinks[station]! * s.linkUsPerMB[d]! + s.stationReductionUsPerMB[station]!;
    s.stationUsPerMB[station] = usPerMB;
    sum += usPerMB;
    longest = Math.max(longest, usPerMB);
  }
  rateTrees(s, channel);
  const pieceUs = s.design[SLOT_PIECE_US]!;
  if (pieceUs === 0) return;
  const stationsUsPerMB = s.channelSum[channel]! * sum + s.channelLongest[channel]! * longest;
  s.channelUsPerRootMB[channel] = piecesUsPerRootMB(
    s.channelPieceHops[channel]! * pieceUs,
    s.channelUsPerMB[channel]! + stationsUsPerMB,
  );
}

/** Brings channels up to date: those of `used` whose group is in `rated`, of which `opened` anew (all bits). */
export function openChannels(s: State, used: number, opened: number, rated: number): void {
  for (let rest = used & channelsOf(rated); rest !== 0; ) {
    const channel = 31 - Math.clz32(rest);
    rest &= ~(1 << channel);
    const group = channel % CHANNEL_GROUPS;
    if (((opened >> group) & 1) === 1) openChannel(s, Math.floor(channel / CHANNEL_GROUPS), group);
    rateChannel(s, channel);
  }
}

/** Use of dimension d by a collective of `sizeMB`, us. */
export function stationBusyUs(s: State, channel: number, d: number, sizeMB: number): number {
  const station = channel * MAX_DIMENSIONS + d;
  return s.stationUs[station]! + s.stationUsPerMB[station]! * sizeMB;
}

/**
 * Time of a collective in an open channel, us. A buffer whose transfer takes x is cut into k pieces that follow one another through
 * the hops: the pieces' own times, k · piece, and the first one's way, x / k, are least together where k = √(x / piece), 2√(piece · x)
 * (as in pipelined broadcasts: Johnsson and Ho, IEEE Trans. Computers 38(9), 1989). In a ring over several nodes pieces pass all its hops,
 * and cost at most what the protocol for large buffers does. An all-reduce takes the fastest of its ring and its trees.
 *
 * @param sizeMB the whole buffer: input of a reduce-scatter, output of an all-gather; above 0
 */
export function collectiveUs(s: State, channel: number, sizeMB: number): number {
  // Not a loop: this runs more often than all else.
  const inner = stationBusyUs(s, channel, 0, sizeMB);
  const second = stationBusyUs(s, channel, 1, sizeMB);
  const third = stationBusyUs(s, channel, 2, sizeMB);
  const outer = stationBusyUs(s, channel, 3, sizeMB);
  const sumUs = s.channelSum[channel]! * (inner + second + (third + outer));
  const longestUs = s.channelLongest[channel]! * Math.max(Math.max(inner, second), Math.max(third, outer));
  const us = s.channelUs[channel]! + s.channelUsPerMB[channel]! * sizeMB + sumUs + longestUs;
  const usPerRootMB = s.channelUsPerRootMB[channel]!;
  const piecesUs = usPerRootMB === 0 ? 0 : Math.min(usPerRootMB * Math.sqrt(sizeMB), s.channelMostPiecesUs[channel]!);
  return treesUs(s, channel, sizeMB, us + piecesUs);
}

/** Time to send `sizeMB` to the next pipeline stage over the slowest dimension that stages cross, us. */
export function sendUs(s: State, group: number, sizeMB: number): number {
  let slowestUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const place = group * MAX_DIMENSIONS + d;
    const factor = s.groupFactor[place]!;
    if (factor <= 1) continue;
    // On a Ring the groups between two stages share the links, and their hops add up; elsewhere a link of their own.
    const stride = s.topology[d] === TOPOLOGY.ring ? Math.floor(s.groupSpan[place]! / factor) : 1;
    slowestUs = Math.max(slowestUs, stride * (s.hopUs[d]! + s.linkUsPerMB[d]! * sizeMB));
  }
  return slowestUs;
}
