/** What becomes of the best designs under plausible constants: for files and programs. */
import { designName } from './designTable.js';
import type { RunResult } from './runResult.js';
import type { Table } from './table.js';

type Robust = Pick<RunResult, 'winners' | 'robust'>;

/** As a table; undefined where it was not asked for. */
export function robustTable({ winners, robust }: Robust): Table | undefined {
  if (robust === undefined) return undefined;
  return {
    columns: [
      { name: 'rank', type: 'integer' },
      { name: 'design', type: 'text' },
      { name: 'chance_best', type: 'real' },
      { name: 'regret_mean', type: 'real' },
      { name: 'regret_median', type: 'real' },
      { name: 'regret_90', type: 'real' },
      { name: 'feasible', type: 'real' },
      { name: 'time_low_us', type: 'real' },
      { name: 'time_high_us', type: 'real' },
    ],
    rows: robust.designs.map((one, i) => [
      i + 1,
      designName(winners[i]!.ordinal),
      one.chance,
      one.regretMean,
      one.regretMedian,
      one.regret90,
      one.feasible,
      one.interval?.lowUs ?? Number.NaN,
      one.interval?.highUs ?? Number.NaN,
    ]),
  };
}

/** For programs; regrets without a number, as of a design that breaks a limit, are null. */
export function robustJson({ winners, robust }: Robust) {
  if (robust === undefined) return undefined;
  const { sets, seed, choice, designs } = robust;
  const number = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    sets,
    seed,
    choice: { rank: choice + 1, ordinal: winners[choice]!.ordinal.toString() },
    designs: designs.map(({ chance, regretMean, regretMedian, regret90, feasible, interval }, i) => ({
      ordinal: winners[i]!.ordinal.toString(),
      chance,
      regretMean: number(regretMean),
      regretMedian: number(regretMedian),
      regret90: number(regret90),
      feasible,
      interval,
    })),
  };
}
