/** NPUs that communicate, in the order of their list, and the links of their ring in the networks that were met. */
import type { System } from './message.js';
import { RingLinks } from './ringLinks.js';

/** Sizes of dimensions of which a list's links are kept. */
const KEPT = 64;

/** A number of the sizes of dimensions, which few others have. */
function numberOf({ dimensions }: System): number {
  let number = 0;
  for (let d = 0; d < dimensions.length; d++) number = (Math.imul(number, 31) + dimensions[d]!.npus) | 0;
  return number;
}

function haveSizes({ dimensions }: System, sizes: readonly number[]): boolean {
  if (dimensions.length !== sizes.length) return false;
  for (let d = 0; d < sizes.length; d++) if (dimensions[d]!.npus !== sizes[d]) return false;
  return true;
}

export class Members {
  private readonly known = new Map<number, RingLinks>();
  private latestSystem: System | undefined;
  private latestLinks: RingLinks | undefined;

  /** @param list must not change */
  constructor(readonly list: readonly number[]) {}

  get count(): number {
    return this.list.length;
  }

  /** The links of their ring. */
  links(system: System): RingLinks {
    if (this.latestSystem !== system) this.latestLinks = this.find(system);
    this.latestSystem = system;
    return this.latestLinks!;
  }

  private find(system: System): RingLinks {
    const latest = this.latestLinks;
    if (latest !== undefined && haveSizes(system, latest.sizes)) return latest;
    const number = numberOf(system);
    const known = this.known.get(number);
    if (known !== undefined && haveSizes(system, known.sizes)) return known;
    const links = new RingLinks(
      system.dimensions.map(({ npus }) => npus),
      this.list,
    );
    if (this.known.size >= KEPT) this.known.clear();
    this.known.set(number, links);
    return links;
  }
}

const KEPT_LISTS = 2 ** 12;

/** Lists of members at equal distances: those of the same members are the same. */
export class MemberLists {
  private readonly known = new Map<string, Members>();

  of(first: number, stride: number, count: number): Members {
    const key = `${first} ${stride} ${count}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const members = new Members(Array.from({ length: count }, (_, i) => first + i * stride));
    if (this.known.size >= KEPT_LISTS) this.known.clear();
    this.known.set(key, members);
    return members;
  }
}
