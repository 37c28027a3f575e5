/** Is the choice that stays good under plausible constants a better one? Of measured runs the answer is known. */

import { calibratedConstants } from '../../doubt/constants.js';
import { type ConstantSet, constantsWriter, plausibleSets } from '../../doubt/plausible.js';
import { regretsOf, robustChoice } from '../../doubt/robust.js';
import { mean } from '../../statistics/statistics.js';
import { byInstallation } from './installations.js';
import { type PreparedRow, predictRow } from './prediction.js';
import { jobOf } from './regret.js';

/** Jobs (a model on so many NPUs of a kind) of at least so many runs. */
const LEAST_RUNS = 8;

/** How much slower the chosen run was measured than the fastest, a token: means over jobs, each of which counts alike. */
export interface RobustRegret {
  readonly jobs: number;
  readonly runs: number;
  readonly sets: number;
  /** Of the run that is predicted to be the fastest, and of the one that stays good. */
  readonly single: number;
  readonly robust: number;
  /** Jobs in which the two are not the same run, and those of them in which the robust one was faster. */
  readonly differs: number;
  readonly better: number;
}

const tokensOf = ({ row }: PreparedRow): number => row.global_batch * row.seq;

/** Seconds a token as predicted: with a row's own constants, then under each set. */
function timesOf(row: PreparedRow, sets: readonly ConstantSet[]): Float64Array | undefined {
  const own = row.design.slice();
  const write = constantsWriter(calibratedConstants(row, own));
  const seconds = [{}, ...sets].map((set) => {
    row.design.set(write(own, set));
    return predictRow(row).seconds;
  });
  row.design.set(own);
  if (seconds.some((one) => one === undefined)) return undefined;
  return Float64Array.from(seconds, (one) => one! / tokensOf(row));
}

function slowdownOf(runs: readonly PreparedRow[], chosen: number): number {
  const measured = runs.map((one) => one.row.iteration_s / tokensOf(one));
  return measured[chosen]! / Math.min(...measured) - 1;
}

/** Sets of constants: every run is predicted under each. */
const SETS = 32;

/**
 * Of each job of at least eight runs: what is chosen by one prediction, what by many. Undefined where there is no such job.
 *
 * @param fits that the sets are drawn from, as `Evidence` has them
 */
export function robustRegretOf(
  rows: readonly PreparedRow[],
  fits: readonly ConstantSet[],
  sets = SETS,
  seed = 0,
): RobustRegret | undefined {
  const independent = byInstallation(rows).size;
  const drawn = plausibleSets(sets, seed, fits);
  const jobs = new Map<string, PreparedRow[]>();
  for (const row of rows) jobs.set(jobOf(row), [...(jobs.get(jobOf(row)) ?? []), row]);
  const choices = [...jobs.values()].flatMap((all) => {
    if (all.length < LEAST_RUNS) return [];
    const timed = all.flatMap((row) => {
      const times = timesOf(row, drawn);
      return times === undefined ? [] : [{ row, times }];
    });
    if (timed.length < LEAST_RUNS) return [];
    timed.sort((a, b) => a.times[0]! - b.times[0]!);
    const runs = timed.map(({ row }) => row);
    const single = 0;
    const robust = robustChoice(regretsOf(timed.map(({ times }) => times.subarray(1))), independent);
    return [
      {
        runs: runs.length,
        same: single === robust,
        single: slowdownOf(runs, single),
        robust: slowdownOf(runs, robust),
      },
    ];
  });
  if (choices.length === 0) return undefined;
  return {
    jobs: choices.length,
    runs: choices.reduce((sum, { runs }) => sum + runs, 0),
    sets,
    single: mean(choices.map(({ single }) => single)),
    robust: mean(choices.map(({ robust }) => robust)),
    differs: choices.filter(({ same }) => !same).length,
    better: choices.filter(({ single, robust }) => robust < single).length,
  };
}
