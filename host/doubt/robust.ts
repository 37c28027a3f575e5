/** Which of the best designs stays good, whatever the constants are. */
import type { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { once } from '../../psa/once.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import { createSimulator } from '../profiles/profiles.js';
import { mean, median, quantile } from '../statistics/statistics.js';
import { loadEvidence } from './evidence.js';
import { type TimeInterval, timeInterval } from './interval.js';
import { constantsWriter, doubtedConstants, plausibleSets } from './plausible.js';

/** One design under all sets of constants. */
export interface RobustDesign {
  /** Share of the sets under which none of the others is better; equals share it. */
  readonly chance: number;
  /** Value of the first objective / that of the best under a set − 1: the mean over sets, the median, and what nine of ten are below. */
  readonly regretMean: number;
  readonly regretMedian: number;
  readonly regret90: number;
  /** Share of the sets under which it keeps all limits. */
  readonly feasible: number;
  readonly interval: TimeInterval | undefined;
}

export interface Robustness {
  readonly sets: number;
  readonly seed: number;
  /** In the order of the designs that were given. */
  readonly designs: readonly RobustDesign[];
  /** The place of the design that stays good, as {@link robustChoice} has it. */
  readonly choice: number;
}

/** A few hundred say the share of one to some percent. */
export const SETS = 256;

/** Regrets of designs, a row of sets each; infinite where one breaks a limit. */
export type Regrets = readonly Float64Array[];

/**
 * From values under sets to regrets.
 *
 * @param values a row per design, a value per set, above 0; infinite where it is infeasible
 */
export function regretsOf(values: readonly Float64Array[]): Regrets {
  const sets = values[0]!.length;
  const best = Float64Array.from({ length: sets }, (_, set) => Math.min(...values.map((row) => row[set]!)));
  return values.map((row) => row.map((value, set) => (Number.isFinite(value) ? value / best[set]! - 1 : value)));
}

const EQUAL = 1e-9;

/** Standard errors beyond which a difference is none of chance: some 98 %. */
const CLEAR = 2;

/**
 * The design that stays good: the first of those that are feasible most often, or another of them whose mean regret is clearly
 * less, by more than two standard errors of the difference; of these the one by the most. A few sets under which another is better by
 * a little are no reason to leave the predicted best.
 *
 * @param regrets of designs, the predicted best first
 * @param independent how many independent fits the sets come from: drawing more sets of the same fits tells nothing new
 * @example
 * robustChoice(regretsOf(values), 20); // 3
 */
export function robustChoice(regrets: Regrets, independent: number): number {
  const feasible = regrets.map((row) => row.filter(Number.isFinite).length);
  const most = Math.max(...feasible);
  const first = feasible.indexOf(most);
  const clearlyLess = (row: Float64Array): number => {
    const less = row.map((regret, s) => regrets[first]![s]! - regret).filter(Number.isFinite);
    if (less.length === 0) return 0;
    const average = mean(less);
    const variance = mean(less.map((saved) => (saved - average) ** 2));
    return average - CLEAR * Math.sqrt(variance / Math.min(independent, less.length));
  };
  let choice = first;
  let by = 0;
  for (const [i, row] of regrets.entries()) {
    const saved = feasible[i] === most && i !== first ? clearlyLess(row) : 0;
    if (saved > by) [choice, by] = [i, saved];
  }
  return choice;
}

/**
 * Evaluates designs under plausible sets of constants, in f64.
 *
 * @param designs the best ones of a space under the goal, best first; at least one
 * @param seed of the sets
 * @example
 * const { choice, designs } = robustness(space, goal, winners, 1);
 * designs[choice].regret90; // 0.04: under nine of ten sets within 4 % of the best
 */
export function robustness(
  space: CompiledSpace,
  goal: Goal,
  designs: readonly EvaluatedDesign[],
  seed: number,
  sets = SETS,
): Robustness {
  const simulate = createSimulator(space);
  const write = constantsWriter(doubtedConstants(space));
  const evaluator = once(() => designEvaluator(space));
  const outputs = new Float64Array(OUTPUT_COUNT);
  const values = designs.map(() => new Float64Array(sets));
  for (const [s, set] of plausibleSets(sets, seed).entries()) {
    designs.forEach(({ design }, d) => {
      const status = simulate(write(design, set), outputs, 0);
      values[d]![s] = goal.isFeasible(status, outputs) ? goal.valueOf(outputs) : Number.POSITIVE_INFINITY;
    });
  }
  const regrets = regretsOf(values);
  const ties = Float64Array.from({ length: sets }, (_, s) => regrets.filter((row) => row[s]! <= EQUAL).length);
  return {
    sets,
    seed,
    choice: robustChoice(regrets, loadEvidence().installations.length),
    designs: regrets.map((row, d) => {
      const known = row.filter(Number.isFinite);
      return {
        chance: row.reduce((sum, regret, s) => sum + (regret <= EQUAL ? 1 / ties[s]! : 0), 0) / sets,
        regretMean: known.length === 0 ? Number.POSITIVE_INFINITY : mean(known),
        regretMedian: median(row),
        regret90: quantile(row, 0.9)!,
        feasible: known.length / sets,
        interval: timeInterval(space, designs[d]!, evaluator),
      };
    }),
  };
}
