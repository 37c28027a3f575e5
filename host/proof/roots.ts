/** The boxes that a proof begins with: one for each way to set the genes that have one value in a box. */
import { type Box, wholeBox } from '../../kernels/bound/box.js';
import type { CompiledSpace } from '../../psa/space.js';

export interface Roots {
  readonly count: bigint;
  /** The boxes start … start + count − 1; the last gene runs fastest. */
  boxes(start: bigint, count: number): Box[];
}

/**
 * The root boxes of a space.
 *
 * @param single genes that have one value in a box
 */
export function rootsOf(space: CompiledSpace, single: readonly number[]): Roots {
  const whole = wholeBox(space);
  const sizes = single.map((g) => BigInt(space.genes[g]!.size));
  const boxAt = (index: bigint): Box => {
    const box = { first: whole.first.slice(), last: whole.last.slice() };
    let rest = index;
    for (let i = single.length - 1; i >= 0; i--) {
      const digit = Number(rest % sizes[i]!);
      rest /= sizes[i]!;
      box.first[single[i]!] = digit;
      box.last[single[i]!] = digit;
    }
    return box;
  };
  const count = sizes.reduce((product, size) => product * size, 1n);
  return {
    count,
    boxes: (start, wanted) => {
      const rest = count - start;
      return Array.from({ length: rest < BigInt(wanted) ? Number(rest) : wanted }, (_, i) => boxAt(start + BigInt(i)));
    },
  };
}
