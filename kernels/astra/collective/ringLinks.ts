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
  readonly kinds: readonly LinkKind[];
  /** Dimensions that its messages are charged in, one bit each. */
  readonly dimensions: number;
  /** Links of each kind. */
  readonly turn: Uint32Array;
  private readonly timesNs: Float64Array;
  /** Kind of each link, in the order of the ring. */
  private readonly links: Uint32Array;
  /** By how many links: for each stretch of so many that is unlike the others, how many it has of each kind. */
  private readonly known = new Map<number, readonly Uint32Array[]>();

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

  get length(): number {
    return this.links.length;
  }

  /** Sets the time of a message over each kind of link, ns. */
  readTimes({ dimensions }: System, bytes: number): void {
    for (let i = 0; i < this.kinds.length; i++) {
      const { dimension, distance } = this.kinds[i]!;
      const charged = dimensions[dimension];
      this.timesNs[i] = charged === undefined ? 0 : messageNs(charged, hopsOf(charged, distance), bytes);
    }
  }

  /** Time of a stretch that has so many links of each kind, with the times that were set, ns. */
  stretchNs(stretch: Uint32Array): number {
    let sum = 0;
    for (let kind = 0; kind < stretch.length; kind++) sum += stretch[kind]! * this.timesNs[kind]!;
    return sum;
  }

  /** Stretches of so many links that follow one another around the ring: the links of each kind. */
  stretches(count: number): readonly Uint32Array[] {
    const known = this.known.get(count);
    if (known !== undefined) return known;
    const { kinds, links } = this;
    const stretch = new Uint32Array(kinds.length);
    for (let i = 0; i < count; i++) stretch[links[i % links.length]!]!++;
    const unlike = new Map<string, Uint32Array>();
    for (let i = 0; i < links.length; i++) {
      unlike.set(stretch.join(), stretch.slice());
      stretch[links[i]!]!--;
      stretch[links[(i + count) % links.length]!]!++;
    }
    const stretches = [...unlike.values()];
    this.known.set(count, stretches);
    return stretches;
  }
}

/** Sizes of dimensions of which a group's links are kept. */
const KEPT = 64;

/** Of groups that were met, those of dimensions of the same sizes. */
const groups = new WeakMap<readonly number[], RingLinks[]>();

/** Do dimensions have these sizes? */
function haveSizes({ dimensions }: System, sizes: readonly number[]): boolean {
  if (dimensions.length !== sizes.length) return false;
  for (let d = 0; d < sizes.length; d++) if (dimensions[d]!.npus !== sizes[d]) return false;
  return true;
}

/** The links of a group's ring; the list of its members must not change. */
export function ringLinks(system: System, members: readonly number[]): RingLinks {
  let known = groups.get(members);
  if (known === undefined) {
    known = [];
    groups.set(members, known);
  }
  for (let i = 0; i < known.length; i++) if (haveSizes(system, known[i]!.sizes)) return known[i]!;
  const links = new RingLinks(
    system.dimensions.map(({ npus }) => npus),
    members,
  );
  if (known.push(links) > KEPT) known.shift();
  return links;
}

const KEPT_LISTS = 2 ** 12;

/** Lists of members at equal distances: those of the same members are the same list. */
const lists = new Map<string, readonly number[]>();

export function membersOf(first: number, stride: number, count: number): readonly number[] {
  const key = `${first} ${stride} ${count}`;
  const known = lists.get(key);
  if (known !== undefined) return known;
  const members = Array.from({ length: count }, (_, i) => first + i * stride);
  if (lists.size >= KEPT_LISTS) lists.clear();
  lists.set(key, members);
  return members;
}
