/** How sure a gain is: as often as pairs of runs of one job kept what was predicted of them, which publications measured that nobody fitted. */
import type { CompiledSpace } from '../../psa/space.js';
import { type Evidence, loadEvidence } from './evidence.js';
import { isValidatedKind } from './interval.js';
import { middle, shareBelow } from './spread.js';

/** How often a predicted gain was one. */
export interface Sureness {
  /** Of being faster: the share of measured pairs of which a gain so large was one; 0.05 to 0.95. */
  readonly chance: number;
  /** Ratio of the times: the least and the most of the middle 80 % of pairs. */
  readonly ratio: readonly [number, number];
  /** Pairs, of how many jobs (a model on so many NPUs of a kind), from how many publications. */
  readonly pairs: number;
  readonly jobs: number;
  readonly publications: number;
}

/** As a share of the time: less is no gain that anybody would measure. */
export const LEAST_GAIN = 0.005;

/** The chance that a design is faster which is predicted to take so many times the time of another. */
export function chanceOf({ spread }: Pick<NonNullable<Evidence['gains']>, 'spread'>, ratio: number): number {
  // The slower one was measured so many times slower than predicted: it stays the slower one where that is more than the gain.
  return 1 - shareBelow(spread, Math.log(ratio));
}

/**
 * How sure it is that of two designs of a job one is faster; undefined of inference and of other profiles. How far measured ratios lay
 * from predicted ones does not depend on how large these are, so that the larger a gain, the surer it is.
 *
 * @param ratio predicted time / predicted time of the other
 * @example
 * surenessOf(space, 0.8)?.chance; // 0.89: a fifth less is nine times of ten less
 */
export function surenessOf(space: CompiledSpace, ratio: number): Sureness | undefined {
  const { gains } = loadEvidence();
  if (gains === undefined || !isValidatedKind(space)) return undefined;
  const { spread, pairs, jobs, publications } = gains;
  const [low, high] = middle(spread, 0.8);
  return {
    chance: chanceOf(gains, ratio),
    ratio: [ratio * Math.exp(-high), ratio * Math.exp(-low)],
    ...{ pairs, jobs, publications },
  };
}
