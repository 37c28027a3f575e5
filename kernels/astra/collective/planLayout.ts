/** Plans of collectives as words that the WGSL simulator reads: 32-bit integers; bytes and doubles take two, the high one first. */

import { MAX_DIMENSIONS } from '../../../psa/parameters.js';
import type { Plan } from './collective.js';
import type { FlatRing } from './flatRing.js';
import { type FlowShop, followersOf, linesOf, type Phase } from './flowShop.js';
import type { Dimension, System } from './message.js';
import { protocolOf, type Replay } from './replay.js';

/**
 * Places in the header of a plan; a flat ring has members, a replay messages too, a flow shop none. Members are a list unless they have a
 * stride.
 */
export const PLAN = {
  chunks: 0,
  servers: 1,
  phases: 2,
  firstPhase: 3,
  followers: 4,
  stations: 5,
  lines: 6,
  scratch: 7,
  members: 8,
  firstMember: 9,
  messageBytes: 10,
  steps: 12,
  reductions: 13,
  rounds: 14,
  dimensions: 15,
  firstDimension: 16,
  memoryBandwidth: 17,
  messages: 19,
  window: 20,
  kind: 21,
  algorithm: 22,
  memberStride: 23,
} as const;
export const PLAN_WORDS = 24;

/** Places of a phase of a flow shop. */
export const PHASE_WORD = {
  station: 0,
  radix: 1,
  npus: 2,
  stride: 3,
  topology: 4,
  dimensionNpus: 5,
  kind: 6,
  algorithm: 7,
  bytes: 8,
  endpointNs: 10,
  latencyNs: 11,
  bytesPerNs: 13,
  memoryBandwidth: 15,
  group: 17,
  queueFirst: 18,
  queueCount: 19,
  treeFirst: 20,
  treeStep: 21,
} as const;
export const PHASE_WORDS = 22;

/** Places of a dimension; a collective's algorithm is NO_ALGORITHM where it leaves the dimension out. */
export const DIMENSION_WORD = { topology: 0, npus: 1, latencyNs: 2, bytesPerNs: 4, algorithms: 6 } as const;
export const DIMENSION_WORDS = 10;
export const NO_ALGORITHM = 2 ** 32 - 1;

/** Places of a system, whose dimensions follow. */
export const SYSTEM_WORD = {
  npus: 0,
  chunks: 1,
  activeChunks: 2,
  queues: 3,
  localBandwidthAware: 4,
  endpointNs: 5,
  memoryBandwidth: 6,
  peak: 8,
  dimensions: 10,
  firstDimension: 11,
} as const;
export const SYSTEM_WORDS = SYSTEM_WORD.firstDimension + MAX_DIMENSIONS * DIMENSION_WORDS;

const bits = new Float64Array(1);
const bitWords = new Uint32Array(bits.buffer);
/** A double's words in memory. */
const [HIGH, LOW] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [1, 0] : [0, 1];

function putDouble(words: Uint32Array, at: number, value: number): void {
  bits[0] = value;
  words[at] = bitWords[HIGH]!;
  words[at + 1] = bitWords[LOW]!;
}

/** A double's bits. */
export function doubleWords(value: number): [number, number] {
  bits[0] = value;
  return [bitWords[HIGH]!, bitWords[LOW]!];
}

/** A whole number of up to 64 bits. */
export function wholeWords(value: number): [number, number] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}

function phaseWords(phase: Phase, radix: number): number[] {
  const { station, lane, bytes, kind, algorithm, queues, trees } = phase;
  const { dimension, npus, stride, endpointNs, group, system } = lane;
  return [
    ...[station, radix, npus, stride, dimension.topology, dimension.npus, kind, algorithm],
    ...wholeWords(bytes),
    endpointNs,
    ...[dimension.latencyNs, dimension.bytesPerNs, system.memoryBandwidth].flatMap(doubleWords),
    ...[Number(group), queues.first, queues.count, trees.first, trees.step],
  ];
}

function putDimension(
  { topology, npus, latencyNs, bytesPerNs, algorithms }: Dimension,
  words: Uint32Array,
  at: number,
): void {
  words[at + DIMENSION_WORD.topology] = topology;
  words[at + DIMENSION_WORD.npus] = npus;
  putDouble(words, at + DIMENSION_WORD.latencyNs, latencyNs);
  putDouble(words, at + DIMENSION_WORD.bytesPerNs, bytesPerNs);
  for (let kind = 0; kind < algorithms.length; kind++) {
    words[at + DIMENSION_WORD.algorithms + kind] = algorithms[kind] ?? NO_ALGORITHM;
  }
}

function dimensionsWords({ dimensions }: System): number[] {
  const words = new Uint32Array(dimensions.length * DIMENSION_WORDS);
  dimensions.forEach((dimension, d) => {
    putDimension(dimension, words, d * DIMENSION_WORDS);
  });
  return [...words];
}

/** Writes a system's words from a place on. */
export function packSystem(system: System, words: Uint32Array, at: number): void {
  words[at + SYSTEM_WORD.npus] = system.npus;
  words[at + SYSTEM_WORD.chunks] = system.chunks;
  words[at + SYSTEM_WORD.activeChunks] = system.activeChunks;
  words[at + SYSTEM_WORD.queues] = system.queues;
  words[at + SYSTEM_WORD.localBandwidthAware] = Number(system.localBandwidthAware);
  words[at + SYSTEM_WORD.endpointNs] = Math.trunc(system.endpointNs);
  putDouble(words, at + SYSTEM_WORD.memoryBandwidth, system.memoryBandwidth);
  putDouble(words, at + SYSTEM_WORD.peak, system.peak);
  const { dimensions } = system;
  words[at + SYSTEM_WORD.dimensions] = dimensions.length;
  for (let d = 0; d < dimensions.length; d++) {
    putDimension(dimensions[d]!, words, at + SYSTEM_WORD.firstDimension + d * DIMENSION_WORDS);
  }
}

/** Words that the events of a flow shop need at most: durations, queues, runs and their messages, and the heap. */
function scratchWords(shop: FlowShop, followers: number, stations: number): number {
  const { phases, chunks } = shop;
  const runs = followers * chunks;
  const largest = Math.max(...phases.map(({ lane }) => lane.npus));
  // A run has a few messages under way at a time; a direct exchange has those to all of its peers.
  const events = 4 * runs + 4 * largest;
  return 2 * phases.length + 3 * followers * stations * linesOf(shop) + runs * (2 + phases.length) + 4 * events;
}

/** Plans ready for the GPU. */
export interface PackedPlans {
  readonly words: Uint32Array;
  readonly scratchWords: number;
  readonly count: number;
}

class Packer {
  private readonly header: Uint32Array;
  private readonly tail: number[] = [];
  scratchWords = 1;

  constructor(plans: readonly Plan[]) {
    this.header = new Uint32Array(plans.length * PLAN_WORDS);
    plans.forEach((plan, i) => {
      if ('ring' in plan) this.addRing(plan.ring, i * PLAN_WORDS);
      else if ('replay' in plan) this.addReplay(plan.replay, i * PLAN_WORDS);
      else this.addShop(plan.shop, i * PLAN_WORDS);
    });
  }

  get words(): Uint32Array {
    return Uint32Array.from([...this.header, ...this.tail]);
  }

  private put(at: number, values: Partial<Record<keyof typeof PLAN, number>>): void {
    for (const [name, value] of Object.entries(values)) this.header[at + PLAN[name as keyof typeof PLAN]] = value;
  }

  /** Appends words and tells where they begin. */
  private append(words: readonly number[]): number {
    const at = this.header.length + this.tail.length;
    for (const word of words) this.tail.push(word);
    return at;
  }

  private addShop(shop: FlowShop, at: number): void {
    const { phases, chunks, servers } = shop;
    const { radix, followers } = followersOf(shop);
    const stations = 1 + Math.max(...phases.map(({ station }) => station));
    const firstPhase = this.append(phases.flatMap((phase, i) => phaseWords(phase, radix[i]!)));
    const lines = linesOf(shop);
    const scratch = this.scratchWords;
    this.put(at, { chunks, servers, phases: phases.length, firstPhase, followers, stations, lines, scratch });
    this.scratchWords += scratchWords(shop, followers, stations);
  }

  private addRing({ system, members, messageBytes, steps, reductions, rounds }: FlatRing, at: number): void {
    this.putMembers(at, system, members.list, messageBytes);
    this.put(at, { scratch: this.scratchWords, steps, reductions, rounds });
    this.scratchWords += 2 * members.count;
  }

  private addReplay(replay: Replay, at: number): void {
    const { system, members, kind, algorithm, bytes, chunks, servers, queues } = replay;
    const { window, bytes: messages } = protocolOf(replay);
    const lines = queues.count;
    const scratch = this.scratchWords;
    this.putMembers(at, system, members, bytes);
    this.put(at, { chunks, servers, lines, scratch });
    this.put(at, { messages: messages.length, window, kind, algorithm });
    const runs = members.length * chunks;
    // A chunk's messages that are sent, and those that are prepared.
    const events = runs * (messages.length + 2 * window);
    this.scratchWords += members.length * lines + runs * (4 + messages.length) + 4 * events;
  }

  private putMembers(at: number, system: System, members: readonly number[], bytes: number): void {
    this.put(at, {
      members: members.length,
      firstMember: this.append(members),
      dimensions: system.dimensions.length,
      firstDimension: this.append(dimensionsWords(system)),
    });
    this.header.set(wholeWords(bytes), at + PLAN.messageBytes);
    this.header.set(doubleWords(system.memoryBandwidth), at + PLAN.memoryBandwidth);
  }
}

/** Packs plans, each with scratch words of its own. */
export function packPlans(plans: readonly Plan[]): PackedPlans {
  const packer = new Packer(plans);
  return { words: packer.words, scratchWords: packer.scratchWords, count: plans.length };
}
