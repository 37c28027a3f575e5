/** NPUs that communicate, in the order of their list, and the links of their ring in the networks that were met. */
import type { System } from './message.js';
import { RingLinks } from './ringLinks.js';

/** Sizes of dimensions of which a list's links are kept. */
const KEPT = 64;

/** Do dimensions have these sizes? */
function haveSizes({ dimensions }: System, sizes: readonly number[]): boolean {
  if (dimensions.length !== sizes.length) return false;
  for (let d = 0; d < sizes.length; d++) if (dimensions[d]!.npus !== sizes[d]) return false;
  return true;
}

export class Members {
  private readonly known: RingLinks[] = [];
  private latest: { readonly system: System; readonly links: RingLinks } | undefined;

  /** @param list must not change */
  constructor(readonly list: readonly number[]) {}

  get count(): number {
    return this.list.length;
  }

  /** The links of their ring. */
  links(system: System): RingLinks {
    if (this.latest?.system !== system) this.latest = { system, links: this.find(system) };
    return this.latest.links;
  }

  private find(system: System): RingLinks {
    const known = this.known;
    for (let i = 0; i < known.length; i++) if (haveSizes(system, known[i]!.sizes)) return known[i]!;
    const links = new RingLinks(
      system.dimensions.map(({ npus }) => npus),
      this.list,
    );
    if (known.push(links) > KEPT) known.shift();
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
