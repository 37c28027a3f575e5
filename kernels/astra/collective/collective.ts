/** Collectives as ASTRA-sim runs them: over all NPUs dimension by dimension, over a group around one flat ring. Nanoseconds. */

import { ceilLog2 } from '../../bits.js';
import { ALGORITHM } from '../../collective/phase.js';
import { TOPOLOGY } from '../../network/network.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { type Chunks, chunksOf, queuesOf, serversOf } from './chunks.js';
import { type FlatRing, flatRingNs, flatRingOf } from './flatRing.js';
import { type FlowShop, flowShopNs, isTree, type Phase } from './flowShop.js';
import { inOrderNs, keepsOrder, passesOnce } from './inOrder.js';
import type { Lane } from './lane.js';
import type { Members } from './members.js';
import { chargedDimension, GROUP_ENDPOINT_NS, type System } from './message.js';
import { hasAlgorithm, WINDOWED } from './phase.js';
import { type Replay, replayNs } from './replay.js';
import { UNTOLD, wholeTreesNs } from './wholeTrees.js';

/** Why the program comes to no end with a collective: it aborts, or waits for ever. */
export interface Stop {
  readonly stop: string;
}

/** The endpoint delay of collectives over all NPUs, which the program reads as a whole number, ns. */
function endpointNs(system: System): number {
  return Math.trunc(system.endpointNs);
}

/**
 * The program asserts that time passes before the first event of a run, so no collective over all NPUs may begin at time 0
 * without an endpoint delay.
 */
export function stopAtOnce(system: System, members: Members): Stop | undefined {
  if (members.count < system.npus || members.count === 1 || endpointNs(system) > 0) return undefined;
  return { stop: 'a collective at time 0 without an endpoint delay aborts' };
}

interface Step {
  readonly kind: number;
  readonly dimension: number;
  /** The all-gathers of an all-reduce have queues of their own. */
  readonly second: boolean;
}

function stepsOf(system: System, kind: number, places: readonly number[]): Step[] {
  const steps = places.map((dimension) => ({ kind, dimension, second: false }));
  if (kind === COLLECTIVE.allGather) return steps.reverse();
  if (kind !== COLLECTIVE.allReduce || !system.localBandwidthAware) return steps;
  const inner = steps.slice(0, -1);
  return [
    ...inner.map((step) => ({ ...step, kind: COLLECTIVE.reduceScatter })),
    ...steps.slice(-1),
    ...inner.reverse().map((step) => ({ ...step, kind: COLLECTIVE.allGather, second: true })),
  ];
}

/** Does every NPU of halving-doubling have a partner that sends to it too, in each of its all-gather's messages? */
function isPaired(npus: number): boolean {
  for (let distance = npus >> 1; distance >= 1; distance >>= 1) if (npus % (2 * distance) !== 0) return false;
  return true;
}

/** Why ASTRA-sim comes to no end with a phase; undefined where it does. */
function stopOf(kind: number, algorithm: number, npus: number, bytes: number): string | undefined {
  const isPower = 2 ** ceilLog2(npus) === npus;
  if (algorithm === WINDOWED) return 'a direct exchange without a message in flight never begins';
  if (algorithm === ALGORITHM.doubleBinaryTree) return isPower ? undefined : `no double binary tree of ${npus} NPUs`;
  if (algorithm !== ALGORITHM.halvingDoubling) return undefined;
  if (kind === COLLECTIVE.allToAll) return 'halving-doubling has no all-to-all';
  if (kind === COLLECTIVE.allGather ? !isPaired(npus) : !isPower) return `no halving-doubling of ${npus} NPUs`;
  if (kind !== COLLECTIVE.allReduce || bytes >= 2 * npus) return undefined;
  return 'halving-doubling sends messages of no bytes where an NPU has one left';
}

function phasesOf(lanes: readonly Lane[], kind: number, chunk: Chunks): Phase[] | Stop {
  const { system } = lanes[0]!;
  const places = lanes.flatMap(({ npus }, place) => (npus > 1 ? [place] : []));
  const steps = stepsOf(system, kind, places);
  const phases: Phase[] = [];
  let bytes = chunk.bytes;
  for (const step of steps) {
    const lane = lanes[step.dimension]!;
    const algorithm = lane.dimension.algorithms[kind]!;
    const stop = stopOf(step.kind, algorithm, lane.npus, bytes);
    if (stop !== undefined) return { stop };
    const tree = algorithm === ALGORITHM.doubleBinaryTree;
    // A dimension's uses take the two trees in turn, and an all-reduce that comes back uses it twice for each chunk.
    const twice = steps.filter(({ dimension }) => dimension === step.dimension).length === 2;
    phases.push({
      station: step.dimension,
      lane,
      bytes,
      kind: step.kind,
      algorithm,
      queues: queuesOf(system, kind, step.second),
      trees: twice ? { first: step.second ? 1 : 0, step: 0 } : { first: 0, step: 1 },
    });
    // A tree does an all-reduce whatever it is asked for.
    if (tree) continue;
    if (step.kind === COLLECTIVE.reduceScatter) bytes = Math.floor(bytes / lane.npus);
    if (step.kind === COLLECTIVE.allGather) bytes *= lane.npus;
  }
  return phases;
}

const UNKNOWN: Stop = { stop: 'an algorithm that ASTRA-sim does not have' };

/** The program reads all dimensions' algorithms, though a group may take another one. */
function isKnown({ dimensions }: System, kind: number): boolean {
  for (let d = 0; d < dimensions.length; d++) {
    if (!hasAlgorithm(dimensions[d]!.algorithms[kind] ?? ALGORITHM.ring)) return false;
  }
  return true;
}

const NO_CHUNKS: Stop = { stop: 'chunks of no bytes never end' };

/** How a collective runs. */
export type Plan = { readonly shop: FlowShop } | { readonly ring: FlatRing } | { readonly replay: Replay };

function planLanes(lanes: readonly Lane[], kind: number, chunk: Chunks): Plan | Stop {
  const { system } = lanes[0]!;
  const phases = phasesOf(lanes, kind, chunk);
  if ('stop' in phases) return phases;
  return { shop: { phases, chunks: chunk.count, servers: serversOf(system) } };
}

/** The plan of a collective over all NPUs. */
function planAll(system: System, kind: number, chunk: Chunks): Plan | Stop {
  const used = system.dimensions.filter(({ algorithms }) => algorithms[kind] !== undefined);
  const lanes = used.map((dimension) => ({
    system,
    dimension,
    npus: dimension.npus,
    stride: 1,
    endpointNs: endpointNs(system),
    group: false,
  }));
  return planLanes(lanes, kind, chunk);
}

/**
 * How a collective over a group of at least two NPUs runs.
 *
 * @param members NPUs of the group
 * @param bytes all-reduce and all-to-all: an NPU's buffer; reduce-scatter: its input; all-gather: the shard that it brings
 * @returns a stop where the program aborts or waits for ever
 */
export function planCollective(system: System, members: Members, kind: number, bytes: number): Plan | Stop {
  if (!isKnown(system, kind)) return UNKNOWN;
  const chunk = chunksOf(system, kind, bytes);
  if (chunk === undefined) return NO_CHUNKS;
  return members.count === system.npus ? planAll(system, kind, chunk) : planGroup(system, members, kind, chunk);
}

/** With a list of one algorithm a group runs it, however many dimensions there are; else a flat ring. */
function groupAlgorithm({ dimensions }: System, kind: number): number {
  let listed = 0;
  let algorithm = ALGORITHM.ring as number;
  for (let d = 0; d < dimensions.length; d++) {
    const own = dimensions[d]!.algorithms[kind];
    if (own !== undefined && listed++ === 0) algorithm = own;
  }
  return listed > 1 ? ALGORITHM.ring : algorithm;
}

function planGroup(system: System, members: Members, kind: number, chunk: Chunks): Plan | Stop {
  const algorithm = groupAlgorithm(system, kind);
  if (algorithm === ALGORITHM.ring) return { ring: flatRingOf(system, members, kind, chunk) };
  if (algorithm === ALGORITHM.doubleBinaryTree) return { stop: 'no double binary tree in a group of some NPUs' };
  const lane = groupLane(system, members.list);
  if (lane !== undefined) return planLanes([lane], kind, chunk);
  const stop = stopOf(kind, algorithm, members.count, chunk.bytes);
  if (stop !== undefined) return { stop };
  const flow = { chunks: chunk.count, servers: serversOf(system), queues: queuesOf(system, kind, false) };
  return { replay: { system, members: members.list, kind, algorithm, bytes: chunk.bytes, ...flow } };
}

/**
 * A group that lies in one dimension so that all of its members are alike: at equal distances, and on a ring all around it.
 * Undefined for others.
 */
function groupLane(system: System, members: readonly number[]): Lane | undefined {
  const step = members[1]! - members[0]!;
  if (members.some((member, i) => member !== members[0]! + i * step)) return undefined;
  const charged = chargedDimension(system, members[0]!, members[1]!);
  const below = system.dimensions.slice(0, charged).reduce((product, { npus }) => product * npus, 1);
  const dimension = system.dimensions[charged]!;
  const stride = Math.abs(step) / below;
  const span = members.length * stride;
  const whole = dimension.topology === TOPOLOGY.ring ? span === dimension.npus : span <= dimension.npus;
  if (!Number.isInteger(stride) || !whole) return undefined;
  return {
    system,
    // The program asks the configuration of the first dimension.
    dimension: { ...dimension, algorithms: system.dimensions[0]!.algorithms },
    npus: members.length,
    stride,
    endpointNs: GROUP_ENDPOINT_NS,
    group: true,
  };
}

/** As {@link planNs}: the events of chunks one by one where nothing less tells their order. */
function shopNs(shop: FlowShop): number | undefined {
  if (keepsOrder(shop)) return inOrderNs(shop);
  const wholeNs = shop.phases.some(isTree) ? wholeTreesNs(shop) : UNTOLD;
  return wholeNs === UNTOLD ? flowShopNs(shop) : wholeNs;
}

/** Time of the slowest NPU, all of which begin together, ns; undefined for a deadlock. */
export function planNs(plan: Plan): number | undefined {
  if ('ring' in plan) return flatRingNs(plan.ring);
  if ('replay' in plan) return replayNs(plan.replay);
  return shopNs(plan.shop);
}

/** Chunks, or the members of a group, that wait for one another. */
export const DEADLOCK: Stop = { stop: 'chunks wait for one another for ever' };

/**
 * May chunks of a plan wait for one another for ever? In trees alone, where they come in another order at some of its NPUs. They come in
 * one order where they keep it, and to a single tree whose NPUs have all done the same before: none of them passes a dimension again.
 */
export function mayWait(plan: Plan): boolean {
  if ('ring' in plan) return false;
  if ('replay' in plan) return true;
  const trees = plan.shop.phases.filter(isTree).length;
  const passesAgain = trees > 1 || (trees === 1 && !passesOnce(plan.shop));
  return passesAgain && !keepsOrder(plan.shop);
}

/** Does a collective run around a flat ring, as those of nearly all groups of a part of the NPUs? It always ends, and needs no plan. */
function isRing(system: System, members: Members, kind: number): boolean {
  return members.count < system.npus && isKnown(system, kind) && groupAlgorithm(system, kind) === ALGORITHM.ring;
}

/** Why the program comes to no end with a collective over a group, for less than its time; undefined where it does. */
export function groupStop(system: System, members: Members, kind: number, bytes: number): Stop | undefined {
  if (members.count <= 1) return undefined;
  if (isRing(system, members, kind)) return chunksOf(system, kind, bytes) === undefined ? NO_CHUNKS : undefined;
  const plan = planCollective(system, members, kind, bytes);
  if ('stop' in plan) return plan;
  return mayWait(plan) && planNs(plan) === undefined ? DEADLOCK : undefined;
}

/** Time of a collective over a group, ns, or why the program comes to no end with it. */
export function groupNs(system: System, members: Members, kind: number, bytes: number): number | Stop {
  if (members.count <= 1) return 0;
  if (isRing(system, members, kind)) {
    const chunk = chunksOf(system, kind, bytes);
    return chunk === undefined ? NO_CHUNKS : flatRingNs(flatRingOf(system, members, kind, chunk));
  }
  const plan = planCollective(system, members, kind, bytes);
  return 'stop' in plan ? plan : (planNs(plan) ?? DEADLOCK);
}
