/**
 * Chunks that none overtakes: each passes through every dimension once, and a queue serves one at a time, first come first
 * served. All come at the beginning, in their order, and leave a dimension in the order in which they came, so a chunk begins
 * a phase when it has ended the one before and the chunk before it has ended this one. What a phase waits for is then known
 * beforehand, and every time is a sum or the later of two: no event is queued. All sums are of whole nanoseconds.
 */
import { checkShop, type FlowShop, followersOf, isTree, type Phase } from './flowShop.js';
import { laneMessageNs } from './lane.js';
import { reductionNs } from './message.js';
import { symmetricPhaseNs } from './phase.js';
import { type Tree, treesOf } from './tree.js';

/** Do chunks keep their order? */
export function keepsOrder({ phases, servers }: FlowShop): boolean {
  const [{ queues }] = phases as [Phase];
  const stations = new Set(phases.map(({ station }) => station));
  const alike = phases.every((phase) => phase.queues.first === queues.first && phase.queues.count === queues.count);
  return servers === 1 && stations.size === phases.length && alike;
}

/** A tree of a phase: its places, children before their parents, and how long a message between a place and its parent takes. */
interface Way {
  readonly tree: Tree;
  readonly order: readonly number[];
  readonly messageNs: Float64Array;
}

function wayOf({ lane, bytes }: Phase, tree: Tree): Way {
  const { parent, children } = tree;
  const order = [parent.indexOf(-1)];
  for (let i = 0; i < order.length; i++) order.push(...children[order[i]!]!);
  const messageNs = Float64Array.from(parent, (to, place) =>
    to < 0 ? 0 : laneMessageNs(lane, Math.abs(to - place), bytes),
  );
  return { tree, order: order.reverse(), messageNs };
}

/** One phase of a chunk at all followers. */
interface Pass {
  /** Sets the times at which they end the phase, of those at which they begin it. */
  readonly run: (timesNs: Float64Array, chunk: number) => void;
}

function symmetricPass({ lane, kind, algorithm, bytes }: Phase): Pass {
  const durationNs = symmetricPhaseNs(lane, kind, algorithm, bytes);
  return {
    run: (timesNs) => {
      for (let follower = 0; follower < timesNs.length; follower++) timesNs[follower]! += durationNs;
    },
  };
}

/** The followers that differ in a tree's dimension alone are its nodes. */
class TreePass implements Pass {
  private readonly ways: readonly Way[];
  private readonly endpointNs: number;
  private readonly reducedNs: number;
  /** Of each place, when all of its subtree has arrived. */
  private readonly arrivedNs: Float64Array;

  /** @param radix of the dimension in the number of a follower */
  constructor(
    private readonly phase: Phase,
    private readonly radix: number,
  ) {
    const { lane, bytes } = phase;
    this.ways = treesOf(lane.npus).map((tree) => wayOf(phase, tree));
    this.endpointNs = lane.endpointNs;
    this.reducedNs = lane.endpointNs + reductionNs(lane.system, bytes);
    this.arrivedNs = new Float64Array(lane.npus);
  }

  run(timesNs: Float64Array, chunk: number): void {
    const { trees, lane } = this.phase;
    const way = this.ways[(trees.first + chunk * trees.step) % 2]!;
    const block = this.radix * lane.npus;
    for (let first = 0; first < timesNs.length; first += block) {
      for (let other = 0; other < this.radix; other++) this.follow(way, timesNs, first + other);
    }
  }

  private follow({ tree, order, messageNs }: Way, timesNs: Float64Array, first: number): void {
    const radix = this.radix;
    const [arrivedNs, endpointNs, reducedNs] = [this.arrivedNs, this.endpointNs, this.reducedNs];
    const { parent, children } = tree;
    arrivedNs.fill(0);
    // Up: a place sends when it has reduced what its children sent, a leaf when it has begun.
    for (let i = 0; i < order.length; i++) {
      const place = order[i]!;
      const at = first + place * radix;
      const isLeaf = children[place]!.length === 0;
      const readyNs = isLeaf ? timesNs[at]! + endpointNs : Math.max(timesNs[at]!, arrivedNs[place]!) + reducedNs;
      const to = parent[place]!;
      if (to < 0) timesNs[at] = readyNs;
      else arrivedNs[to] = Math.max(arrivedNs[to]!, readyNs + messageNs[place]!);
    }
    // Down: all but the root, which has ended, in the other order.
    for (let i = order.length - 2; i >= 0; i--) {
      const place = order[i]!;
      const isLeaf = children[place]!.length === 0;
      const cameNs = timesNs[first + parent[place]! * radix]! + messageNs[place]!;
      timesNs[first + place * radix] = cameNs + (isLeaf ? endpointNs : reducedNs);
    }
  }
}

/** Time of a collective's chunks that keep their order, all there at time 0, ns. */
export function inOrderNs(shop: FlowShop): number {
  const { phases, chunks } = shop;
  const { radix, followers } = followersOf(shop);
  checkShop(shop, followers);
  const passes = phases.map((phase, i) => (isTree(phase) ? new TreePass(phase, radix[i]!) : symmetricPass(phase)));
  const lines = phases[0]!.queues.count;
  // When each queue's last chunk ended each phase, at each follower.
  const endsNs = Array.from({ length: lines * phases.length }, () => new Float64Array(followers));
  const timesNs = new Float64Array(followers);
  let lastNs = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    timesNs.fill(0);
    for (let phase = 0; phase < phases.length; phase++) {
      const endNs = endsNs[(chunk % lines) * phases.length + phase]!;
      for (let i = 0; i < followers; i++) if (endNs[i]! > timesNs[i]!) timesNs[i] = endNs[i]!;
      passes[phase]!.run(timesNs, chunk);
      endNs.set(timesNs);
    }
    for (let i = 0; i < followers; i++) if (timesNs[i]! > lastNs) lastNs = timesNs[i]!;
  }
  return lastNs;
}
