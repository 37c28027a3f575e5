/** How far two backends are apart, in words: for all commands that compare them. */
import { formatNumber } from '../display/format.js';
import type { Failure, OutputErrors, StatusDifferences, Where } from '../validate/comparison.js';
import { formatTable, left, right } from './table.js';

/** A row for each output. */
export function outputTable(groups: readonly OutputErrors[]): string {
  const rows = groups.map(({ output, cases, exact, medianRelError, meanAbsRelError, maxRelError, worst }) => [
    output,
    formatNumber(cases),
    formatNumber(exact),
    medianRelError.toExponential(1),
    meanAbsRelError.toExponential(1),
    maxRelError.toExponential(1),
    worst === undefined ? '' : whereText(worst),
  ]);
  const columns = [
    left('output'),
    right('designs'),
    right('equal in f32'),
    right('median rel. error'),
    right('mean rel. error'),
    right('max rel. error', 2),
    left('worst design'),
  ];
  return formatTable(columns, rows);
}

export function statusLines({ different, nearLimit }: StatusDifferences): string[] {
  return [
    'Parts of a sum (of timeUs, of memoryMB) are compared relative to that sum; all others to themselves.',
    `statuses that differ: ${formatNumber(different)}, of these at the limit of memory: ${formatNumber(nearLimit)}`,
  ];
}

/** The first of the failures, if there is one. */
export function firstFailure([first]: readonly Failure[]): string {
  if (first === undefined) return '';
  return `; first failure: ${first.output} of ${whereText(first)}: ${first.tested} instead of ${first.reference}`;
}

/** Enough to see it again. */
function whereText({ space, system, model, held, ordinal }: Where): string {
  const settings = held.map((setting) => ` --set ${setting}`).join('');
  return `${space} --system ${system} --model ${model}${settings}, ordinal ${ordinal}`;
}
