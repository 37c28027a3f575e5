/** The double binary trees of ASTRA-sim: two in-order numbered trees, rooted at the last and at the first NPU. */
export interface Tree {
  /** Place of each NPU's parent; −1 for the root. */
  readonly parent: readonly number[];
  readonly children: readonly (readonly number[])[];
}

function rootedAtLast(npus: number): Tree {
  const parent = new Array<number>(npus).fill(-1);
  const children: number[][] = Array.from({ length: npus }, () => []);
  const link = (child: number, to: number) => {
    parent[child] = to;
    children[to]!.push(child);
  };
  // Below the root stands a complete tree of npus − 1, each of whose subtrees has its root in its middle.
  const grow = (from: number, to: number): number => {
    const middle = (from + to) >> 1;
    if (from < middle) link(grow(from, middle - 1), middle);
    if (middle < to) link(grow(middle + 1, to), middle);
    return middle;
  };
  if (npus > 1) link(grow(0, npus - 2), npus - 1);
  return { parent, children };
}

function rootedAtFirst(npus: number): Tree {
  const { parent, children } = rootedAtLast(npus);
  const mirror = (place: number) => npus - 1 - place;
  return {
    parent: parent.map((_, place) => (parent[mirror(place)]! < 0 ? -1 : mirror(parent[mirror(place)]!))),
    children: children.map((_, place) => children[mirror(place)]!.map(mirror)),
  };
}

/** Both trees of a dimension of a power of two of NPUs; the first use of a dimension takes the first. */
export function treesOf(npus: number): readonly Tree[] {
  return [rootedAtLast(npus), rootedAtFirst(npus)];
}
