/** A collective of a group over all dimensions that the group spans, in chunks that follow one another through the phases. */
import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { dispatchesByNode, TOPOLOGY } from '../network/network.js';
import type { State } from '../state.js';
import { CHANNEL_GROUPS, COLLECTIVE, COLLECTIVE_COUNT, GROUP } from '../workload/operation.js';
import {
  admits,
  algorithmOf,
  ceilLog2,
  isPowerOfTwo,
  phase,
  reductionUsPerMB,
  ringLanes,
  ringPhase,
  treeLinks,
} from './phase.js';

const SLOT_CHUNKS = SLOT.collective.chunks;
const SLOT_COLLECTIVE_OVERHEAD_US = SLOT.network.collectiveOverheadUs;
const SLOT_COLLECTIVE_START_US = SLOT.network.collectiveStartUs;
const SLOT_PIECE_US = SLOT.network.pieceUs;
const SLOT_EXCHANGE_EFFICIENCY = SLOT.network.exchangeEfficiency;
const SLOT_TREE_EFFICIENCY = SLOT.network.treeEfficiency;
const SLOT_MULTI_DIMENSIONAL = SLOT.collective.multiDimensional;
export const MULTI_DIMENSIONAL = {
  baseline: CODE.collective.multiDimensional.baseline,
  localBandwidthAware: CODE.collective.multiDimensional.localBWAware,
  flatRing: CODE.collective.multiDimensional.flatRing,
} as const;

/** The outermost dimension in which a group has several NPUs. */
export function lastDimension(s: State, group: number): number {
  return 31 - Math.clz32(s.groupDimensions[group]!);
}

/** Ranks of a group that differ in dimension d or further out. */
function placesFrom(s: State, group: number, d: number): number {
  let places = 1;
  for (let outer = d; outer < MAX_DIMENSIONS; outer++) places *= s.groupFactor[group * MAX_DIMENSIONS + outer]!;
  return places;
}

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

/** Time to start a collective: software, and rings or trees that grow with the group, us. */
function startUs(s: State, group: number): number {
  const perDoublingUs = s.design[SLOT_COLLECTIVE_OVERHEAD_US]!;
  return s.design[SLOT_COLLECTIVE_START_US]! + perDoublingUs * ceilLog2(s.groupSize[group]!);
}

/** Does a kind of collective go round a ring of context parallelism, by no other algorithm? */
export function isPassedRound(kind: number, group: number): boolean {
  return group === GROUP.contextRing && kind === COLLECTIVE.allGather;
}

/**
 * One ring over all NPUs of a group, as NCCL builds it, and a branch of its trees: in each dimension the inner NPUs carry a part of the data in
 * parallel, so it is as fast as its slowest dimension, and keeps each busy for what passes through it. Keys and values that are
 * passed round a ring of context parallelism go from NPU to NPU, all of them through the one link to the next.
 */
function flatRing(s: State, channel: number, kind: number, group: number): void {
  const size = s.groupSize[group]!;
  const passes = kind === COLLECTIVE.allReduce ? 2 : 1;
  const reduced = kind === COLLECTIVE.allGather ? 0 : (size - 1) / size;
  let inner = 1;
  let stepUs = 0;
  let branchUs = 0;
  let reducedInside = false;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const place = group * MAX_DIMENSIONS + d;
    const factor = s.groupFactor[place]!;
    if (factor <= 1) continue;
    ringPhase(s, d, factor, s.groupSpan[place]!);
    const hopUs = s.phaseAlphaUs / (factor - 1);
    stepUs = Math.max(stepUs, hopUs);
    branchUs += branchHops(s, group, d) * hopUs;
    s.stationLinks[channel * MAX_DIMENSIONS + d] = ringLanes(s, kind, d, factor, size, inner, reducedInside);
    if (s.switchPasses[d]! > 0) reducedInside = true;
    if (!isPassedRound(kind, group)) inner *= factor;
  }
  s.channelUs[channel] = passes * (size - 1) * stepUs + startUs(s, group);
  s.treeUs[channel] = 2 * branchUs + startUs(s, group);
  s.channelUsPerMB[channel] = reduced * reductionUsPerMB(s);
  s.channelSum[channel] = 0;
  s.channelLongest[channel] = 1;
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

/** Do NCCL's double binary trees join the nodes of a group, those of its ranks that differ inside of its outermost dimension? */
export function joinsByTrees(s: State, group: number, treeEfficiency: number, topology: number): boolean {
  const isBetweenNodes = lastDimension(s, group) > 0 && s.groupSize[group]! > 2;
  return treeEfficiency > 0 && topology === TOPOLOGY.switch && isBetweenNodes;
}

/** Nodes that trees join. */
function nodesOf(s: State, group: number): number {
  return s.groupFactor[group * MAX_DIMENSIONS + lastDimension(s, group)]!;
}

/**
 * Hops in dimension d of a branch of NCCL's trees: a chain through the NPUs of a node, then from node to node up a binary tree
 * (src/graph/tuning.cc).
 */
export function branchHops(s: State, group: number, d: number): number {
  const factor = s.groupFactor[group * MAX_DIMENSIONS + d]!;
  if (d === lastDimension(s, group)) return ceilLog2(factor);
  return ((factor - 1) * placesFrom(s, group, d + 1)) / nodesOf(s, group);
}

/** Messages one behind the other of an all-reduce by two trees, up a branch and down; 0 where rings alone carry it. */
export function treeHopsOf(s: State, group: number): number {
  const topology = s.topology[lastDimension(s, group)]!;
  if (!joinsByTrees(s, group, s.design[SLOT_TREE_EFFICIENCY]!, topology)) return 0;
  const nodes = nodesOf(s, group);
  return 2 * (s.groupSize[group]! / nodes - 1 + ceilLog2(nodes));
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
  s.treeHops[channel] = 0;
  s.treeUsPerMB[channel] = 0;
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
  if (kind === COLLECTIVE.allReduce) s.treeHops[channel] = treeHopsOf(s, group);
}

/** What the pieces of a buffer cost, per root of a MB, where it takes so long per MB: {@link collectiveUs} says why. */
export function piecesUsPerRootMB(pieceUs: number, usPerMB: number): number {
  return 2 * Math.sqrt(pieceUs * usPerMB);
}

/**
 * What the slowest hop of two trees takes per MB, us: between the nodes, or of the chains inside, which carry what a ring does in other pieces.
 *
 * @param linkUsPerMB of a link between nodes
 * @param ringUsPerMB what a ring takes in each dimension, from `row` on
 */
export function longestHopUsPerMB(
  s: State,
  group: number,
  linkUsPerMB: number,
  ringUsPerMB: Float64Array,
  row: number,
): number {
  const size = s.groupSize[group]!;
  const last = lastDimension(s, group);
  let longest = treeLinks(size, nodesOf(s, group)) * linkUsPerMB;
  for (let d = 0; d < last; d++) longest = Math.max(longest, (ringUsPerMB[row + d]! * size) / (size - 1));
  return longest;
}

/**
 * Sets what an all-reduce takes by two trees: {@link treeLinks} between the nodes, where a ring sends 2 (N − 1)/N of the data;
 * chains inside the nodes carry it twice, or their switches reduce it. Pieces follow one another through all hops, so the first
 * one's way is so many times as long ({@link collectiveUs}).
 */
function rateTree(s: State, channel: number): void {
  const hops = s.treeHops[channel]!;
  if (hops === 0) return;
  const group = channel % CHANNEL_GROUPS;
  const linkUsPerMB = s.linkUsPerMB[lastDimension(s, group)]!;
  const longest = longestHopUsPerMB(s, group, linkUsPerMB, s.stationUsPerMB, channel * MAX_DIMENSIONS);
  const usPerMB = s.channelUsPerMB[channel]! + longest / s.design[SLOT_TREE_EFFICIENCY]!;
  s.treeUsPerMB[channel] = usPerMB;
  s.treeUsPerRootMB[channel] = piecesUsPerRootMB(hops * s.design[SLOT_PIECE_US]!, usPerMB);
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
  rateTree(s, channel);
  const pieceUs = s.design[SLOT_PIECE_US]!;
  if (pieceUs === 0) return;
  const stationsUsPerMB = s.channelSum[channel]! * sum + s.channelLongest[channel]! * longest;
  s.channelUsPerRootMB[channel] = piecesUsPerRootMB(pieceUs, s.channelUsPerMB[channel]! + stationsUsPerMB);
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
 * (as in pipelined broadcasts: Johnsson and Ho, IEEE Trans. Computers 38(9), 1989). An all-reduce takes the faster of its ring and its
 * trees.
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
  const ownUs = usPerRootMB === 0 ? us : us + usPerRootMB * Math.sqrt(sizeMB);
  const treeUsPerMB = s.treeUsPerMB[channel]!;
  if (treeUsPerMB === 0) return ownUs;
  return Math.min(ownUs, s.treeUs[channel]! + treeUsPerMB * sizeMB + s.treeUsPerRootMB[channel]! * Math.sqrt(sizeMB));
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
