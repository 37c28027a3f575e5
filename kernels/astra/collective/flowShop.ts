/**
 * Chunks of a collective in ASTRA-sim: each passes through its phases, and each queue of a dimension serves K of them at a
 * time, first come first served. NPUs whose places differ in dimensions of symmetric algorithms alone do the same, so one
 * stands for them; a double binary tree tells its NPUs apart, and each place in such a dimension is followed by itself.
 */

import { ALGORITHM } from '../../collective/phase.js';
import { checkMessages } from './budget.js';
import type { Queues } from './chunks.js';
import { type Lane, laneMessageNs } from './lane.js';
import { reductionNs } from './message.js';
import { symmetricPhaseNs } from './phase.js';
import { TimeQueue } from './timeQueue.js';
import { type Tree, treesOf } from './tree.js';

/** One phase of every chunk. */
export interface Phase {
  /** Place of its dimension among the stations. */
  readonly station: number;
  readonly lane: Lane;
  readonly bytes: number;
  readonly kind: number;
  readonly algorithm: number;
  /** Chunks take these queues of their station in turn. */
  readonly queues: Queues;
  /** Of the two trees the first chunk takes the first of these, the next chunk the one that is `step` further. */
  readonly trees: { readonly first: number; readonly step: number };
}

/** The queue of a chunk among those of its station. */
function queueOf({ queues }: Phase, chunk: number): number {
  return queues.first + (chunk % queues.count);
}

export function isTree({ algorithm }: Phase): boolean {
  return algorithm === ALGORITHM.doubleBinaryTree;
}

export interface FlowShop {
  readonly phases: readonly Phase[];
  readonly chunks: number;
  /** Chunks that a queue serves at once. */
  readonly servers: number;
}

interface Queue {
  running: number;
  readonly waiting: number[];
}

const EVENT = { end: 0, sendUp: 1, atParent: 2, reduced: 3, atChild: 4, passDown: 5 } as const;
const EVENTS = 6;

/** The largest number of queues that a station has. */
export function linesOf({ phases }: FlowShop): number {
  return Math.max(...phases.map(({ queues }) => queues.first + queues.count));
}

/** For each phase the place of its NPUs in the number of a follower, 0 where one stands for all; and the followers. */
export function followersOf({ phases }: FlowShop): { radix: number[]; followers: number } {
  const radixOf = new Map<number, number>();
  let followers = 1;
  for (const phase of phases) {
    if (!isTree(phase) || radixOf.has(phase.station)) continue;
    radixOf.set(phase.station, followers);
    followers *= phase.lane.npus;
  }
  return { radix: phases.map(({ station }) => radixOf.get(station) ?? 0), followers };
}

/** @throws CosmicError VALUE_OUT_OF_RANGE where there is too much to follow */
export function checkShop(shop: FlowShop, followers: number): void {
  const { phases, chunks } = shop;
  const stations = 1 + Math.max(...phases.map(({ station }) => station));
  const runs = followers * chunks;
  checkMessages(Math.max(runs * phases.length, followers * stations * linesOf(shop)), followers, chunks);
}

/** An NPU's place in a tree, and its neighbours'. */
interface TreeNode {
  readonly place: number;
  readonly parent: number;
  readonly children: readonly number[];
}

class Run {
  private readonly queue = new TimeQueue();
  private readonly stations: number;
  private readonly lines: number;
  private readonly radix: readonly number[];
  private readonly followers: number;
  /** Time of each phase that is symmetric, ns. */
  private readonly durationsNs: readonly number[];
  /** Of each phase that is none of those. */
  private readonly trees: readonly (readonly Tree[])[];
  private readonly queues: Queue[];
  private readonly phaseOf: Uint16Array;
  /** Messages from children that wait for their NPU to begin, and those that are reduced. */
  private readonly early: Uint8Array;
  private readonly reduced: Uint8Array;
  private readonly begun: Uint8Array;
  private remaining: number;
  private lastNs = 0;

  constructor(private readonly shop: FlowShop) {
    const { phases, chunks } = shop;
    const { radix, followers } = followersOf(shop);
    this.stations = 1 + Math.max(...phases.map(({ station }) => station));
    this.lines = linesOf(shop);
    this.radix = radix;
    this.followers = followers;
    this.durationsNs = phases.map((phase) =>
      isTree(phase) ? 0 : symmetricPhaseNs(phase.lane, phase.kind, phase.algorithm, phase.bytes),
    );
    this.trees = phases.map((phase) => (isTree(phase) ? treesOf(phase.lane.npus) : []));
    checkShop(shop, followers);
    const runs = followers * chunks;
    this.queues = Array.from({ length: followers * this.stations * this.lines }, () => ({ running: 0, waiting: [] }));
    this.phaseOf = new Uint16Array(runs);
    this.early = new Uint8Array(runs * phases.length);
    this.reduced = new Uint8Array(runs * phases.length);
    this.begun = new Uint8Array(runs * phases.length);
    this.remaining = runs;
  }

  /** Time at which the last NPU ends, ns; undefined where chunks wait for one another for ever. */
  end(): number | undefined {
    const { chunks, phases } = this.shop;
    for (let follower = 0; follower < this.followers; follower++) {
      for (let chunk = 0; chunk < chunks; chunk++) this.join(follower, chunk);
    }
    while (this.queue.size > 0) {
      const event = this.queue.take();
      const place = Math.floor(event / EVENTS);
      const run = Math.floor(place / phases.length);
      this.handle(event % EVENTS, Math.floor(run / chunks), run % chunks, place % phases.length);
    }
    return this.remaining === 0 ? this.lastNs : undefined;
  }

  /** Number of a chunk's phase at a follower. */
  private placeOf(follower: number, chunk: number, phase: number): number {
    return (follower * this.shop.chunks + chunk) * this.shop.phases.length + phase;
  }

  private schedule(delayNs: number, kind: number, follower: number, chunk: number, phase: number): void {
    this.queue.add(this.queue.key + delayNs, this.placeOf(follower, chunk, phase) * EVENTS + kind);
  }

  private queueAt(follower: number, chunk: number, phase: number): Queue {
    const { station } = this.shop.phases[phase]!;
    return this.queues[(follower * this.stations + station) * this.lines + queueOf(this.shop.phases[phase]!, chunk)]!;
  }

  /** A chunk joins the queue of its present phase. */
  private join(follower: number, chunk: number): void {
    const phase = this.phaseOf[follower * this.shop.chunks + chunk]!;
    const queue = this.queueAt(follower, chunk, phase);
    queue.waiting.push(chunk);
    this.serve(follower, queue);
  }

  private serve(follower: number, queue: Queue): void {
    while (queue.running < this.shop.servers && queue.waiting.length > 0) {
      queue.running++;
      const chunk = queue.waiting.shift()!;
      this.begin(follower, chunk, this.phaseOf[follower * this.shop.chunks + chunk]!);
    }
  }

  private begin(follower: number, chunk: number, phase: number): void {
    if (isTree(this.shop.phases[phase]!)) this.beginTree(follower, chunk, phase);
    else this.schedule(this.durationsNs[phase]!, EVENT.end, follower, chunk, phase);
  }

  private leave(follower: number, chunk: number, phase: number): void {
    const queue = this.queueAt(follower, chunk, phase);
    queue.running--;
    this.phaseOf[follower * this.shop.chunks + chunk] = phase + 1;
    if (phase + 1 === this.shop.phases.length) {
      this.remaining--;
      this.lastNs = this.queue.key;
    } else this.join(follower, chunk);
    this.serve(follower, queue);
  }

  private handle(kind: number, follower: number, chunk: number, phase: number): void {
    if (kind === EVENT.end) this.leave(follower, chunk, phase);
    else if (kind === EVENT.sendUp) this.sendUp(follower, chunk, phase);
    else if (kind === EVENT.atParent) this.arrive(follower, chunk, phase);
    else if (kind === EVENT.reduced) this.reduce(follower, chunk, phase);
    else if (kind === EVENT.atChild) this.comeDown(follower, chunk, phase);
    else this.passDown(follower, chunk, phase);
  }

  private treeNode(follower: number, chunk: number, phase: number): TreeNode {
    const { lane, trees } = this.shop.phases[phase]!;
    const place = Math.floor(follower / this.radix[phase]!) % lane.npus;
    const { parent, children } = this.trees[phase]![(trees.first + chunk * trees.step) % 2]!;
    return { place, parent: parent[place]!, children: children[place]! };
  }

  /** A message goes from one place of a tree's dimension to another. */
  private send(kind: number, follower: number, chunk: number, phase: number, from: number, to: number): void {
    const { lane, bytes } = this.shop.phases[phase]!;
    const receiver = follower + (to - from) * this.radix[phase]!;
    this.schedule(laneMessageNs(lane, Math.abs(to - from), bytes), kind, receiver, chunk, phase);
  }

  private beginTree(follower: number, chunk: number, phase: number): void {
    const place = this.placeOf(follower, chunk, phase);
    this.begun[place] = 1;
    const leaf = this.treeNode(follower, chunk, phase).children.length === 0;
    if (leaf) this.schedule(this.shop.phases[phase]!.lane.endpointNs, EVENT.sendUp, follower, chunk, phase);
    for (; this.early[place]! > 0; this.early[place]!--) this.process(EVENT.reduced, follower, chunk, phase);
  }

  /** A received message is reduced. */
  private process(next: number, follower: number, chunk: number, phase: number): void {
    const { lane, bytes } = this.shop.phases[phase]!;
    this.schedule(lane.endpointNs + reductionNs(lane.system, bytes), next, follower, chunk, phase);
  }

  private sendUp(follower: number, chunk: number, phase: number): void {
    const { place, parent } = this.treeNode(follower, chunk, phase);
    this.send(EVENT.atParent, follower, chunk, phase, place, parent);
  }

  /** A child's message arrives, perhaps before its receiver has begun the phase. */
  private arrive(follower: number, chunk: number, phase: number): void {
    const place = this.placeOf(follower, chunk, phase);
    if (this.begun[place] === 1) this.process(EVENT.reduced, follower, chunk, phase);
    else this.early[place]!++;
  }

  private reduce(follower: number, chunk: number, phase: number): void {
    const { parent, children } = this.treeNode(follower, chunk, phase);
    const reduced = ++this.reduced[this.placeOf(follower, chunk, phase)]!;
    if (reduced < children.length) return;
    if (parent >= 0) this.sendUp(follower, chunk, phase);
    else this.passDown(follower, chunk, phase);
  }

  private comeDown(follower: number, chunk: number, phase: number): void {
    const leaf = this.treeNode(follower, chunk, phase).children.length === 0;
    if (leaf) this.schedule(this.shop.phases[phase]!.lane.endpointNs, EVENT.end, follower, chunk, phase);
    else this.process(EVENT.passDown, follower, chunk, phase);
  }

  private passDown(follower: number, chunk: number, phase: number): void {
    const { place, children } = this.treeNode(follower, chunk, phase);
    for (const child of children) this.send(EVENT.atChild, follower, chunk, phase, place, child);
    this.leave(follower, chunk, phase);
  }
}

/** Time of a collective's chunks, all there at time 0, ns; undefined for a deadlock. */
export function flowShopNs(shop: FlowShop): number | undefined {
  return new Run(shop).end();
}
