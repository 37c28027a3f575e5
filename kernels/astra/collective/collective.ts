/** Collectives as ASTRA-sim runs them: over all NPUs dimension by dimension, over a group around one flat ring. Nanoseconds. */

import { ALGORITHM, ceilLog2 } from '../../collective/phase.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { type FlowShop, flowShopNs, type Phase } from './flowShop.js';
import type { Lane } from './lane.js';
import { type Dimension, reductionNs, routeNs, type System } from './message.js';
import { ringReductions, ringSteps } from './phase.js';

/** Endpoint delay of a collective in a communicator group, whatever the configuration says. */
export const GROUP_ENDPOINT_NS = 10;

interface Chunks {
  readonly count: number;
  /** Each is simulated with the full chunk size, the last one too. */
  readonly bytes: number;
}

/** Chunks of a buffer; none where the program would never stop making them. */
export function chunksOf(system: System, kind: number, bytes: number): Chunks | undefined {
  let total = bytes;
  let size = Math.floor(bytes / system.chunks);
  if (kind !== COLLECTIVE.allGather && size < system.npus) {
    size = system.npus;
    total = system.chunks * size;
  }
  return size > 0 ? { count: Math.ceil(total / size), bytes: size } : undefined;
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

/** Queues of a step: all, or the half that its side of an all-reduce has. */
function queuesOf(system: System, kind: number, second: boolean): Phase['queues'] {
  const { queues, localBandwidthAware } = system;
  if (kind !== COLLECTIVE.allReduce || !localBandwidthAware || queues === 1) return { first: 0, count: queues };
  const half = Math.floor(queues / 2);
  return second ? { first: half, count: queues - half } : { first: 0, count: half };
}

/** False where ASTRA-sim has no such algorithm: it stops with an error, or its outcome is undefined. */
function supports(kind: number, algorithm: number, npus: number): boolean {
  if (algorithm !== ALGORITHM.halvingDoubling && algorithm !== ALGORITHM.doubleBinaryTree) return true;
  if (2 ** ceilLog2(npus) !== npus) return false;
  return kind !== COLLECTIVE.allToAll;
}

function phasesOf(lanes: readonly Lane[], kind: number, chunk: Chunks): Phase[] | undefined {
  const { system } = lanes[0]!;
  const places = lanes.flatMap(({ npus }, place) => (npus > 1 ? [place] : []));
  const steps = stepsOf(system, kind, places);
  const phases: Phase[] = [];
  let bytes = chunk.bytes;
  for (const step of steps) {
    const lane = lanes[step.dimension]!;
    const algorithm = lane.dimension.algorithms[kind]!;
    if (!supports(kind, algorithm, lane.npus)) return undefined;
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

/** A flat ring whose links may differ. */
export interface FlatRing {
  readonly system: System;
  readonly members: readonly number[];
  readonly messageBytes: number;
  /** Chunks one after another, messages one after another, and how many of those are reduced. */
  readonly rounds: number;
  readonly steps: number;
  readonly reductions: number;
}

/** How a collective runs. */
export type Plan =
  | { readonly shop: FlowShop; readonly ring?: never }
  | { readonly ring: FlatRing; readonly shop?: never };

function planLanes(lanes: readonly Lane[], kind: number, bytes: number): Plan | undefined {
  const { system } = lanes[0]!;
  const chunk = chunksOf(system, kind, bytes);
  const phases = chunk && phasesOf(lanes, kind, chunk);
  if (chunk === undefined || phases === undefined || phases.length === 0) return undefined;
  return { shop: { phases, chunks: chunk.count, servers: Math.ceil(system.activeChunks / system.queues) } };
}

/** The plan of a collective over all NPUs; undefined where the program stops with an error. */
function planAll(system: System, kind: number, bytes: number): Plan | undefined {
  const used = system.dimensions.filter(({ algorithms }) => algorithms[kind] !== undefined);
  const lanes = used.map((dimension) => ({
    system,
    dimension,
    npus: dimension.npus,
    stride: 1,
    endpointNs: system.endpointNs,
    group: false,
  }));
  return planLanes(lanes, kind, bytes);
}

/** Chunks that the fullest server of the group's one station works off. */
function roundsOf(system: System, kind: number, chunks: number): number {
  const servers = Math.ceil(system.activeChunks / system.queues);
  return Math.ceil(Math.ceil(chunks / queuesOf(system, kind, false).count) / servers);
}

function planRing(system: System, members: readonly number[], kind: number, bytes: number): Plan | undefined {
  const chunk = chunksOf(system, kind, bytes);
  if (chunk === undefined) return undefined;
  const npus = members.length;
  const rounds = roundsOf(system, kind, chunk.count);
  return {
    ring: {
      system,
      members,
      messageBytes: kind === COLLECTIVE.allGather ? chunk.bytes : Math.floor(chunk.bytes / npus),
      rounds,
      steps: rounds * ringSteps(kind, npus),
      reductions: rounds * ringReductions(kind, npus),
    },
  };
}

/**
 * How a collective over a group of at least two NPUs runs.
 *
 * @param members NPUs of the group, in the order of its list
 * @param bytes all-reduce and all-to-all: an NPU's buffer; reduce-scatter: its input; all-gather: the shard that it brings
 * @returns undefined where the program stops with an error
 */
export function planCollective(
  system: System,
  members: readonly number[],
  kind: number,
  bytes: number,
): Plan | undefined {
  if (members.length === system.npus) return planAll(system, kind, bytes);
  const dimension = system.dimensions[0]!;
  if (system.dimensions.length > 1 || dimension.algorithms[kind] === ALGORITHM.ring) {
    return planRing(system, members, kind, bytes);
  }
  return planLanes([groupLane(system, dimension, members)], kind, bytes);
}

function groupLane(system: System, dimension: Dimension, members: readonly number[]): Lane {
  const stride = Math.abs(members[1]! - members[0]!);
  return { system, dimension, npus: members.length, stride, endpointNs: GROUP_ENDPOINT_NS, group: true };
}

/** The largest sum of `count` links that follow one another around a ring. */
function longestPath(links: readonly number[], count: number): number {
  const turns = Math.floor(count / links.length);
  const rest = count % links.length;
  let window = 0;
  for (let i = 0; i < rest; i++) window += links[i]!;
  let longest = window;
  let turn = 0;
  for (let i = 0; i < links.length; i++) {
    turn += links[i]!;
    window += links[(i + rest) % links.length]! - links[i]!;
    longest = Math.max(longest, window);
  }
  return turns * turn + longest;
}

/**
 * Time around a flat ring: every message waits for the one before it, and an NPU begins a chunk when it has ended the last, so
 * the time is the longest path of as many links as there are messages.
 */
function flatRingNs({ system, members, messageBytes, rounds, steps, reductions }: FlatRing): number {
  const links = members.map((from, i) => routeNs(system, from, members[(i + 1) % members.length]!, messageBytes));
  const endpoints = (rounds + steps) * GROUP_ENDPOINT_NS;
  return endpoints + reductions * reductionNs(system, messageBytes) + longestPath(links, steps);
}

/** Time of the slowest NPU, all of which begin together, ns; undefined for a deadlock. */
export function planNs(plan: Plan): number | undefined {
  return plan.shop === undefined ? flatRingNs(plan.ring) : flowShopNs(plan.shop);
}

/** Time of a collective over a group, ns; undefined where the program deadlocks or stops with an error. */
export function groupNs(system: System, members: readonly number[], kind: number, bytes: number): number | undefined {
  if (members.length <= 1) return 0;
  const plan = planCollective(system, members, kind, bytes);
  return plan && planNs(plan);
}

/** Time of a collective over all NPUs, as {@link groupNs}. */
export function allNpusNs(system: System, kind: number, bytes: number): number | undefined {
  const plan = planAll(system, kind, bytes);
  return plan && planNs(plan);
}
