/** How sure a gain is: as far as pairs of runs of one job lay from what was predicted of them, which publications measured that nobody fitted. */
import type { CompiledSpace } from '../../psa/space.js';
import { type Evidence, loadEvidence } from './evidence.js';
import { isValidatedKind } from './interval.js';
import { chanceOfOneMore } from './oneMore.js';

/** How often a predicted gain was one. */
export interface Sureness {
  /** Of being faster. */
  readonly chance: number;
  /** Ratio of the times: its 80 % interval. */
  readonly ratio: readonly [number, number];
  /** Pairs, of how many jobs (a model on so many NPUs of a kind), from how many publications. */
  readonly pairs: number;
  readonly jobs: number;
  readonly publications: number;
}

/** As a share of the time: less is no gain that anybody would measure. */
export const LEAST_GAIN = 0.005;

type Gains = NonNullable<Evidence['gains']>;

/**
 * The chance that a design is faster which is predicted to take so many times the time of another. A gain of nothing is a coin, whichever
 * of the two is called the first; so measured ratios lie about the predicted one alike to both sides, and they do so as Laplace's
 * errors do (Mémoire sur la probabilité des causes, 1774): with each gain more of the size that half of them lie within, half as many of
 * the slower ones turn out to be faster.
 */
export function chanceOf({ half, publications }: Pick<Gains, 'half' | 'publications'>, ratio: number): number {
  const gain = -Math.log(ratio);
  const beyond = 0.5 ** (1 + Math.abs(gain) / half);
  return chanceOfOneMore(gain > 0 ? 1 - beyond : beyond, publications);
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
  const { pairs, jobs, publications } = gains;
  const [low, high] = gains.middle;
  return {
    chance: chanceOf(gains, ratio),
    ratio: [ratio * Math.exp(-high), ratio * Math.exp(-low)],
    ...{ pairs, jobs, publications },
  };
}
