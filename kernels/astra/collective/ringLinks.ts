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
  readonly links: Uint16Array;
  /** Time of a message over each kind of link, as {@link readTimes} sets it, ns. */
  readonly timesNs: Float64Array;
  private readonly kinds: readonly LinkKind[];
  /** @param sizes NPUs of each dimension */
  constructor(
    readonly sizes: readonly number[],
    members: readonly number[],
  ) {
    const kinds: LinkKind[] = [];
    this.links = Uint16Array.from(members, (from, i) => {
      const link = linkKind(sizes, from, members[(i + 1) % members.length]!);
      const same = kinds.findIndex((kind) => kind.dimension === link.dimension && kind.distance === link.distance);
      return same >= 0 ? same : kinds.push(link) - 1;
    });
    this.kinds = kinds;
    this.dimensions = kinds.reduce((bits, { dimension }) => bits | (1 << dimension), 0);
    this.timesNs = new Float64Array(kinds.length);
  }

  /** Sets the times of a message of so many bytes. */
  readTimes({ dimensions }: System, bytes: number): void {
    for (let i = 0; i < this.kinds.length; i++) {
      const { dimension, distance } = this.kinds[i]!;
      const charged = dimensions[dimension];
      this.timesNs[i] = charged === undefined ? 0 : messageNs(charged, hopsOf(charged, distance), bytes);
    }
  }

  /** Do all links take the same time? On a switch or a ring that closes they do. */
  private takeAsLong(): boolean {
    const { timesNs } = this;
    for (let i = 1; i < timesNs.length; i++) if (timesNs[i] !== timesNs[0]) return false;
    return true;
  }

  /** The largest sum of `count` links that follow one another, ns: whole turns, and the longest stretch of the rest. */
  longestNs(count: number): number {
    const { links, timesNs } = this;
    const { length } = links;
    if (this.takeAsLong()) return count * timesNs[0]!;
    let turnNs = 0;
    for (let i = 0; i < length; i++) turnNs += timesNs[links[i]!]!;
    const rest = count % length;
    let stretchNs = 0;
    for (let i = 0; i < rest; i++) stretchNs += timesNs[links[i]!]!;
    let longestNs = stretchNs;
    // The stretch goes around the ring, a link at a time; sums are of whole nanoseconds.
    for (let first = 0, next = rest; first < length; first++) {
      stretchNs += timesNs[links[next]!]! - timesNs[links[first]!]!;
      if (stretchNs > longestNs) longestNs = stretchNs;
      if (++next === length) next = 0;
    }
    return Math.floor(count / length) * turnNs + longestNs;
  }
}
