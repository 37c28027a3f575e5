/** Do boxes cover a region exactly, none twice? */
import { type Box, boxCount } from '../../kernels/bound/box.js';

/** A box that tells what is wrong. */
export interface CoverFault {
  readonly region: Box;
  /** Boxes that lie in the region: none (it is not covered), or several that cannot be told apart. */
  readonly boxes: readonly Box[];
}

/** Digits of a gene between which no box lies on both sides; each the first digit of the upper side. */
function cutsOf(region: Box, boxes: readonly Box[], gene: number): number[] {
  const [low, high] = [region.first[gene]!, region.last[gene]!];
  // How many more boxes cross the cut below a digit than the one before.
  const crossing = new Int32Array(high - low + 2);
  for (const { first, last } of boxes) {
    crossing[first[gene]! - low + 1]!++;
    crossing[last[gene]! - low + 1]!--;
  }
  const cuts: number[] = [];
  let crossed = 0;
  for (let digit = low + 1; digit <= high; digit++) {
    crossed += crossing[digit - low]!;
    if (crossed === 0) cuts.push(digit);
  }
  return cuts;
}

const inside = (region: Box, { first, last }: Box): boolean =>
  first.every((digit, g) => digit >= region.first[g]! && last[g]! <= region.last[g]!);

function part(region: Box, gene: number, first: number, last: number): Box {
  const box = { first: region.first.slice(), last: region.last.slice() };
  box.first[gene] = first;
  box.last[gene] = last;
  return box;
}

/**
 * Checks that boxes cover a region exactly: where no box crosses a cut through the region, its sides are checked by themselves,
 * until each is one box. Whatever splits boxes makes such covers.
 *
 * @returns the first fault that is found
 */
export function coverFault(region: Box, boxes: readonly Box[]): CoverFault | undefined {
  const outside = boxes.find((box) => !inside(region, box));
  if (outside !== undefined) return { region, boxes: [outside] };
  const waiting: { readonly region: Box; readonly boxes: readonly Box[] }[] = [{ region, boxes }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at.boxes.length === 1 && boxCount(at.boxes[0]!) === boxCount(at.region)) continue;
    const gene =
      at.boxes.length < 2 ? -1 : at.region.first.findIndex((_, g) => cutsOf(at!.region, at!.boxes, g).length > 0);
    if (gene < 0) return at;
    waiting.push(...sides(at.region, at.boxes, gene));
  }
  return undefined;
}

/** A region cut in a gene wherever no box crosses, with the boxes of each side. */
function sides(region: Box, boxes: readonly Box[], gene: number): { region: Box; boxes: Box[] }[] {
  const starts = [region.first[gene]!, ...cutsOf(region, boxes, gene)];
  const ends = [...starts.slice(1).map((digit) => digit - 1), region.last[gene]!];
  const own: Box[][] = starts.map(() => []);
  const sideOf = new Map<number, number>();
  let side = -1;
  for (let digit = region.first[gene]!; digit <= region.last[gene]!; digit++) {
    if (digit === starts[side + 1]) side++;
    sideOf.set(digit, side);
  }
  for (const box of boxes) own[sideOf.get(box.first[gene]!)!]!.push(box);
  return starts.map((start, i) => ({ region: part(region, gene, start, ends[i]!), boxes: own[i]! }));
}
