/**
 * Collectives of a box. Per channel and dimension the least alpha and the least beta that any allowed topology and algorithm has,
 * each by itself; of the ways over several dimensions and of the numbers of chunks the one that is least for each call. And the
 * same of the most.
 */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { ceilLog2, lowestBit } from '../bits.js';
import {
  exchangedShare,
  hopsOf,
  isPassedRound,
  linkLoad,
  MULTI_DIMENSIONAL,
  messageUsOf,
  passesNodes,
  simpleUs,
} from '../collective/collective.js';
import {
  ALGORITHM,
  admits,
  phase,
  piecesUsPerRootMB,
  reductionUsPerMB,
  ringLanes,
  ringPhase,
} from '../collective/phase.js';
import { branchHops, lastDimension, roundHops } from '../collective/trees.js';
import { TOPOLOGY, torusAxes } from '../network/network.js';
import type { State } from '../state.js';
import { CHANNEL_COUNT, CHANNEL_GROUPS, COLLECTIVE } from '../workload/operation.js';
import type { SlotRanges } from './box.js';
import { type End, LEAST, TOPOLOGY_COUNT, type TopologyRates, takeTopology } from './network.js';
import {
  boundTrees,
  boundTreesUs,
  createTreeBounds,
  fewestLinks,
  leastStartUs,
  type TreeBounds,
  treesOfBox,
} from './trees.js';

const SLOT_ALGORITHM = SLOT.collective.algorithm;
const SLOT_OVERRIDES = SLOT.collective.allReduceAlgorithm;
const SLOT_MULTI_DIMENSIONAL = SLOT.collective.multiDimensional;
const SLOT_COLLECTIVE_OVERHEAD_US = SLOT.network.collectiveOverheadUs;
const SLOT_COLLECTIVE_START_US = SLOT.network.collectiveStartUs;
const SLOT_PIECE_US = SLOT.network.pieceUs;
const SLOT_EXCHANGE_EFFICIENCY = SLOT.network.exchangeEfficiency;
const SLOT_MESSAGE_US = SLOT.network.messageUs;

/** Ways over several dimensions: MULTI_DIMENSIONAL. */
export const WAY_COUNT = 3;
const FLAT_RING_BIT = 1 << MULTI_DIMENSIONAL.flatRing;
const BASELINE_BIT = 1 << MULTI_DIMENSIONAL.baseline;

/** What the channels of a box cost at one end. */
export interface ChannelBounds {
  readonly ranges: SlotRanges;
  readonly rates: TopologyRates;
  end: End;
  /** Of one chunk, and per MB; by channel, way and dimension. */
  readonly alphaUs: Float64Array;
  readonly usPerMB: Float64Array;
  /** The ways that a channel may take, as bits; none: no algorithm admits its group. */
  readonly ways: Uint32Array;
  /** Of a whole collective, by channel and way. */
  readonly startUs: Float64Array;
  readonly startUsPerMB: Float64Array;
  /** Hops of the pieces of a ring, and what they cost at most, us, by channel. */
  readonly pieceHops: Float64Array;
  readonly mostPiecesUs: Float64Array;
  /** Of an all-reduce by trees, in boxes of one design. */
  readonly trees: TreeBounds;
  /** Does an algorithm that some design of the box asks for not admit its group? */
  refused: boolean;
  /** Is the box one design? */
  single: boolean;
  // an end of the last phase
  phaseAlphaUs: number;
  phaseUsPerMB: number;
}

/** The channels of boxes with these ranges. */
export function createChannelBounds(ranges: SlotRanges, rates: TopologyRates): ChannelBounds {
  return {
    ranges,
    rates,
    end: LEAST,
    alphaUs: new Float64Array(CHANNEL_COUNT * WAY_COUNT * MAX_DIMENSIONS),
    usPerMB: new Float64Array(CHANNEL_COUNT * WAY_COUNT * MAX_DIMENSIONS),
    ways: new Uint32Array(CHANNEL_COUNT),
    startUs: new Float64Array(CHANNEL_COUNT * WAY_COUNT),
    startUsPerMB: new Float64Array(CHANNEL_COUNT * WAY_COUNT),
    pieceHops: new Float64Array(CHANNEL_COUNT),
    mostPiecesUs: new Float64Array(CHANNEL_COUNT),
    trees: createTreeBounds(),
    refused: false,
    single: false,
    phaseAlphaUs: 0,
    phaseUsPerMB: 0,
  };
}

const SAME_BIT = 1 << ALGORITHM.same;
const TOPOLOGY_BIT = 1 << ALGORITHM.topology;
const NAMED_BITS = TOPOLOGY_BIT - 1;

/** Algorithms that a collective may have in a dimension with a topology, as bits. */
function algorithmsOf({ codes }: SlotRanges, collective: number, d: number, topology: number): number {
  if (torusAxes(topology) > 0) return 1 << ALGORITHM.ring;
  let asked = codes[SLOT_OVERRIDES + MAX_DIMENSIONS * collective + d]!;
  if ((asked & SAME_BIT) !== 0) asked |= codes[SLOT_ALGORITHM + d]!;
  if ((asked & TOPOLOGY_BIT) === 0) return asked & NAMED_BITS;
  if (topology === TOPOLOGY.ring) return (asked & NAMED_BITS) | (1 << ALGORITHM.ring);
  return (asked & NAMED_BITS) | (1 << (topology === TOPOLOGY.switch ? ALGORITHM.halvingDoubling : ALGORITHM.direct));
}

/** Sets an end of a phase over all topologies and algorithms; tells whether there is one. */
function boundPhase(s: State, bounds: ChannelBounds, collective: number, d: number, n: number, span: number): boolean {
  const { ranges, rates, end } = bounds;
  const reductionUs = reductionUsPerMB(s);
  let found = false;
  bounds.phaseAlphaUs = end.start;
  bounds.phaseUsPerMB = end.start;
  for (let topologies = rates.allowed[d]!; topologies !== 0; topologies &= topologies - 1) {
    const topology = lowestBit(topologies);
    const linkUsPerMB = rates.linkUsPerMB[d * TOPOLOGY_COUNT + topology]!;
    takeTopology(s, rates, d, topology);
    for (let rest = algorithmsOf(ranges, collective, d, topology); rest !== 0; rest &= rest - 1) {
      const algorithm = lowestBit(rest);
      if (!admits(algorithm, n)) {
        bounds.refused = true;
        continue;
      }
      found = true;
      phase(s, collective, algorithm, d, n, span);
      bounds.phaseAlphaUs = end.pick(bounds.phaseAlphaUs, s.phaseAlphaUs);
      bounds.phaseUsPerMB = end.pick(bounds.phaseUsPerMB, s.phaseLinks * linkUsPerMB + s.phaseReduced * reductionUs);
    }
  }
  return found;
}

/** As `flowShop` of collective.ts; tells whether algorithms admit the group. */
function boundFlowShop(s: State, bounds: ChannelBounds, channel: number, way: number): boolean {
  const kind = Math.floor(channel / CHANNEL_GROUPS);
  const group = channel % CHANNEL_GROUPS;
  const split = kind === COLLECTIVE.allReduce && way === MULTI_DIMENSIONAL.localBandwidthAware;
  const shrinks = split || kind === COLLECTIVE.reduceScatter || kind === COLLECTIVE.allGather;
  const last = lastDimension(s, group);
  const { most, least } = bounds.ranges;
  const load = linkLoad(kind, group, (bounds.end === LEAST ? most : least)[SLOT_EXCHANGE_EFFICIENCY]!);
  let share = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const n = s.groupFactor[group * MAX_DIMENSIONS + d]!;
    if (n <= 1) continue;
    const span = s.groupSpan[group * MAX_DIMENSIONS + d]!;
    const place = (channel * WAY_COUNT + way) * MAX_DIMENSIONS + d;
    const halves = split && d !== last;
    for (let half = 0; half < (halves ? 2 : 1); half++) {
      const own = half === 1 ? COLLECTIVE.allGather : COLLECTIVE.reduceScatter;
      if (!boundPhase(s, bounds, halves ? own : kind, d, n, span)) return false;
      bounds.alphaUs[place]! += bounds.phaseAlphaUs;
      bounds.usPerMB[place]! += share * load * exchangedShare(s, kind, group, d) * bounds.phaseUsPerMB;
    }
    if (shrinks) share /= n;
  }
  return true;
}

/** Sets an end of a ring's phase over all topologies: `size` NPUs, `inner` of them further in; trees may be less (bits of {@link treesOfBox}). */
function boundRing(
  s: State,
  bounds: ChannelBounds,
  channel: number,
  d: number,
  size: number,
  inner: number,
  trees: number,
): void {
  const { rates, ranges, end } = bounds;
  const kind = Math.floor(channel / CHANNEL_GROUPS);
  const place = (channel % CHANNEL_GROUPS) * MAX_DIMENSIONS + d;
  const n = s.groupFactor[place]!;
  bounds.phaseAlphaUs = end.start;
  bounds.phaseUsPerMB = end.start;
  for (let rest = rates.allowed[d]!; rest !== 0; rest &= rest - 1) {
    const topology = lowestBit(rest);
    takeTopology(s, rates, d, topology);
    ringPhase(s, d, n, s.groupSpan[place]!);
    const lanes = ringLanes(s, kind, d, n, size, inner);
    const links = trees === 0 ? lanes : fewestLinks(s, ranges, trees, d, n, size, inner, lanes);
    const usPerMB = links * rates.linkUsPerMB[d * TOPOLOGY_COUNT + topology]!;
    bounds.phaseAlphaUs = end.pick(bounds.phaseAlphaUs, s.phaseAlphaUs);
    bounds.phaseUsPerMB = end.pick(bounds.phaseUsPerMB, usPerMB);
  }
}

/** As `flatRing` of collective.ts. */
function boundFlatRing(s: State, bounds: ChannelBounds, channel: number): void {
  const { ranges, rates, end, single } = bounds;
  const kind = Math.floor(channel / CHANNEL_GROUPS);
  const group = channel % CHANNEL_GROUPS;
  const size = s.groupSize[group]!;
  const passes = kind === COLLECTIVE.allReduce ? 2 : 1;
  const reduced = kind === COLLECTIVE.allGather ? 0 : (size - 1) / size;
  const row = channel * WAY_COUNT + MULTI_DIMENSIONAL.flatRing;
  const passedRound = isPassedRound(kind, group);
  const messageUs = messageUsOf(s, group, (end === LEAST ? ranges.least : ranges.most)[SLOT_MESSAGE_US]!);
  // Of one design the trees are rated by themselves, and no end but the least is shorter by them.
  const mayDiffer = !single && end === LEAST && kind === COLLECTIVE.allReduce;
  const trees = mayDiffer ? treesOfBox(s, ranges, rates, group) : 0;
  let inner = 1;
  let slowestUs = 0;
  let roundUs = 0;
  let branchUs = 0;
  let lastHopUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const n = s.groupFactor[group * MAX_DIMENSIONS + d]!;
    if (n <= 1) continue;
    boundRing(s, bounds, channel, d, size, inner, trees);
    lastHopUs = bounds.phaseAlphaUs / (n - 1);
    branchUs += branchHops(s, group, d) * lastHopUs;
    const hopUs = Math.max(lastHopUs, messageUs);
    slowestUs = Math.max(slowestUs, hopUs);
    roundUs += roundHops(s, group, d) * hopUs;
    bounds.usPerMB[row * MAX_DIMENSIONS + d] = bounds.phaseUsPerMB;
    if (!passedRound) inner *= n;
  }
  const ringUs = passes * (passedRound ? (size - 1) * slowestUs : roundUs);
  bounds.startUsPerMB[row] = reduced * reductionUsPerMB(s);
  const hops = hopsOf(s, kind, group);
  const severalNodes = passesNodes(s, kind, group);
  bounds.pieceHops[channel] = severalNodes ? hops : 1;
  bounds.mostPiecesUs[channel] = severalNodes ? simpleUs(hops, messageUs) : Number.POSITIVE_INFINITY;
  if (single && kind === COLLECTIVE.allReduce) {
    boundTrees(s, ranges, rates, bounds.trees, channel, {
      startUs: bounds.startUs[row]!,
      startUsPerMB: bounds.startUsPerMB[row]!,
      usPerMB: bounds.usPerMB,
      row: row * MAX_DIMENSIONS,
    });
  }
  bounds.startUs[row]! += trees === 0 ? ringUs : Math.min(ringUs, leastStartUs(s, trees, group, branchUs, lastHopUs));
  // Pieces of trees may cost less than those of a ring, or nothing.
  if (trees !== 0) bounds.pieceHops[channel] = 0;
}

/** The ways that the box allows a kind of collective, each once: only an all-reduce differs between those of a flow shop. */
function waysOf({ codes }: SlotRanges, kind: number, group: number): number {
  if (isPassedRound(kind, group)) return FLAT_RING_BIT;
  const asked = codes[SLOT_MULTI_DIMENSIONAL]!;
  if (kind === COLLECTIVE.allReduce) return asked;
  if (kind === COLLECTIVE.allToAll || (asked & FLAT_RING_BIT) === 0) return BASELINE_BIT;
  return asked === FLAT_RING_BIT ? FLAT_RING_BIT : FLAT_RING_BIT | BASELINE_BIT;
}

/** Sets the stations of a channel: each coefficient an end over all ways. */
function boundStations(s: State, { ranges, end, ways, alphaUs, usPerMB }: ChannelBounds, channel: number): void {
  const chunks = ranges.chunks.reduce((a, b) => end.pick(a, b));
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const station = channel * MAX_DIMENSIONS + d;
    s.stationUs[station] = end.start;
    s.stationUsPerMB[station] = end.start;
    for (let rest = ways[channel]!; rest !== 0; rest &= rest - 1) {
      const place = (channel * WAY_COUNT + lowestBit(rest)) * MAX_DIMENSIONS + d;
      s.stationUs[station] = end.pick(s.stationUs[station]!, chunks * alphaUs[place]!);
      s.stationUsPerMB[station] = end.pick(s.stationUsPerMB[station]!, usPerMB[place]!);
    }
  }
}

/** Bounds a channel in all ways that the box allows. */
function boundChannel(s: State, bounds: ChannelBounds, channel: number): void {
  const group = channel % CHANNEL_GROUPS;
  const slow = bounds.end === LEAST ? bounds.ranges.least : bounds.ranges.most;
  const perDoublingUs = slow[SLOT_COLLECTIVE_OVERHEAD_US]!;
  const overheadUs = slow[SLOT_COLLECTIVE_START_US]! + perDoublingUs * ceilLog2(s.groupSize[group]!);
  const places = [channel * WAY_COUNT * MAX_DIMENSIONS, (channel + 1) * WAY_COUNT * MAX_DIMENSIONS] as const;
  bounds.alphaUs.fill(0, ...places);
  bounds.usPerMB.fill(0, ...places);
  bounds.ways[channel] = 0;
  for (let rest = waysOf(bounds.ranges, Math.floor(channel / CHANNEL_GROUPS), group); rest !== 0; rest &= rest - 1) {
    const way = lowestBit(rest);
    bounds.startUs[channel * WAY_COUNT + way] = overheadUs;
    bounds.startUsPerMB[channel * WAY_COUNT + way] = 0;
    if (way === MULTI_DIMENSIONAL.flatRing) boundFlatRing(s, bounds, channel);
    else if (!boundFlowShop(s, bounds, channel, way)) continue;
    bounds.ways[channel]! |= 1 << way;
  }
  boundStations(s, bounds, channel);
}

/** A group of one NPU takes no time. */
function closeChannel(s: State, channel: number): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    s.stationUs[channel * MAX_DIMENSIONS + d] = 0;
    s.stationUsPerMB[channel * MAX_DIMENSIONS + d] = 0;
  }
}

/** Bounds channels (bits); tells whether algorithms admit the groups of all. */
export function boundChannels(s: State, bounds: ChannelBounds, used: number): boolean {
  bounds.refused = false;
  for (let rest = used; rest !== 0; rest &= rest - 1) {
    const channel = lowestBit(rest);
    if (s.groupSize[channel % CHANNEL_GROUPS]! <= 1) {
      closeChannel(s, channel);
      continue;
    }
    boundChannel(s, bounds, channel);
    if (bounds.ways[channel] === 0) return false;
  }
  return true;
}

/**
 * An end of the time of a collective of `sizeMB` over all ways and numbers of chunks, us.
 *
 * @param beside without its longest station
 */
export function boundCollectiveUs(bounds: ChannelBounds, channel: number, sizeMB: number, beside = false): number {
  const { ranges, end } = bounds;
  const pieceUs = (end === LEAST ? ranges.least : ranges.most)[SLOT_PIECE_US]!;
  let us = end.start;
  for (let rest = bounds.ways[channel]!; rest !== 0; rest &= rest - 1) {
    const way = lowestBit(rest);
    const row = channel * WAY_COUNT + way;
    const startUs = bounds.startUs[row]! + bounds.startUsPerMB[row]! * sizeMB;
    for (const chunks of ranges.chunks) {
      let sumUs = 0;
      let longestUs = 0;
      let sumUsPerMB = 0;
      let longestUsPerMB = 0;
      for (let d = 0; d < MAX_DIMENSIONS; d++) {
        const place = row * MAX_DIMENSIONS + d;
        const stationUs = chunks * bounds.alphaUs[place]! + bounds.usPerMB[place]! * sizeMB;
        sumUs += stationUs;
        longestUs = Math.max(longestUs, stationUs);
        sumUsPerMB += bounds.usPerMB[place]!;
        longestUsPerMB = Math.max(longestUsPerMB, bounds.usPerMB[place]!);
      }
      const flat = way === MULTI_DIMENSIONAL.flatRing;
      const stations = (sum: number, longest: number) => (flat ? longest : sum / chunks + (1 - 1 / chunks) * longest);
      const usPerMB = bounds.startUsPerMB[row]! + stations(sumUsPerMB, longestUsPerMB);
      const hops = flat ? bounds.pieceHops[channel]! : 1;
      const most = flat ? bounds.mostPiecesUs[channel]! : Number.POSITIVE_INFINITY;
      const piecesUs = Math.min(piecesUsPerRootMB(hops * pieceUs, usPerMB) * Math.sqrt(sizeMB), most);
      const restUs = flat ? 0 : (sumUs - longestUs) / chunks;
      const ownUs = startUs + (beside ? restUs : stations(sumUs, longestUs)) + piecesUs;
      const isRing = flat && bounds.single;
      const treesUs = isRing ? boundTreesUs(bounds.trees, channel, sizeMB) - (beside ? longestUs : 0) : ownUs;
      us = end.pick(us, Math.min(ownUs, treesUs));
    }
  }
  return us;
}

/** Times the calls of a step, as `timeCalls` of call.ts does. */
export function boundCalls(s: State, bounds: ChannelBounds): void {
  for (let i = 0; i < s.activeCalls; i++) {
    const call = s.activeCall[i]!;
    const channel = s.callChannel[call]!;
    const alone = s.groupSize[channel % CHANNEL_GROUPS]! <= 1;
    s.callUs[call] = alone ? 0 : boundCollectiveUs(bounds, channel, s.callMB[call]!);
  }
}
