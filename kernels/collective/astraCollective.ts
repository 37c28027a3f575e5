/** Collectives as ASTRA-sim runs them: over all NPUs dimension by dimension, over a group around one flat ring. Nanoseconds. */
import { type AstraDimension, type AstraSystem, reductionNs, routeNs } from '../network/message.js';
import { COLLECTIVE } from '../workload/operation.js';
import { type Lane, ringReductions, ringSteps, symmetricPhaseNs } from './astraPhase.js';
import { flowShopNs, type Phase } from './flowShop.js';
import { ALGORITHM, ceilLog2 } from './phase.js';

/** Endpoint delay of a collective in a communicator group, whatever the configuration says. */
const GROUP_ENDPOINT_NS = 10;

interface Chunks {
  readonly count: number;
  /** Each is simulated with the full chunk size, the last one too. */
  readonly bytes: number;
}

/** Chunks of a buffer; none where the program would never stop making them. */
export function chunksOf(system: AstraSystem, kind: number, bytes: number): Chunks | undefined {
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

function stepsOf(system: AstraSystem, kind: number, places: readonly number[]): Step[] {
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

/** Queue of each chunk: in turn over all queues, or over the half that a step's side of an all-reduce has. */
function queueRule(system: AstraSystem, kind: number, second: boolean): (chunk: number) => number {
  const { queues, localBandwidthAware } = system;
  if (kind !== COLLECTIVE.allReduce || !localBandwidthAware || queues === 1) return (chunk) => chunk % queues;
  const half = Math.floor(queues / 2);
  return second ? (chunk) => half + (chunk % (queues - half)) : (chunk) => chunk % half;
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
      durationNs: tree ? undefined : symmetricPhaseNs(lane, step.kind, algorithm, bytes),
      queueOf: queueRule(system, kind, step.second),
      treeOf: twice ? () => (step.second ? 1 : 0) : (use) => use % 2,
    });
    // A tree does an all-reduce whatever it is asked for.
    if (tree) continue;
    if (step.kind === COLLECTIVE.reduceScatter) bytes = Math.floor(bytes / lane.npus);
    if (step.kind === COLLECTIVE.allGather) bytes *= lane.npus;
  }
  return phases;
}

function lanesNs(lanes: readonly Lane[], kind: number, bytes: number): number | undefined {
  const { system } = lanes[0]!;
  const chunk = chunksOf(system, kind, bytes);
  if (chunk === undefined) return undefined;
  const phases = phasesOf(lanes, kind, chunk);
  if (phases === undefined) return undefined;
  if (phases.length === 0) return 0;
  return flowShopNs({ phases, chunks: chunk.count, servers: Math.ceil(system.activeChunks / system.queues) });
}

/**
 * Time of a collective over all NPUs, all of which begin together, ns.
 *
 * @param bytes all-reduce and all-to-all: an NPU's buffer; reduce-scatter: its input; all-gather: the shard that it brings
 * @returns undefined where the program deadlocks or stops with an error
 */
export function allNpusNs(system: AstraSystem, kind: number, bytes: number): number | undefined {
  const used = system.dimensions.filter(({ algorithms }) => algorithms[kind] !== undefined);
  const lanes = used.map((dimension) => ({
    system,
    dimension,
    npus: dimension.npus,
    stride: 1,
    endpointNs: system.endpointNs,
    group: false,
  }));
  return lanesNs(lanes, kind, bytes);
}

/** Chunks that the fullest server of the group's one station works off. */
function roundsOf(system: AstraSystem, kind: number, chunks: number): number {
  const servers = Math.ceil(system.activeChunks / system.queues);
  const queueOf = queueRule(system, kind, false);
  const lengths = new Array<number>(system.queues).fill(0);
  for (let chunk = 0; chunk < chunks; chunk++) lengths[queueOf(chunk)]!++;
  return Math.ceil(Math.max(...lengths) / servers);
}

/** The largest sum of `count` links that follow one another around a ring. */
function longestPath(links: readonly number[], count: number): number {
  const turns = Math.floor(count / links.length);
  const rest = count % links.length;
  let window = 0;
  for (let i = 0; i < rest; i++) window += links[i]!;
  let longest = window;
  for (let i = 0; i < links.length; i++) {
    window += links[(i + rest) % links.length]! - links[i]!;
    longest = Math.max(longest, window);
  }
  return turns * links.reduce((sum, link) => sum + link, 0) + longest;
}

/**
 * Time around a flat ring of members whose links may differ: every message waits for the one before it, and an NPU begins a
 * chunk when it has ended the last, so the time is the longest path of as many links as there are messages.
 */
function flatRingNs(system: AstraSystem, members: readonly number[], kind: number, bytes: number): number | undefined {
  const chunk = chunksOf(system, kind, bytes);
  if (chunk === undefined) return undefined;
  const npus = members.length;
  const message = kind === COLLECTIVE.allGather ? chunk.bytes : Math.floor(chunk.bytes / npus);
  const links = members.map((from, i) => routeNs(system, from, members[(i + 1) % npus]!, message));
  const rounds = roundsOf(system, kind, chunk.count);
  const steps = rounds * ringSteps(kind, npus);
  const reductions = rounds * ringReductions(kind, npus) * reductionNs(system, message);
  return rounds * GROUP_ENDPOINT_NS + steps * GROUP_ENDPOINT_NS + reductions + longestPath(links, steps);
}

/**
 * Time of a collective over a group, ns; `undefined` as for {@link allNpusNs}.
 *
 * @param members NPUs of the group, in the order of its list
 */
export function groupNs(
  system: AstraSystem,
  members: readonly number[],
  kind: number,
  bytes: number,
): number | undefined {
  if (members.length === system.npus) return allNpusNs(system, kind, bytes);
  if (members.length <= 1) return 0;
  const dimension = system.dimensions[0]!;
  if (system.dimensions.length > 1 || dimension.algorithms[kind] === ALGORITHM.ring) {
    return flatRingNs(system, members, kind, bytes);
  }
  return lanesNs([groupLane(system, dimension, members)], kind, bytes);
}

function groupLane(system: AstraSystem, dimension: AstraDimension, members: readonly number[]): Lane {
  const stride = Math.abs(members[1]! - members[0]!);
  return { system, dimension, npus: members.length, stride, endpointNs: GROUP_ENDPOINT_NS, group: true };
}
