/** Plans of collectives as words that the WGSL simulator reads: 32-bit integers, and floats by their bits. */

import type { Plan } from './collective.js';
import type { FlatRing } from './flatRing.js';
import { type FlowShop, followersOf, linesOf, type Phase } from './flowShop.js';
import type { Dimension, System } from './message.js';
import { protocolOf, type Replay } from './replay.js';

/** Places in the header of a plan; a flat ring has members, a replay messages too, a flow shop none. */
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
  steps: 11,
  reductions: 12,
  rounds: 13,
  dimensions: 14,
  firstDimension: 15,
  memoryBytesPerNs: 16,
  messages: 17,
  window: 18,
  kind: 19,
  algorithm: 20,
} as const;
export const PLAN_WORDS = 21;

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
  endpointNs: 9,
  latencyNs: 10,
  bytesPerNs: 11,
  memoryBytesPerNs: 12,
  group: 13,
  queueFirst: 14,
  queueCount: 15,
  treeFirst: 16,
  treeStep: 17,
} as const;
export const PHASE_WORDS = 18;

/** Places of a dimension that a flat ring crosses. */
export const DIMENSION_WORD = { topology: 0, npus: 1, latencyNs: 2, bytesPerNs: 3 } as const;
export const DIMENSION_WORDS = 4;

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

function bitsOf(value: number): number {
  floats[0] = value;
  return bits[0]!;
}

function memoryBytesPerNs({ memoryBandwidth }: System): number {
  return bitsOf(memoryBandwidth / 1e9);
}

function phaseWords(phase: Phase, radix: number): number[] {
  const { station, lane, bytes, kind, algorithm, queues, trees } = phase;
  const { dimension, npus, stride, endpointNs, group, system } = lane;
  return [
    ...[station, radix, npus, stride, dimension.topology, dimension.npus, kind, algorithm],
    ...[bytes, endpointNs, dimension.latencyNs, dimension.bytesPerNs].map(bitsOf),
    memoryBytesPerNs(system),
    ...[Number(group), queues.first, queues.count, trees.first, trees.step],
  ];
}

function dimensionWords({ topology, npus, latencyNs, bytesPerNs }: Dimension): number[] {
  return [topology, npus, bitsOf(latencyNs), bitsOf(bytesPerNs)];
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
    this.putMembers(at, system, members);
    this.put(at, { messageBytes: bitsOf(messageBytes), steps, reductions, rounds });
  }

  private addReplay(replay: Replay, at: number): void {
    const { system, members, kind, algorithm, bytes, chunks, servers, queues } = replay;
    const { window, bytes: messages } = protocolOf(replay);
    const lines = queues.count;
    const scratch = this.scratchWords;
    this.putMembers(at, system, members);
    this.put(at, { messageBytes: bitsOf(bytes), chunks, servers, lines, scratch });
    this.put(at, { messages: messages.length, window, kind, algorithm });
    const runs = members.length * chunks;
    // A chunk's messages that are sent, and those that are prepared.
    const events = runs * (messages.length + 2 * window);
    this.scratchWords += members.length * lines + runs * (4 + messages.length) + 4 * events;
  }

  private putMembers(at: number, system: System, members: readonly number[]): void {
    this.put(at, {
      members: members.length,
      firstMember: this.append(members),
      dimensions: system.dimensions.length,
      firstDimension: this.append(system.dimensions.flatMap(dimensionWords)),
      memoryBytesPerNs: memoryBytesPerNs(system),
    });
  }
}

/** Packs plans, each with scratch words of its own. */
export function packPlans(plans: readonly Plan[]): PackedPlans {
  const packer = new Packer(plans);
  return { words: packer.words, scratchWords: packer.scratchWords, count: plans.length };
}
