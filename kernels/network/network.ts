/** The network of a design: links, hops, and how the parallelism axes lie over its dimensions. */

import { AXES } from '../../psa/parameters/axes.js';
import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { ALL_DIMENSIONS } from '../changes.js';
import { STATUS } from '../outputs.js';
import type { State } from '../state.js';
import { GROUP, GROUP_COUNT } from '../workload/operation.js';

export const TOPOLOGY = {
  ring: CODE.network.topology.Ring,
  switch: CODE.network.topology.Switch,
  fullyConnected: CODE.network.topology.FullyConnected,
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

const AXIS = { tp: 0, sp: 1, ep: 2, dp: 3, pp: 4 } as const;

/** Links of an NPU that a dimension's bandwidth is divided among: Ring 2, Switch 1, FullyConnected n − 1 (COSMIC counts 7). */
export function linkCount(topology: number, npus: number): number {
  if (topology === TOPOLOGY.ring) return 2;
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

/**
 * Degree of an axis; experts are spread over a part of dp, so the dp axis is what remains of it: at least 1, for more experts
 * than replicas have a status of their own.
 */
function axisSize(s: State, axis: number): number {
  if (axis === AXIS.tp) return s.design[SLOT_TP]!;
  if (axis === AXIS.sp) return s.design[SLOT_SP]!;
  if (axis === AXIS.ep) return s.design[SLOT_EP]!;
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
  if (axis === AXIS.sp) joinGroup(s, GROUP.sp, d, factor, span);
  if (axis === AXIS.ep) joinGroup(s, GROUP.ep, d, factor, span);
  if (axis === AXIS.pp) joinGroup(s, GROUP.pp, d, factor, span);
  if (axis === AXIS.sp || axis === AXIS.ep || axis === AXIS.dp) joinGroup(s, GROUP.data, d, factor, span);
  if (axis === AXIS.sp || axis === AXIS.dp) joinGroup(s, GROUP.expertData, d, factor, span);
}

/**
 * Lays an axis, whose NPU numbers are `stride` apart, over the dimensions, each of which has the numbers that are multiples of
 * `begin` and below `end`; tells whether its degree divides or fills what they have left.
 */
function layAxis(s: State, axis: number, stride: number): boolean {
  const outside = stride * axisSize(s, axis);
  let fits = true;
  let begin = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const end = begin * s.npus[d]!;
    const low = Math.max(stride, begin);
    const high = Math.min(outside, end);
    if (high > low) {
      const factor = Math.floor(high / low);
      if (factor * low !== high) fits = false;
      joinGroups(s, axis, d, factor, Math.floor(high / begin));
    }
    begin = end;
  }
  return fits;
}

/** Groups of one NPU. */
function startGroups(s: State): void {
  s.groupFactor.fill(1);
  s.groupSpan.fill(1);
  s.groupSize.fill(1);
  s.groupDimensions.fill(0);
  s.dimensionGroups.fill(0);
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
  for (let place = 0; place < AXES.length; place++) {
    const axis = (order >> (3 * place)) & 7;
    if (!layAxis(s, axis, size)) fits = false;
    size *= axisSize(s, axis);
  }
  if (!fits || !endsWell(s, size)) s.status |= STATUS.MAPPING;
}

/** The groups that have several NPUs in one of the dimensions (bits), as bits; all for all dimensions. */
export function groupsIn(s: State, dimensions: number): number {
  if (dimensions === ALL_DIMENSIONS) return (1 << GROUP_COUNT) - 1;
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
