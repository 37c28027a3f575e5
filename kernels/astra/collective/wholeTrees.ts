/**
 * Chunks that pass through double binary trees, each tree of a chunk as a whole. None of its NPUs ends before all have begun, and from
 * when they did follows when each ends: an event for each NPU stands for the messages that go up and come down. Events of one
 * time happen in the order in which the program queued them, which is not known here. That matters where two of them bring
 * chunks to one queue, and nowhere else: one that ends makes room for the same chunk, be it before or behind another that comes.
 */
import { checkShop, type FlowShop, followersOf, isTree, linesOf } from './flowShop.js';
import { symmetricPhaseNs } from './phase.js';
import { TimeQueue } from './timeQueue.js';
import { TreePass } from './treePass.js';

/** Which of two chunks comes to a queue first is not told by times. */
export const UNTOLD = Symbol('untold');

const NONE = -1;

/** What a phase is for all chunks. */
interface Leg {
  readonly station: number;
  readonly firstLine: number;
  readonly lines: number;
  /** Of a symmetric phase, ns. */
  readonly durationNs: number;
  /** Of another one: its trees, their NPUs, and how far these are from one another among the followers. */
  readonly tree: TreePass | undefined;
  readonly npus: number;
  readonly radix: number;
}

function legsOf({ phases }: FlowShop, radix: readonly number[]): Leg[] {
  return phases.map((phase, i) => {
    const { station, lane, kind, algorithm, bytes, queues } = phase;
    const isOne = isTree(phase);
    return {
      station,
      firstLine: queues.first,
      lines: queues.count,
      durationNs: isOne ? 0 : symmetricPhaseNs(lane, kind, algorithm, bytes),
      tree: isOne ? new TreePass(phase, radix[i]!) : undefined,
      npus: lane.npus,
      radix: radix[i]!,
    };
  });
}

class WholeTrees {
  private readonly queue = new TimeQueue();
  private readonly legs: readonly Leg[];
  private readonly followers: number;
  private readonly stations: number;
  private readonly lines: number;
  /** Of each queue: chunks that it serves, the first and the last that waits, and when one was brought to it last. */
  private readonly serving: Uint32Array;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly broughtNs: Float64Array;
  /** Of each chunk at each follower: its phase, and the one that waits behind it. */
  private readonly phaseOf: Uint16Array;
  private readonly behind: Int32Array;
  /** Of each phase of each chunk at each follower, when it began and then when it ends; NPUs of each tree that have begun. */
  private readonly timesNs: Float64Array;
  private readonly begun: Uint16Array;
  private remaining: number;
  private lastNs = 0;
  private untold = false;

  constructor(private readonly shop: FlowShop) {
    const { phases, chunks } = shop;
    const { radix, followers } = followersOf(shop);
    checkShop(shop, followers);
    this.legs = legsOf(shop, radix);
    this.followers = followers;
    this.stations = 1 + Math.max(...phases.map(({ station }) => station));
    this.lines = linesOf(shop);
    const queues = followers * this.stations * this.lines;
    this.serving = new Uint32Array(queues);
    this.first = new Int32Array(queues).fill(NONE);
    this.last = new Int32Array(queues);
    this.broughtNs = new Float64Array(queues).fill(-1);
    const runs = followers * chunks;
    this.phaseOf = new Uint16Array(runs);
    this.behind = new Int32Array(runs);
    this.timesNs = new Float64Array(runs * phases.length);
    this.begun = new Uint16Array(runs * phases.length);
    this.remaining = runs;
  }

  /** As {@link wholeTreesNs}. */
  end(): number | undefined | typeof UNTOLD {
    const { queue, followers } = this;
    for (let follower = 0; follower < followers; follower++) {
      for (let chunk = 0; chunk < this.shop.chunks; chunk++)
        this.join(follower, chunk, this.queueAt(follower, chunk, 0));
    }
    while (queue.size > 0 && !this.untold) {
      const run = queue.take();
      this.leave(run % followers, Math.floor(run / followers));
    }
    if (this.untold) return UNTOLD;
    return this.remaining === 0 ? this.lastNs : undefined;
  }

  private queueAt(follower: number, chunk: number, phase: number): number {
    const { station, firstLine, lines } = this.legs[phase]!;
    return (follower * this.stations + station) * this.lines + firstLine + (chunk % lines);
  }

  /** A chunk comes to the queue of its present phase. */
  private join(follower: number, chunk: number, queue: number): void {
    if (this.serving[queue]! < this.shop.servers) {
      this.serving[queue]!++;
      this.begin(follower, chunk);
      return;
    }
    const run = chunk * this.followers + follower;
    this.behind[run] = NONE;
    if (this.first[queue] === NONE) this.first[queue] = run;
    else this.behind[this.last[queue]!] = run;
    this.last[queue] = run;
  }

  private begin(follower: number, chunk: number): void {
    const phase = this.phaseOf[chunk * this.followers + follower]!;
    const { tree, durationNs } = this.legs[phase]!;
    if (tree !== undefined) this.beginTree(follower, chunk, phase, tree);
    else this.queue.add(this.queue.key + durationNs, chunk * this.followers + follower);
  }

  private beginTree(follower: number, chunk: number, phase: number, tree: TreePass): void {
    const { followers, queue } = this;
    const { npus, radix } = this.legs[phase]!;
    const start = (chunk * this.legs.length + phase) * followers;
    const root = follower - (Math.floor(follower / radix) % npus) * radix;
    this.timesNs[start + follower] = queue.key;
    if (++this.begun[start + root]! < npus) return;
    tree.run(this.timesNs, chunk, start + root);
    for (let place = 0, other = root; place < npus; place++, other += radix) {
      queue.add(this.timesNs[start + other]!, chunk * followers + other);
    }
  }

  /** A chunk ends its phase. */
  private leave(follower: number, chunk: number): void {
    const run = chunk * this.followers + follower;
    const phase = this.phaseOf[run]!;
    const queue = this.queueAt(follower, chunk, phase);
    this.serving[queue]!--;
    if (phase + 1 < this.legs.length) this.bring(follower, chunk, phase + 1);
    else {
      this.remaining--;
      this.lastNs = this.queue.key;
    }
    const next = this.first[queue]!;
    if (next === NONE) return;
    this.first[queue] = this.behind[next]!;
    this.serving[queue]!++;
    this.begin(follower, Math.floor(next / this.followers));
  }

  private bring(follower: number, chunk: number, phase: number): void {
    const queue = this.queueAt(follower, chunk, phase);
    const nowNs = this.queue.key;
    if (this.broughtNs[queue] === nowNs) this.untold = true;
    this.broughtNs[queue] = nowNs;
    this.phaseOf[chunk * this.followers + follower] = phase;
    this.join(follower, chunk, queue);
  }
}

/** Time of a collective's chunks, all there at time 0, ns; undefined for a deadlock, UNTOLD where events must be queued one by one. */
export function wholeTreesNs(shop: FlowShop): number | undefined | typeof UNTOLD {
  return new WholeTrees(shop).end();
}
