/** Trees of an all-reduce in a box: of one design as collective/trees.ts rates them, of several no more than any of them may be. */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { inSwitchLinks, piecesUsPerRootMB } from '../collective/phase.js';
import {
  branchesUs,
  isBetweenNodes,
  joinsBySwitches,
  joinsByTrees,
  lastDimension,
  longestHopUsPerMB,
  nodesOf,
  switchBranchesUs,
  switchTreeUsOf,
  switchTreeUsPerMBOf,
  treeHopsOf,
  treeLinks,
  treePiecesUs,
} from '../collective/trees.js';
import { TOPOLOGY } from '../network/network.js';
import type { State } from '../state.js';
import { CHANNEL_COUNT, CHANNEL_GROUPS } from '../workload/operation.js';
import type { SlotRanges } from './box.js';
import { LEAST, reducesInSwitch, TOPOLOGY_COUNT, type TopologyRates } from './network.js';

const SLOT_TREE_EFFICIENCY = SLOT.network.treeEfficiency;
const SLOT_PIECE_US = SLOT.network.pieceUs;

/** Kinds of trees that a box may take, as bits. */
const CHAINS = 1;
const SWITCHES = 2;

/** Of an all-reduce by trees, by channel: networkState.ts says what; no hops, and 0 us per MB, without. */
export interface TreeBounds {
  readonly hops: Float64Array;
  readonly us: Float64Array;
  readonly usPerMB: Float64Array;
  readonly usPerRootMB: Float64Array;
  readonly switchUs: Float64Array;
  readonly switchUsPerMB: Float64Array;
}

export function createTreeBounds(): TreeBounds {
  const each = () => new Float64Array(CHANNEL_COUNT);
  return { hops: each(), us: each(), usPerMB: each(), usPerRootMB: each(), switchUs: each(), switchUsPerMB: each() };
}

/** The trees that some design of a box may take in a group, as bits. */
export function treesOfBox(s: State, { most }: SlotRanges, rates: TopologyRates, group: number): number {
  const last = lastDimension(s, group);
  if (!isBetweenNodes(s, group) || (rates.allowed[last]! & (1 << TOPOLOGY.switch)) === 0) return 0;
  const chains = joinsByTrees(s, group, most[SLOT_TREE_EFFICIENCY]!, TOPOLOGY.switch) ? CHAINS : 0;
  let switches = s.groupSize[group]! > nodesOf(s, group) ? SWITCHES : 0;
  for (let d = 0; d < last; d++) {
    if (s.groupFactor[group * MAX_DIMENSIONS + d]! > 1 && !reducesInSwitch(rates, d, LEAST)) switches = 0;
  }
  return chains | switches;
}

/**
 * The fewest times that a link of dimension d carries an all-reduce by a ring, `ringLinks`, or by trees (bits): `n` of the group's `size` NPUs
 * are in this dimension, `inner` further in, on the topology that the state has.
 */
export function fewestLinks(
  s: State,
  { most }: SlotRanges,
  trees: number,
  d: number,
  n: number,
  size: number,
  inner: number,
  ringLinks: number,
): number {
  if (size === n * inner) {
    if (s.topology[d] !== TOPOLOGY.switch) return ringLinks;
    const byChains = (trees & CHAINS) === 0 ? ringLinks : treeLinks(size, n) / most[SLOT_TREE_EFFICIENCY]!;
    const bySwitches = (trees & SWITCHES) === 0 ? ringLinks : treeLinks(size, n);
    return Math.min(ringLinks, byChains, bySwitches);
  }
  const inSwitch = (trees & SWITCHES) === 0 ? 0 : inSwitchLinks(s, d, n) / inner;
  return inSwitch > 0 ? Math.min(ringLinks, inSwitch) : ringLinks;
}

/** The least that trees (bits) take to begin, where a branch takes so long and a hop between nodes, us. */
export function leastStartUs(s: State, trees: number, group: number, branchUs: number, hopUs: number): number {
  const chainsUs = (trees & CHAINS) === 0 ? Number.POSITIVE_INFINITY : 2 * branchUs;
  if ((trees & SWITCHES) === 0) return chainsUs;
  return Math.min(chainsUs, switchBranchesUs(1, hopUs, s.groupSize[group]! / nodesOf(s, group)));
}

/** What the ring of a channel takes: to start, us and us per MB, and per MB in each dimension, from `row` on. */
interface RingBounds {
  readonly startUs: number;
  readonly startUsPerMB: number;
  readonly usPerMB: Float64Array;
  readonly row: number;
}

/** As `openTrees` and `rateTrees` of collective/trees.ts, in a box of one design. */
export function boundTrees(
  s: State,
  { least }: SlotRanges,
  rates: TopologyRates,
  trees: TreeBounds,
  channel: number,
  { startUs, startUsPerMB, usPerMB, row }: RingBounds,
): void {
  const group = channel % CHANNEL_GROUPS;
  const between = isBetweenNodes(s, group);
  trees.usPerMB[channel] = 0;
  trees.switchUsPerMB[channel] = 0;
  if (between && joinsBySwitches(s, group)) {
    const rate = switchTreeUsPerMBOf(s, group, rates.linkUsPerMB, TOPOLOGY.switch, TOPOLOGY_COUNT);
    trees.switchUs[channel] = switchTreeUsOf(s, group) + startUs;
    trees.switchUsPerMB[channel] = startUsPerMB + rate;
  }
  const hops = between ? treeHopsOf(s, group) : 0;
  if (hops === 0) return;
  const linkUsPerMB = rates.linkUsPerMB[lastDimension(s, group) * TOPOLOGY_COUNT + TOPOLOGY.switch]!;
  const longest = longestHopUsPerMB(s, group, linkUsPerMB, usPerMB, row);
  const treeUsPerMB = startUsPerMB + longest / least[SLOT_TREE_EFFICIENCY]!;
  trees.hops[channel] = hops;
  trees.us[channel] = branchesUs(s, group) + startUs;
  trees.usPerMB[channel] = treeUsPerMB;
  trees.usPerRootMB[channel] = piecesUsPerRootMB(hops * least[SLOT_PIECE_US]!, treeUsPerMB);
}

/** Time of an all-reduce of `sizeMB` by trees, us; no end of it where there are none. */
export function boundTreesUs(trees: TreeBounds, channel: number, sizeMB: number): number {
  let us = Number.POSITIVE_INFINITY;
  const { hops, usPerMB, usPerRootMB, switchUsPerMB } = trees;
  if (usPerMB[channel]! > 0) {
    const piecesUs = treePiecesUs(hops[channel]!, usPerRootMB[channel]!, sizeMB);
    us = trees.us[channel]! + usPerMB[channel]! * sizeMB + piecesUs;
  }
  if (switchUsPerMB[channel]! > 0) us = Math.min(us, trees.switchUs[channel]! + switchUsPerMB[channel]! * sizeMB);
  return us;
}
