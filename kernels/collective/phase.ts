/**
 * One phase of a collective: one algorithm among the n NPUs that a group has in one dimension, as latency alpha and time per
 * megabyte beta of a size D, in times of the link's and with what is reduced on arrival apart (input of a reduce-scatter, output of an all-gather, buffer of an all-reduce or all-to-all).
 *
 * Steps and bytes: Thakur, Rabenseifner and Gropp, IJHPCA 19(1), 2005 (ring, halving-doubling, pairwise exchange, Bruck);
 * double binary trees: Sanders, Speck and Träff, Parallel Computing 35(12), 2009. What the topology does to them:
 * - Ring: both directions carry data. A group that is a part of the ring is a line: a logical ring then fills both directions
 *   of its links by itself, so it has half the lanes. Groups that interleave (stride > 1) share the links. Messages that pass
 *   k hops load k links.
 * - FullyConnected: only the links among the group's members; a logical ring uses two of them, a pairwise exchange one.
 * - Switch: the whole port, whatever the group.
 * - Torus2D, Torus3D: torus.ts.
 */
import { CODE, SLOT } from '../../psa/parameters.js';
import { ceilLog2 } from '../bits.js';
import { endpointUs, TOPOLOGY, torusAxes } from '../network/network.js';
import type { State } from '../state.js';
import { COLLECTIVE } from '../workload/operation.js';
import { elementwiseEfficiency } from '../workload/rates.js';
import { torusPhase } from './torus.js';

/** As in collective.algorithm; `same` only of a single collective. */
export const ALGORITHM = CODE.collective.allReduceAlgorithm;

const SLOT_ALGORITHM = SLOT.collective.algorithm;
/** Four slots per collective, in the order of COLLECTIVE. */
const SLOT_OVERRIDES = SLOT.collective.allReduceAlgorithm;
const SLOT_MEMORY_BANDWIDTH_GBPS = SLOT.compute.memoryBandwidthGBps;
const SLOT_REDUCTION_SHARE = SLOT.network.reductionShare;
const SLOT_COLLECTIVE_OVERHEAD_US = SLOT.network.collectiveOverheadUs;
const SLOT_COLLECTIVE_START_US = SLOT.network.collectiveStartUs;

/** Share of an all-reduce by two trees that a scatter or gather is: all of the data one way and half of it the other. */
export const TREE_SHARE = 0.75;
/** Two reads and a write of local memory for each number that is reduced. */
export const REDUCTION_ACCESSES = 3;

/** The algorithm of a collective in a dimension, after `same` and `topology` are resolved; a torus has rings of its own along its axes. */
export function algorithmOf(s: State, collective: number, d: number): number {
  if (torusAxes(s.topology[d]!) > 0) return ALGORITHM.ring;
  let algorithm = s.design[SLOT_OVERRIDES + 4 * collective + d]!;
  if (algorithm === ALGORITHM.same) algorithm = s.design[SLOT_ALGORITHM + d]!;
  if (algorithm !== ALGORITHM.topology) return algorithm;
  if (s.topology[d] === TOPOLOGY.ring) return ALGORITHM.ring;
  if (s.topology[d] === TOPOLOGY.switch) return ALGORITHM.halvingDoubling;
  return ALGORITHM.direct;
}

/** Time to reduce one received megabyte for which a collective waits, us. */
export function reductionUsPerMB(s: State): number {
  const memoryGBps = s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * elementwiseEfficiency(s);
  return ((REDUCTION_ACCESSES * 1000) / memoryGBps) * s.design[SLOT_REDUCTION_SHARE]!;
}

/** Messages that an NPU waits for one after the other, of a scatter or gather. */
function messages(algorithm: number, n: number): number {
  if (algorithm === ALGORITHM.ring) return n - 1;
  if (algorithm === ALGORITHM.halvingDoubling) return ceilLog2(n);
  return algorithm === ALGORITHM.doubleBinaryTree ? 2 * ceilLog2(n) : 1;
}

/** Hops of these messages on a Ring, whose NPU numbers are `stride` apart; elsewhere each message has one. */
function ringHops(algorithm: number, n: number, stride: number, twoLanes: boolean): number {
  if (algorithm === ALGORITHM.doubleBinaryTree) return 2 * (n - 1) * stride;
  const direct = algorithm === ALGORITHM.direct && twoLanes;
  return (direct ? Math.floor(n / 2) : n - 1) * stride;
}

/** Every NPU sends n − 1 messages of D/n over n/4 hops a lane on average: n²/4 link loads, shared by n links. */
function crossing(n: number): number {
  return Math.floor((n * n) / 4) / n;
}

/** Times that a link of a Ring carries the data of a scatter or gather (half an all-reduce), or of an all-to-all. */
function ringLinks(exchange: boolean, algorithm: number, n: number, stride: number, twoLanes: boolean): number {
  const laneStride = stride / (twoLanes ? 2 : 1);
  if (algorithm === ALGORITHM.ring) return (exchange ? crossing(n) : (n - 1) / n) * laneStride;
  // The step over distance 2^k loads the middle link with 2^k messages: D/2 a step, or 2^k·D/2 for Bruck's exchange.
  if (algorithm === ALGORITHM.halvingDoubling) return (exchange ? (n - 1) / 2 : ceilLog2(n) / 2) * stride;
  // In-order trees: a link carries one edge of each level; three quarters of an all-reduce (see below).
  if (algorithm === ALGORITHM.doubleBinaryTree) return TREE_SHARE * ceilLog2(n) * stride;
  return crossing(n) * laneStride;
}

/** The same of a Switch (one link, whose port carries all messages) or FullyConnected (a link per peer). */
function directLinks(exchange: boolean, algorithm: number, n: number, peers: number): number {
  if (algorithm === ALGORITHM.ring) return (exchange ? crossing(n) : (n - 1) / n) / Math.min(2, peers);
  if (algorithm === ALGORITHM.halvingDoubling) return exchange ? ceilLog2(n) / 2 : (n - 1) / n;
  // An all-reduce moves D up and D down the two trees through a port, half of each over a dedicated link; a scatter or
  // gather moves all of D one way and half of it the other: three quarters.
  if (algorithm === ALGORITHM.doubleBinaryTree) return peers === 1 ? 2 * TREE_SHARE : TREE_SHARE;
  return (n - 1) / n / peers;
}

/** Sets alpha (us) and links of a scatter or gather, or an all-to-all, which has no trees. */
function topologyPhase(s: State, exchange: boolean, algorithm: number, d: number, n: number, span: number): void {
  if (torusAxes(s.topology[d]!) > 0) {
    torusPhase(s, exchange, d, n, span);
    return;
  }
  const own = exchange && algorithm === ALGORITHM.doubleBinaryTree ? ALGORITHM.direct : algorithm;
  const count = messages(own, n);
  if (s.topology[d] === TOPOLOGY.ring) {
    const stride = Math.floor(span / n);
    const twoLanes = span === s.npus[d]!;
    s.phaseAlphaUs = ringHops(own, n, stride, twoLanes) * s.hopUs[d]! + count * endpointUs(s);
    s.phaseLinks = ringLinks(exchange, own, n, stride, twoLanes);
  } else {
    s.phaseAlphaUs = count * s.hopUs[d]! + count * endpointUs(s);
    s.phaseLinks = directLinks(exchange, own, n, s.topology[d] === TOPOLOGY.switch ? 1 : n - 1);
  }
}

/** Sets alpha and links of one scatter or gather around a ring, whatever algorithm the design names. */
export function ringPhase(s: State, d: number, n: number, span: number): void {
  topologyPhase(s, false, ALGORITHM.ring, d, n, span);
}

/**
 * Times that a link of dimension d carries an all-reduce among n NPUs that the switch reduces; 0 where it does not. In dimension 0
 * each NPU reads its part from all and writes it to all (NVLS), so (n + 1)/n; further out the switch gets and gives each byte once.
 */
export function inSwitchLinks(s: State, d: number, n: number): number {
  return (d === 0 ? (n + 1) / n : 1) * s.switchPasses[d]!;
}

/** The fewer of two numbers of links, where the second is not 0. */
function fewerLinks(links: number, inSwitch: number): number {
  return inSwitch > 0 ? Math.min(links, inSwitch) : links;
}

/**
 * Times that a link of dimension d carries a collective of one ring over `size` NPUs, `factor` of them in this dimension, whose
 * inner ones carry it in `inner` parts; the last phase is the ring's. An all-reduce goes through a switch that reduces where
 * that is less, but for a node's in a ring over several.
 */
export function ringLanes(s: State, kind: number, d: number, factor: number, size: number, inner: number): number {
  const laneLinks = (s.phaseLinks * factor) / (factor - 1) / inner;
  if (kind !== COLLECTIVE.allReduce) return ((size - 1) * laneLinks) / size;
  const links = (2 * (size - 1) * laneLinks) / size;
  return d === 0 && factor < size ? links : fewerLinks(links, inSwitchLinks(s, d, factor) / inner);
}

/** Time to start a collective: software, and rings or trees that grow with the group, us. */
export function startUs(s: State, group: number): number {
  const perDoublingUs = s.design[SLOT_COLLECTIVE_OVERHEAD_US]!;
  return s.design[SLOT_COLLECTIVE_START_US]! + perDoublingUs * ceilLog2(s.groupSize[group]!);
}

/** What the pieces of a buffer cost, per root of a MB, where it takes so long per MB: `collectiveUs` says why. */
export function piecesUsPerRootMB(pieceUs: number, usPerMB: number): number {
  return 2 * Math.sqrt(pieceUs * usPerMB);
}

export function isPowerOfTwo(n: number): boolean {
  return 1 << ceilLog2(n) === n;
}

/** Does an algorithm admit n NPUs? */
export function admits(algorithm: number, n: number): boolean {
  return algorithm !== ALGORITHM.halvingDoubling || isPowerOfTwo(n);
}

/**
 * Sets alpha (us), the times of a link per MB, and the share that is reduced, of a phase of `collective` by `algorithm` among `n`
 * NPUs that span `span` numbers of dimension d.
 */
export function phase(s: State, collective: number, algorithm: number, d: number, n: number, span: number): void {
  topologyPhase(s, collective === COLLECTIVE.allToAll, algorithm, d, n, span);
  const tree = algorithm === ALGORITHM.doubleBinaryTree;
  if (collective === COLLECTIVE.allReduce) {
    // Up and down the trees are two passes already; other algorithms scatter, then gather.
    s.phaseAlphaUs *= tree ? 1 : 2;
    s.phaseLinks = fewerLinks(s.phaseLinks * (tree ? 1 / TREE_SHARE : 2), inSwitchLinks(s, d, n));
  }
  const reduces = collective === COLLECTIVE.allReduce || collective === COLLECTIVE.reduceScatter;
  s.phaseReduced = reduces ? (tree ? 1 : (n - 1) / n) : 0;
}
