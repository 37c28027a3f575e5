/**
 * The links of a flat ring of NPUs, by what they are alike in: the dimension that a message is charged in, and how far it goes
 * there. They depend on the group and on the sizes of the dimensions alone, so they are found once.
 */
import { hopsOf, messageNs, type System } from './message.js';

/** Links that take the same time, whatever the network. */
interface LinkKind {
  readonly dimension: number;
  readonly distance: number;
}

/** A message is charged in the innermost dimension in which its ends differ. */
function linkKind(sizes: readonly number[], from: number, to: number): LinkKind {
  let rest = from;
  let other = to;
  for (let dimension = 0; dimension < sizes.length; dimension++) {
    const size = sizes[dimension]!;
    const distance = Math.abs((other % size) - (rest % size));
    if (distance !== 0) return { dimension, distance };
    rest = Math.floor(rest / size);
    other = Math.floor(other / size);
  }
  return { dimension: -1, distance: 0 };
}

export class RingLinks {
  /** Dimensions that its messages are charged in, one bit each. */
  readonly dimensions: number;
  /** Kind of each link, in the order of the ring. */
  readonly links: Uint32Array;
  /** Time of a message over each kind of link, as {@link readTimes} sets it, ns. */
  readonly timesNs: Float64Array;
  private readonly kinds: readonly LinkKind[];
  /** Links of each kind. */
  private readonly turn: Uint32Array;
  /**
   * By how many links: for each stretch of so many that follow one another around the ring and are unlike the others, how many
   * it has of each kind.
   */
  private readonly known = new Map<number, Uint32Array>();

  /** @param sizes NPUs of each dimension */
  constructor(
    readonly sizes: readonly number[],
    members: readonly number[],
  ) {
    const kinds: LinkKind[] = [];
    this.links = Uint32Array.from(members, (from, i) => {
      const link = linkKind(sizes, from, members[(i + 1) % members.length]!);
      const same = kinds.findIndex((kind) => kind.dimension === link.dimension && kind.distance === link.distance);
      return same >= 0 ? same : kinds.push(link) - 1;
    });
    this.kinds = kinds;
    this.dimensions = kinds.reduce((bits, { dimension }) => bits | (1 << dimension), 0);
    this.turn = new Uint32Array(kinds.length);
    this.timesNs = new Float64Array(kinds.length);
    for (const kind of this.links) this.turn[kind]!++;
  }

  /** Sets the times of a message of so many bytes. */
  readTimes({ dimensions }: System, bytes: number): void {
    for (let i = 0; i < this.kinds.length; i++) {
      const { dimension, distance } = this.kinds[i]!;
      const charged = dimensions[dimension];
      this.timesNs[i] = charged === undefined ? 0 : messageNs(charged, hopsOf(charged, distance), bytes);
    }
  }

  /** The largest sum of `count` links that follow one another, ns: whole turns, and the longest stretch of the rest. */
  longestNs(count: number): number {
    const { timesNs } = this;
    const { length } = this.links;
    if (timesNs.length === 1) return count * timesNs[0]!;
    const stretches = this.stretches(count % length);
    let longestNs = 0;
    for (let first = 0; first < stretches.length; first += timesNs.length) {
      const ns = this.sumNs(stretches, first);
      if (ns > longestNs) longestNs = ns;
    }
    return Math.floor(count / length) * this.sumNs(this.turn, 0) + longestNs;
  }

  /** Of so many links of each kind, from a place on. */
  private sumNs(links: Uint32Array, first: number): number {
    let sum = 0;
    for (let kind = 0; kind < this.timesNs.length; kind++) sum += links[first + kind]! * this.timesNs[kind]!;
    return sum;
  }

  private stretches(count: number): Uint32Array {
    const known = this.known.get(count);
    if (known !== undefined) return known;
    const links = this.links;
    const stretch = new Uint32Array(this.timesNs.length);
    for (let i = 0; i < count; i++) stretch[links[i % links.length]!]!++;
    const unlike = new Map<string, number[]>();
    for (let i = 0; i < links.length; i++) {
      unlike.set(stretch.join(), [...stretch]);
      stretch[links[i]!]!--;
      stretch[links[(i + count) % links.length]!]!++;
    }
    const stretches = Uint32Array.from([...unlike.values()].flat());
    this.known.set(count, stretches);
    return stretches;
  }
}
