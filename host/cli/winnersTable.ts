import type { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { OUTPUT, STATUSES } from '../../kernels/outputs.js';
import { displayUnit, formatColumn, formatNumber, formatRatio, formatShare, plural } from '../display/format.js';
import { memoryUse } from '../display/memoryUse.js';
import type { Winner } from '../search/winners.js';
import { formatTable, left, right } from './table.js';

/** A column of outputs that stands beside the objectives, unless an objective is the same number. */
interface OutputColumn {
  readonly heading: string;
  /** The objective that makes it superfluous. */
  readonly objective: string;
  /** Of the column, where a line is too short for all. */
  readonly weight: number;
  readonly cell: (winner: Winner) => string;
}

/** The objective whose numbers are marked as those of the column of memory are. */
const MEMORY = 'memory';

const tightMark = (winner: Winner): string => (memoryUse(winner).tight ? '! ' : '');

function outputColumns(winners: readonly Winner[]): OutputColumn[] {
  const times = winners.map(({ outputs }) => outputs[OUTPUT.timeUs]!);
  const time = displayUnit('us', times);
  return [
    {
      heading: `step time (${time.unit})`,
      objective: 'time',
      weight: 3,
      cell: ({ outputs }) => formatNumber(outputs[OUTPUT.timeUs]! * time.factor),
    },
    { heading: 'MFU (%)', objective: '', weight: 2, cell: ({ outputs }) => (outputs[OUTPUT.mfu]! * 100).toFixed(1) },
    {
      heading: 'memory (GB)',
      objective: MEMORY,
      weight: 3,
      cell: (winner) => `${tightMark(winner)}${formatNumber(winner.outputs[OUTPUT.memoryMB]! / 1000)}`,
    },
    {
      heading: 'bandwidth (GB/s)',
      objective: 'bandwidth',
      weight: 1,
      cell: ({ outputs }) => formatNumber(outputs[OUTPUT.bandwidthGBps]!),
    },
    {
      heading: 'network cost ($)',
      objective: 'cost',
      weight: 1,
      cell: ({ outputs: { [OUTPUT.costUsd]: cost } }) => (cost === 0 ? 'no price' : formatNumber(Math.round(cost!))),
    },
  ];
}

/** The best designs, a row each, with the ratio of their first objective to the default's. */
export function winnersTable(
  winners: readonly Winner[],
  objectives: readonly Objective[],
  baseline: readonly number[] | undefined,
): string {
  const outputs = outputColumns(winners).filter(({ objective }) =>
    objectives.every(({ label }) => label !== objective),
  );
  // Behind the first objective, which it is of.
  const withRatio = <T>([first, ...others]: readonly T[], ratio: T): T[] =>
    baseline === undefined ? [first!, ...others] : [first!, ratio, ...others];
  const tied = winners.some(({ ties }) => ties > 1);
  const columns = [
    right('#'),
    ...withRatio(
      objectives.map(({ label, unit }) => right(`${label} (${unit})`, 5)),
      right('of default', 2),
    ),
    ...outputs.map(({ heading, weight }) => right(heading, weight)),
    ...(tied ? [right('ties', 0)] : []),
    right('ordinal', 4),
  ];
  const values = objectives.map(({ label }, k) =>
    formatColumn(winners.map((winner) => winner.objectives[k]!)).map((text, i) =>
      label === MEMORY ? `${tightMark(winners[i]!)}${text}` : text,
    ),
  );
  const rows = winners.map((winner, i) => [
    String(i + 1),
    ...withRatio(
      values.map((column) => column[i]!),
      baseline === undefined ? '' : formatRatio(winner.objectives[0]!, baseline[0]!),
    ),
    ...outputs.map(({ cell }) => cell(winner)),
    ...(tied ? [formatNumber(winner.ties)] : []),
    winner.ordinal.toString(),
  ]);
  return formatTable(columns, rows);
}

/** How many designs were infeasible, by reason; a design may have several. */
export function reasonsTable(byReason: readonly (number | bigint)[], { mask }: Goal): string {
  const rows = STATUSES.flatMap(({ name, reason }, bit) =>
    BigInt(byReason[bit]!) === 0n || ((mask >>> bit) & 1) === 0 ? [] : [[name, formatNumber(byReason[bit]!), reason]],
  );
  return rows.length === 0 ? '' : formatTable([left('reason'), right('designs'), left('what it means')], rows);
}

/** `evaluated 1,000 designs: 200 feasible (20.0 %)`. */
export function countsLine(evaluated: number | bigint, feasible: number | bigint): string {
  const share = Number(evaluated) === 0 ? 0 : Number(feasible) / Number(evaluated);
  return `evaluated ${plural(evaluated, 'design')}: ${formatNumber(feasible)} feasible (${formatShare(share)})`;
}
