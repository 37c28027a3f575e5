/**
 * All-reduces over several nodes by NCCL's double binary trees (Sanders, Speck and Träff, Parallel Computing 35(12), 2009) in the place of a
 * ring. A node is what differs inside of the outermost dimension of a group: a chain through its NPUs (Tree), or its switch, which
 * reduces (NVLSTree). What a way takes is as in NCCL's src/graph/tuning.cc; the fastest is taken.
 */

import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { ceilLog2 } from '../bits.js';
import { endpointUs, TOPOLOGY } from '../network/network.js';
import type { State } from '../state.js';
import { CHANNEL_GROUPS } from '../workload/operation.js';
import { inSwitchLinks, piecesUsPerRootMB, ringPhase, startUs } from './phase.js';

const SLOT_TREE_EFFICIENCY = SLOT.network.treeEfficiency;
const SLOT_PIECE_US = SLOT.network.pieceUs;

/** A hop of a tree's largest piece, NVLink's or the network's, us: NCCL's Tree with the protocol Simple. Measured: 27 to 34. */
export const TREE_PIECE_US = 28;
/** The same for each NPU of a node whose switch reduces, us: fitted to all-reduces of 10 nodes of 4 and 8 H100 and of 2 and 20 racks of GB200. */
export const SWITCH_PIECE_US = 6;
/** Times that a hop of large pieces passes the network: with the data, and to flush them (tuning.cc adds a latency for it to the protocol Simple). */
export const FLUSHED_HOPS = 2;

/** The outermost dimension in which a group has several NPUs. */
export function lastDimension(s: State, group: number): number {
  return 31 - Math.clz32(s.groupDimensions[group]!);
}

/** Does a group span more than the innermost dimension, so that a network joins it? */
export function isBetweenNodes(s: State, group: number): boolean {
  return lastDimension(s, group) > 0;
}

/** Ranks of a group that differ in dimension d or further out. */
export function placesFrom(s: State, group: number, d: number): number {
  let places = 1;
  for (let outer = d; outer < MAX_DIMENSIONS; outer++) places *= s.groupFactor[group * MAX_DIMENSIONS + outer]!;
  return places;
}

/** Hops in dimension d of one ring through all NPUs of a group. */
export function roundHops(s: State, group: number, d: number): number {
  return (s.groupFactor[group * MAX_DIMENSIONS + d]! - 1) * placesFrom(s, group, d + 1);
}

/** Do trees of chains join the nodes of a group, those of its ranks that differ inside of its outermost dimension? */
export function joinsByTrees(s: State, group: number, treeEfficiency: number, topology: number): boolean {
  return treeEfficiency > 0 && topology === TOPOLOGY.switch && isBetweenNodes(s, group) && s.groupSize[group]! > 2;
}

/** Do trees join the nodes of a group whose switches reduce? */
export function joinsBySwitches(s: State, group: number): boolean {
  const last = lastDimension(s, group);
  let reduces = s.groupSize[group]! > s.groupFactor[group * MAX_DIMENSIONS + last]!;
  for (let d = 0; d < last; d++) {
    if (s.groupFactor[group * MAX_DIMENSIONS + d]! > 1 && s.switchPasses[d] === 0) reduces = false;
  }
  return reduces && s.topology[last] === TOPOLOGY.switch;
}

/** Nodes that trees join. */
export function nodesOf(s: State, group: number): number {
  return s.groupFactor[group * MAX_DIMENSIONS + lastDimension(s, group)]!;
}

/**
 * Times that the busiest of some nodes sends an all-reduce by two trees, of which each has half of the data: it has a parent and two
 * children in one tree and a parent in the other; of three nodes none has both, and of two each sends it once.
 */
function treeLoad(nodes: number): number {
  return Math.min(2, nodes / 2);
}

/** Times that the link of each of `size` NPUs of some nodes carries that. */
export function treeLinks(size: number, nodes: number): number {
  return (treeLoad(nodes) * nodes) / size;
}

/** Hops in dimension d of a branch of trees: a chain through the NPUs of a node, then from node to node up a binary tree. */
export function branchHops(s: State, group: number, d: number): number {
  if (d === lastDimension(s, group)) return ceilLog2(nodesOf(s, group));
  return roundHops(s, group, d) / nodesOf(s, group);
}

/** Messages one behind the other of an all-reduce by two trees, up a branch and down; 0 where no trees of chains are. */
export function treeHopsOf(s: State, group: number): number {
  const topology = s.topology[lastDimension(s, group)]!;
  if (!joinsByTrees(s, group, s.design[SLOT_TREE_EFFICIENCY]!, topology)) return 0;
  const nodes = nodesOf(s, group);
  return 2 * (s.groupSize[group]! / nodes - 1 + ceilLog2(nodes));
}

/** What the first byte of an all-reduce takes up a branch and down, us. */
export function branchesUs(s: State, group: number): number {
  let branchUs = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const factor = s.groupFactor[group * MAX_DIMENSIONS + d]!;
    if (factor <= 1) continue;
    ringPhase(s, d, factor, s.groupSpan[group * MAX_DIMENSIONS + d]!);
    branchUs += (branchHops(s, group, d) * s.phaseAlphaUs) / (factor - 1);
  }
  return 2 * branchUs;
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
 * What the first piece of an all-reduce takes up and down trees over nodes whose switches reduce, us: large pieces alone go that way, each
 * NPU's for itself.
 *
 * @param hopUs between nodes
 */
export function switchBranchesUs(levels: number, hopUs: number, npusOfNode: number): number {
  return 2 * levels * (FLUSHED_HOPS * hopUs + TREE_PIECE_US + SWITCH_PIECE_US * npusOfNode);
}

/** Levels of these trees: one where a switch between the nodes reduces (SHARP). */
function switchLevels(s: State, group: number): number {
  return s.switchPasses[lastDimension(s, group)]! > 0 ? 1 : ceilLog2(nodesOf(s, group));
}

/** What trees over nodes whose switches reduce take to begin, us. */
export function switchTreeUsOf(s: State, group: number): number {
  const hopUs = s.hopUs[lastDimension(s, group)]! + endpointUs(s);
  return switchBranchesUs(switchLevels(s, group), hopUs, s.groupSize[group]! / nodesOf(s, group));
}

/**
 * What they take per MB, us: the links between nodes, or inside, where nodes with children reduce and give as often as they send.
 *
 * @param linkUsPerMB of a link of each dimension, `stride` apart from `first` on
 */
export function switchTreeUsPerMBOf(
  s: State,
  group: number,
  linkUsPerMB: Float64Array,
  first: number,
  stride: number,
): number {
  const last = lastDimension(s, group);
  const nodes = nodesOf(s, group);
  const between = s.switchPasses[last]!;
  const load = treeLoad(nodes);
  const crossings = between > 0 ? Math.min(between, load) : load;
  let longest = ((crossings * nodes) / s.groupSize[group]!) * linkUsPerMB[first + last * stride]!;
  let inner = 1;
  for (let d = 0; d < last; d++) {
    const factor = s.groupFactor[group * MAX_DIMENSIONS + d]!;
    if (factor <= 1) continue;
    const links = ((between > 0 ? 1 : load) * inSwitchLinks(s, d, factor)) / inner;
    longest = Math.max(longest, links * linkUsPerMB[first + d * stride]!);
    inner *= factor;
  }
  return longest;
}

/** A channel without trees. */
export function closeTrees(s: State, channel: number): void {
  s.treeHops[channel] = 0;
  s.treeUsPerMB[channel] = 0;
  s.switchTreeUs[channel] = 0;
  s.switchTreeUsPerMB[channel] = 0;
}

/** Sets what trees of an all-reduce take to start. */
export function openTrees(s: State, channel: number, group: number): void {
  if (!isBetweenNodes(s, group)) return;
  const hops = treeHopsOf(s, group);
  s.treeHops[channel] = hops;
  if (hops > 0) s.treeUs[channel] = branchesUs(s, group) + startUs(s, group);
  if (joinsBySwitches(s, group)) s.switchTreeUs[channel] = switchTreeUsOf(s, group) + startUs(s, group);
}

/** Sets what they take at the rate of the links. */
export function rateTrees(s: State, channel: number): void {
  const group = channel % CHANNEL_GROUPS;
  const reductionUsPerMB = s.channelUsPerMB[channel]!;
  if (s.switchTreeUs[channel]! > 0) {
    s.switchTreeUsPerMB[channel] = reductionUsPerMB + switchTreeUsPerMBOf(s, group, s.linkUsPerMB, 0, 1);
  }
  const hops = s.treeHops[channel]!;
  if (hops === 0) return;
  const linkUsPerMB = s.linkUsPerMB[lastDimension(s, group)]!;
  const longest = longestHopUsPerMB(s, group, linkUsPerMB, s.stationUsPerMB, channel * MAX_DIMENSIONS);
  const usPerMB = reductionUsPerMB + longest / s.design[SLOT_TREE_EFFICIENCY]!;
  s.treeUsPerMB[channel] = usPerMB;
  s.treeUsPerRootMB[channel] = piecesUsPerRootMB(hops * s.design[SLOT_PIECE_US]!, usPerMB);
}

/** What pieces cost that follow one another through the hops of a tree: at most what its largest ones do, us. */
export function treePiecesUs(hops: number, usPerRootMB: number, sizeMB: number): number {
  return Math.min(usPerRootMB * Math.sqrt(sizeMB), hops * TREE_PIECE_US);
}

/** The least of what a collective of `sizeMB` takes by its ring, or else by trees, us. */
export function treesUs(s: State, channel: number, sizeMB: number, ringUs: number): number {
  let us = ringUs;
  const usPerMB = s.treeUsPerMB[channel]!;
  if (usPerMB > 0) {
    const piecesUs = treePiecesUs(s.treeHops[channel]!, s.treeUsPerRootMB[channel]!, sizeMB);
    us = Math.min(us, s.treeUs[channel]! + usPerMB * sizeMB + piecesUs);
  }
  const switchUsPerMB = s.switchTreeUsPerMB[channel]!;
  return switchUsPerMB > 0 ? Math.min(us, s.switchTreeUs[channel]! + switchUsPerMB * sizeMB) : us;
}
