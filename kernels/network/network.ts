/** The network of a design: links, hops, and how the parallelism axes lie over its dimensions. */

import { AXES, axisAt } from '../../psa/parameters/axes.js';
import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { ALL_DIMENSIONS } from '../changes.js';
import { STATUS } from '../outputs.js';
import type { State } from '../state.js';
import { GROUP, GROUP_COUNT } from '../workload/operation.js';

export const TOPOLOGY = {
  ring: CODE.network.topology.Ring,
  switch: CODE.network.topology.Switch,
  fullyConnected: CODE.network.topology.FullyConnected,
  torus2D: CODE.network.topology.Torus2D,
  torus3D: CODE.network.topology.Torus3D,
} as const;

const SLOT_TOPOLOGY = SLOT.network.topology;
const SLOT_NPUS = SLOT.network.npus;
const SLOT_BANDWIDTH_GBPS = SLOT.network.bandwidthGBps;
const SLOT_LATENCY_NS = SLOT.network.latencyNs;
const SLOT_EFFICIENCY = SLOT.network.efficiency;
const SLOT_IN_SWITCH_EFFICIENCY = SLOT.network.inSwitchEfficiency;
const SLOT_ENDPOINT_DELAY_NS = SLOT.network.endpointDelayNs;
const SLOT_AXIS_ORDER = SLOT.workload.axisOrder;
const SLOT_TP = SLOT.workload.tp;
const SLOT_SP = SLOT.workload.sp;
const SLOT_EP = SLOT.workload.ep;
const SLOT_DP = SLOT.workload.dp;
const SLOT_PP = SLOT.workload.pp;
const SLOT_ETP = SLOT.workload.etp;
const SLOT_EXPERT_DISPATCH = SLOT.workload.expertDispatch;
const SLOT_CONTEXT_EXCHANGE = SLOT.workload.contextExchange;
const SLOT_CONTEXT_INNER = SLOT.workload.contextInner;
const SLOT_WEIGHT_SHARDING = SLOT.workload.weightSharding;
const SLOT_SHARD_GROUP = SLOT.workload.shardGroup;

export const CONTEXT_EXCHANGE = CODE.workload.contextExchange;
const BY_NODE = CODE.workload.expertDispatch.byNode;
const UNSHARDED = CODE.workload.weightSharding.none;

const AXIS = { tp: 0, sp: 1, ep: 2, dp: 3, pp: 4 } as const;

/** Axes of a torus; 0 of what is none. */
export function torusAxes(topology: number): number {
  if (topology === TOPOLOGY.torus2D) return 2;
  return topology === TOPOLOGY.torus3D ? 3 : 0;
}

/**
 * Links of an NPU that a dimension's bandwidth is divided among: Ring 2, a torus 2 on each axis, Switch 1, FullyConnected n − 1
 * (COSMIC counts 7).
 */
export function linkCount(topology: number, npus: number): number {
  if (topology === TOPOLOGY.ring) return 2;
  if (torusAxes(topology) > 0) return 2 * torusAxes(topology);
  if (topology === TOPOLOGY.fullyConnected) return Math.max(npus - 1, 1);
  return 1;
}

/** Times that an all-reduce crosses a link where a switch reduces with an efficiency; 0 where none does. */
export function switchPasses(topology: number, efficiency: number): number {
  return topology === TOPOLOGY.switch && efficiency > 0 ? 1 / efficiency : 0;
}

/**
 * Reads dimensions (bits, by default all): time per MB on one link, and time per hop; a switch is two hops
 * (ASTRA-sim's analytical network).
 */
export function readNetwork(s: State, dimensions = ALL_DIMENSIONS): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    if (((dimensions >> d) & 1) === 0) continue;
    const topology = s.design[SLOT_TOPOLOGY + d]!;
    const npus = s.design[SLOT_NPUS + d]!;
    const bandwidthGBps = s.design[SLOT_BANDWIDTH_GBPS + d]!;
    const linkGBps = (bandwidthGBps * s.design[SLOT_EFFICIENCY + d]!) / linkCount(topology, npus);
    const hops = topology === TOPOLOGY.switch ? 2 : 1;
    s.npus[d] = npus;
    s.topology[d] = topology;
    // A dimension that is not in use may have no bandwidth.
    s.linkUsPerMB[d] = npus > 1 ? 1000 / linkGBps : 0;
    s.dimensionGBps[d] = npus > 1 ? bandwidthGBps : 0;
    s.hopUs[d] = hops * s.design[SLOT_LATENCY_NS + d]! * 1e-3;
    s.switchPasses[d] = switchPasses(topology, s.design[SLOT_IN_SWITCH_EFFICIENCY + d]!);
  }
}

/** Time to inject one message, in us. */
export function endpointUs(s: State): number {
  return s.design[SLOT_ENDPOINT_DELAY_NS]! * 1e-3;
}

/** Ranks of sp, or with two levels groups of them (arXiv 2405.07719), round which keys and values are passed; 1 without a ring. */
export function contextRing(s: State): number {
  const exchange = s.design[SLOT_CONTEXT_EXCHANGE]!;
  if (exchange === CONTEXT_EXCHANGE.ring) return s.design[SLOT_SP]!;
  if (exchange !== CONTEXT_EXCHANGE.twoLevel) return 1;
  return Math.max(Math.floor(s.design[SLOT_SP]! / s.design[SLOT_CONTEXT_INNER]!), 1);
}

/** Those that gather keys and values or exchange heads: all that no ring is made of. */
export function contextInner(s: State): number {
  return Math.floor(s.design[SLOT_SP]! / contextRing(s));
}

/** Have experts a layout of their own, etp × ep × replicas over the NPUs of tp × sp × dp (arXiv 2504.14960, section 3)? */
export function expertsApart(s: State): boolean {
  return s.design[SLOT_ETP]! > 0;
}

/** Does a token travel once to each node and rank that has some of its experts? */
export function dispatchesByNode(s: State): boolean {
  return s.design[SLOT_EXPERT_DISPATCH] === BY_NODE && s.design[SLOT_EP]! > 1;
}

/** NPUs that split an expert. */
export function expertTensorRanks(s: State): number {
  return expertsApart(s) ? s.design[SLOT_ETP]! : s.design[SLOT_TP]!;
}

/** NPUs of a pipeline stage. */
export function stageNpus(s: State): number {
  return s.design[SLOT_TP]! * s.design[SLOT_SP]! * s.design[SLOT_DP]!;
}

/** Replicas of an expert that lies apart: at least 1. */
function expertReplicas(s: State): number {
  return Math.max(Math.floor(Math.floor(stageNpus(s) / s.design[SLOT_ETP]!) / s.design[SLOT_EP]!), 1);
}

/**
 * Groups of replicas that each hold a whole copy of the state in shards (hybrid sharding: arXiv 2304.11277, 3.2.2): their number,
 * at least 1.
 */
export function shardCopies(s: State): number {
  const group = s.design[SLOT_SHARD_GROUP]!;
  if (group === 0 || s.design[SLOT_WEIGHT_SHARDING] === UNSHARDED) return 1;
  return Math.max(Math.floor((s.design[SLOT_SP]! * s.design[SLOT_DP]!) / group), 1);
}

/** Of so many replicas those of one such group: at least 1. */
function replicasInside(s: State, replicas: number): number {
  return Math.max(Math.floor(replicas / shardCopies(s)), 1);
}

/** NPUs that the shards of a dense weight lie on. */
export function shardRanks(s: State): number {
  return s.design[SLOT_SP]! * replicasInside(s, s.design[SLOT_DP]!);
}

/** NPUs that the shards of an expert's weight lie on. */
export function expertShardRanks(s: State): number {
  if (expertsApart(s)) return replicasInside(s, expertReplicas(s));
  return s.design[SLOT_SP]! * replicasInside(s, axisSize(s, AXIS.dp));
}

/** Do groups of replicas take up all of them, and each as many of the dp axis? */
function shardsFit(s: State, replicas: number): boolean {
  const copies = shardCopies(s);
  if (s.design[SLOT_SHARD_GROUP] === 0 || s.design[SLOT_WEIGHT_SHARDING] === UNSHARDED) return true;
  const all = copies * s.design[SLOT_SHARD_GROUP]! === s.design[SLOT_SP]! * s.design[SLOT_DP]!;
  return all && copies * replicasInside(s, replicas) === replicas;
}

/**
 * Degree of an axis; experts are spread over a part of dp, so the dp axis is what remains of it: at least 1, for more experts
 * than replicas have a status of their own.
 */
function axisSize(s: State, axis: number): number {
  if (axis === AXIS.tp) return s.design[SLOT_TP]!;
  if (axis === AXIS.sp) return s.design[SLOT_SP]!;
  if (axis === AXIS.ep) return expertsApart(s) ? 1 : s.design[SLOT_EP]!;
  if (axis === AXIS.dp && expertsApart(s)) return s.design[SLOT_DP]!;
  if (axis === AXIS.dp) return Math.max(Math.floor(s.design[SLOT_DP]! / s.design[SLOT_EP]!), 1);
  return s.design[SLOT_PP]!;
}

/** Adds an axis' part of a dimension to a group. */
function joinGroup(s: State, group: number, d: number, factor: number, span: number): void {
  const place = group * MAX_DIMENSIONS + d;
  s.groupFactor[place]! *= factor;
  s.groupSpan[place] = Math.max(s.groupSpan[place]!, span);
  s.groupSize[group]! *= factor;
  // A degree that does not fit may leave a part of a single NPU.
  if (factor <= 1) return;
  s.groupDimensions[group]! |= 1 << d;
  s.dimensionGroups[d]! |= 1 << group;
}

/** Adds a part of an axis to all groups that it belongs to. */
function joinGroups(s: State, axis: number, d: number, factor: number, span: number): void {
  if (axis === AXIS.tp) joinGroup(s, GROUP.tp, d, factor, span);
  if (axis === AXIS.sp && contextRing(s) === 1) joinGroup(s, GROUP.sp, d, factor, span);
  if (axis === AXIS.ep) joinGroup(s, GROUP.ep, d, factor, span);
  if (axis === AXIS.pp) joinGroup(s, GROUP.pp, d, factor, span);
  if (axis === AXIS.sp || axis === AXIS.ep || axis === AXIS.dp) joinGroup(s, GROUP.data, d, factor, span);
  if (expertsApart(s)) return;
  if (axis === AXIS.sp || axis === AXIS.dp) joinGroup(s, GROUP.expertData, d, factor, span);
}

/** In the place of a group: all that an axis belongs to. */
const ALL_OF_AXIS = -1;

/**
 * Lays a group of an axis, or all of them, over the dimensions: `size` ranks whose NPU numbers are
 * `stride` apart. A dimension has the numbers that are multiples of `begin` and below `end`. Tells whether the size divides or
 * fills what they have left.
 */
function layRanks(s: State, axis: number, group: number, stride: number, size: number): boolean {
  if (size === 1) return true;
  const outside = stride * size;
  let fits = true;
  let begin = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const end = begin * s.npus[d]!;
    const low = Math.max(stride, begin);
    const high = Math.min(outside, end);
    if (high > low) {
      const factor = Math.floor(high / low);
      if (factor * low !== high) fits = false;
      const span = Math.floor(high / begin);
      if (group === ALL_OF_AXIS) joinGroups(s, axis, d, factor, span);
      else joinGroup(s, group, d, factor, span);
    }
    begin = end;
  }
  return fits;
}

/** Lays the dp axis: of groups that shard inside, the outer part is of those that hold the same shard. */
function layReplicas(s: State, stride: number): boolean {
  const size = axisSize(s, AXIS.dp);
  const inside = replicasInside(s, size);
  const insideFits = layRanks(s, AXIS.dp, ALL_OF_AXIS, stride, inside);
  return layRanks(s, AXIS.dp, GROUP.outerData, stride * inside, shardCopies(s)) && insideFits && shardsFit(s, size);
}

/** Lays the sp axis in two parts, if a ring is the outer one. */
function layContext(s: State, stride: number): boolean {
  const ring = contextRing(s);
  if (ring === 1) return true;
  const inner = contextInner(s);
  const innerFits = layRanks(s, AXIS.sp, GROUP.sp, stride, inner);
  return layRanks(s, AXIS.sp, GROUP.contextRing, stride * inner, ring) && innerFits;
}

/** Lays an axis over the dimensions; that of sp once more in two parts, if a ring is the outer one. */
function layAxis(s: State, axis: number, stride: number): boolean {
  if (axis === AXIS.dp) return layReplicas(s, stride);
  const fits = layRanks(s, axis, ALL_OF_AXIS, stride, axisSize(s, axis));
  return axis === AXIS.sp ? layContext(s, stride) && fits : fits;
}

/**
 * Lays experts that lie apart: etp in the place of tp, their replicas in that of dp; sp is part of both. Tells whether they fit,
 * and whether stages, whose NPUs are `stageStride` apart, and groups of replicas, `outerStride` apart, are the same NPUs for them.
 */
function layExperts(s: State, order: number, stageStride: number, outerStride: number): boolean {
  let fits = true;
  let stride = 1;
  const lay = (axis: number, group: number, ranks: number): void => {
    if (!layRanks(s, axis, group, stride, ranks)) fits = false;
    stride *= ranks;
  };
  for (let place = 0; place < AXES.length; place++) {
    const axis = axisAt(order, place);
    if (axis === AXIS.tp) lay(axis, GROUP.etp, s.design[SLOT_ETP]!);
    if (axis === AXIS.ep) lay(axis, GROUP.ep, s.design[SLOT_EP]!);
    if (axis === AXIS.dp) {
      const inside = replicasInside(s, expertReplicas(s));
      if (!layRanks(s, axis, GROUP.expertData, stride, inside)) fits = false;
      const same = stride * inside === outerStride && shardsFit(s, expertReplicas(s));
      if (shardCopies(s) > 1 && !same) fits = false;
      stride *= expertReplicas(s);
    }
    if (axis === AXIS.pp && stride !== stageStride) fits = false;
    if (axis === AXIS.pp) stride *= s.design[SLOT_PP]!;
  }
  return fits;
}

/** Groups of one NPU. */
function startGroups(s: State): void {
  // Loops, for to call fill for so few numbers takes longer than to write them.
  for (let place = 0; place < GROUP_COUNT * MAX_DIMENSIONS; place++) {
    s.groupFactor[place] = 1;
    s.groupSpan[place] = 1;
  }
  for (let group = 0; group < GROUP_COUNT; group++) {
    s.groupSize[group] = 1;
    s.groupDimensions[group] = 0;
  }
  for (let d = 0; d < MAX_DIMENSIONS; d++) s.dimensionGroups[d] = 0;
}

/** Do the axes together divide the dimension in which they end, and is that one of the network's? */
function endsWell(s: State, size: number): boolean {
  let end = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    end *= s.npus[d]!;
    if (size <= end) return end % size === 0;
  }
  return false;
}

/**
 * Lays the axes over the dimensions as mixed radices, innermost axis on the innermost dimension: an axis covers an interval
 * of dimensions, perhaps a part of one. Sets STATUS.MAPPING where a degree neither divides nor fills what a dimension has left.
 */
export function layAxes(s: State): void {
  startGroups(s);
  const order = s.design[SLOT_AXIS_ORDER]!;
  let fits = true;
  let size = 1;
  let stageStride = 1;
  let outerStride = 1;
  for (let place = 0; place < AXES.length; place++) {
    const axis = axisAt(order, place);
    if (!layAxis(s, axis, size)) fits = false;
    if (axis === AXIS.pp) stageStride = size;
    if (axis === AXIS.dp) outerStride = size * replicasInside(s, axisSize(s, axis));
    size *= axisSize(s, axis);
  }
  if (expertsApart(s) && !layExperts(s, order, stageStride, outerStride)) fits = false;
  if (!fits || !endsWell(s, size)) s.status |= STATUS.MAPPING;
}

/** Bits. */
export const ALL_GROUPS = (1 << GROUP_COUNT) - 1;

/** The groups that have several NPUs in one of the dimensions (bits), as bits; all for all dimensions. */
export function groupsIn(s: State, dimensions: number): number {
  if (dimensions === ALL_DIMENSIONS) return ALL_GROUPS;
  let groups = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) if (((dimensions >> d) & 1) === 1) groups |= s.dimensionGroups[d]!;
  return groups;
}

/** Bandwidth per NPU, GB/s, summed over the dimensions that have more than one NPU. */
export function bandwidthPerNpuGBps(s: State): number {
  let sum = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) sum += s.dimensionGBps[d]!;
  return sum;
}
