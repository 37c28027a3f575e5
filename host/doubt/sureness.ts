/** How sure a gain is: as often as measured pairs of runs of one job kept what was predicted of them. */
import type { CompiledSpace } from '../../psa/space.js';
import { loadEvidence } from './evidence.js';
import { modelKindOf } from './interval.js';
import { middle, shareBelow } from './spread.js';

/** How often a predicted gain was one. */
export interface Sureness {
  /** Share of pairs that were measured of which a gain so large was one; 0.05 to 0.95. */
  readonly share: number;
  /** Ratio of the times: the least and the most of the middle 80 % of pairs. */
  readonly ratio: readonly [number, number];
  /** Pairs, and of how many jobs: a model on so many NPUs of a kind in one source. */
  readonly pairs: number;
  readonly jobs: number;
}

/**
 * How sure it is that of two designs of a job one is faster. How far measured ratios lay from predicted ones does not depend on
 * how large these are, so that the larger a gain, the surer it is.
 *
 * @param ratio predicted time / predicted time of the other
 * @example
 * surenessOf(space, 0.8).share; // 0.9: a fifth less is nearly always less
 */
export function surenessOf(space: CompiledSpace, ratio: number): Sureness | undefined {
  const found = loadEvidence().pairs.find(({ model }) => model === modelKindOf(space));
  if (found === undefined) return undefined;
  const { spread, pairs, jobs } = found;
  // The slower one was measured so many times slower than predicted: it stays the slower one where that is more than the gain.
  const [low, high] = middle(spread, 0.8);
  return {
    share: 1 - shareBelow(spread, Math.log(ratio)),
    ratio: [ratio * Math.exp(-high), ratio * Math.exp(-low)],
    pairs,
    jobs,
  };
}
