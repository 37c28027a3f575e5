/** Boxes of a space that a proof opens, splits and closes; what a box is: kernels/bound/box.ts. */
import type { Box } from '../../kernels/bound/box.js';
import type { CompiledSpace } from '../../psa/space.js';

/** The genes of which a box has several digits. */
export function openGenes({ first, last }: Box): number[] {
  return [...first.keys()].filter((g) => last[g]! > first[g]!);
}

/** The two halves of a box in a gene; the digits keep their order. */
export function halves({ first, last }: Box, gene: number): [Box, Box] {
  const middle = Math.floor((first[gene]! + last[gene]!) / 2);
  const [lastOfLower, firstOfUpper] = [last.slice(), first.slice()];
  lastOfLower[gene] = middle;
  firstOfUpper[gene] = middle + 1;
  return [
    { first, last: lastOfLower },
    { first: firstOfUpper, last },
  ];
}

/** Boxes as rows of digits, as evaluators take them. */
export function packBoxes({ genes }: CompiledSpace, boxes: readonly Box[]): { first: Uint32Array; last: Uint32Array } {
  const first = new Uint32Array(boxes.length * genes.length);
  const last = new Uint32Array(boxes.length * genes.length);
  boxes.forEach((box, i) => {
    first.set(box.first, i * genes.length);
    last.set(box.last, i * genes.length);
  });
  return { first, last };
}
