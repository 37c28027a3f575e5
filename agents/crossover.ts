import type { RandomStream } from './stream.js';

/**
 * Uniform crossover (Syswerda, ICGA 1989) of two rows of digits, by the places where they begin: each gene from either, as a
 * word of random bits for 32 genes says.
 *
 * @param to where the child's row begins
 */
export function crossover(
  parents: Uint32Array,
  first: number,
  second: number,
  children: Uint32Array,
  to: number,
  width: number,
  stream: RandomStream,
): void {
  const distance = second - first;
  let word = 0;
  for (let g = 0; g < width; g++) {
    if ((g & 31) === 0) word = stream.word();
    // Without a branch: it would be predicted wrongly half of the time.
    children[to + g] = parents[first + ((word >>> (g & 31)) & 1) * distance + g]!;
  }
}
