import type { Objective } from '../../kernels/objective/objective.js';
import { OUTPUT, STATUSES } from '../../kernels/outputs.js';
import type { Winner } from '../winners.js';
import { displayUnit, formatColumn, formatNumber, formatRatio, formatShare, plural } from './format.js';
import { formatTable, left, right } from './table.js';

/** The best designs, a row each, with the ratio of their first objective to the default's. */
export function winnersTable(
  winners: readonly Winner[],
  objectives: readonly Objective[],
  baseline: readonly number[] | undefined,
): string {
  const time = displayUnit(
    'us',
    winners.map(({ outputs }) => outputs[OUTPUT.timeUs]!),
  );
  const showTime = objectives.every(({ label }) => label !== 'time');
  const columns = [
    right('#'),
    ...objectives.map(({ label, unit }) => right(`${label} (${unit})`)),
    ...(baseline === undefined ? [] : [right('of default')]),
    ...(showTime ? [right(`step time (${time.unit})`)] : []),
    right('MFU (%)'),
    right('memory (GB)'),
    right('bandwidth (GB/s)'),
    right('network cost ($)'),
    right('ties'),
    right('ordinal'),
  ];
  const values = objectives.map((_, k) => formatColumn(winners.map((winner) => winner.objectives[k]!)));
  const rows = winners.map(({ outputs, objectives: own, ties, ordinal }, i) => [
    String(i + 1),
    ...values.map((column) => column[i]!),
    ...(baseline === undefined ? [] : [formatRatio(own[0]!, baseline[0]!)]),
    ...(showTime ? [formatNumber(outputs[OUTPUT.timeUs]! * time.factor)] : []),
    formatShare(outputs[OUTPUT.mfu]!).replace(' %', ''),
    formatNumber(outputs[OUTPUT.memoryMB]! / 1000),
    formatNumber(outputs[OUTPUT.bandwidthGBps]!),
    outputs[OUTPUT.costUsd] === 0 ? 'no price' : formatNumber(Math.round(outputs[OUTPUT.costUsd]!)),
    formatNumber(ties),
    ordinal.toString(),
  ]);
  return formatTable(columns, rows);
}

/** How many designs were infeasible, by reason; a design may have several. */
export function reasonsTable(byReason: readonly (number | bigint)[]): string {
  const rows = STATUSES.flatMap(({ name, reason }, bit) =>
    BigInt(byReason[bit]!) === 0n ? [] : [[name, formatNumber(byReason[bit]!), reason]],
  );
  return rows.length === 0 ? '' : formatTable([left('reason'), right('designs'), left('what it means')], rows);
}

/** `evaluated 1,000 designs: 200 feasible (20.0 %)`. */
export function countsLine(evaluated: number | bigint, feasible: number | bigint): string {
  const share = Number(evaluated) === 0 ? 0 : Number(feasible) / Number(evaluated);
  return `evaluated ${plural(evaluated, 'design')}: ${formatNumber(feasible)} feasible (${formatShare(share)})`;
}
