/** How sure a faster configuration is: both configurations under other constants, as far off as predictions are. */
import { OUTPUT } from '../../kernels/outputs.js';
import { threefry2x32 } from '../../kernels/random/threefry.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator } from '../designs/designs.js';
import { calibratedConstants } from './constants.js';

/** How often one configuration beats another, and by how much. */
export interface Sureness {
  /** Share of the sets of constants under which it is the faster one. */
  readonly share: number;
  /** Its time relative to the other's: the least and the most of the middle 80 %. */
  readonly ratio: readonly [number, number];
}

/** Sets of constants. */
const SETS = 64;

/**
 * Standard deviation of the logarithm of a calibrated constant: that of times that were predicted for frameworks and machines which
 * were fitted elsewhere (docs/accuracy.md has errors of some 10 to 20 %).
 */
const SPREAD = 0.2;

const SEED = 17;

/** A normal number of a seed (Box and Muller 1958). */
function normal(set: number, constant: number): number {
  const words = new Uint32Array(2);
  threefry2x32(SEED, set, constant, 0, words);
  const uniform = (word: number) => (word + 0.5) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(uniform(words[0]!))) * Math.cos(2 * Math.PI * uniform(words[1]!));
}

/**
 * Compares the designs of two spaces of one system that have one design each under sets of constants, the same sets for both.
 *
 * @example
 * compareUnderDoubt(own, neighbour).share; // 0.98: nearly always the faster one
 */
export function compareUnderDoubt(own: CompiledSpace, other: CompiledSpace): Sureness {
  const varied = calibratedConstants(own, own.fixed);
  const [evaluateOwn, evaluateOther] = [designEvaluator(own), designEvaluator(other)];
  const ratios = Array.from({ length: SETS }, (_, set) => {
    const timeOf = ({ fixed }: CompiledSpace, evaluate: ReturnType<typeof designEvaluator>) => {
      const altered = fixed.slice();
      varied.forEach(({ slot, most }, i) => {
        altered[slot] = Math.min(altered[slot]! * Math.exp(SPREAD * normal(set, i)), most);
      });
      return evaluate(altered).outputs[OUTPUT.timeUs]!;
    };
    return timeOf(other, evaluateOther) / timeOf(own, evaluateOwn);
  }).sort((a, b) => a - b);
  const at = (share: number) => ratios[Math.round(share * (SETS - 1))]!;
  return { share: ratios.filter((ratio) => ratio < 1).length / SETS, ratio: [at(0.1), at(0.9)] };
}
