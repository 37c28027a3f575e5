/** A double binary tree's phase as a whole: when each of its places ends it, of when each has begun. Sums of whole nanoseconds. */
import type { Phase } from './flowShop.js';
import { laneMessageNs } from './lane.js';
import { reductionNs } from './message.js';
import { type Tree, treesOf } from './tree.js';

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

/** The followers that differ in a tree's dimension alone are its nodes. */
export class TreePass {
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

  /**
   * Sets the times at which the places of a tree end to those, of the times at which they begin; none ends before all have begun.
   *
   * @param first place of the tree's first NPU in the times; the others follow at a distance of the radix
   */
  run(timesNs: Float64Array, chunk: number, first: number): void {
    const { trees } = this.phase;
    this.follow(this.ways[(trees.first + chunk * trees.step) % 2]!, timesNs, first);
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
