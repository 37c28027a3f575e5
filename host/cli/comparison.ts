import pc from 'picocolors';
import { STATUSES } from '../../kernels/outputs.js';
import { type DesignEntry, describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type EvaluatedDesign, entryName } from '../designs.js';
import { formatNumber, formatRatio } from './format.js';
import { outputRows } from './outputRows.js';
import { formatTable, left, right } from './table.js';

/**
 * The system's own default beside some designs: the parameters that vary, changes marked, then all outputs with ratios.
 *
 * @param baseline undefined where the system has no default for the space
 */
export function comparisonTable(
  space: CompiledSpace,
  baseline: EvaluatedDesign | undefined,
  winners: readonly EvaluatedDesign[],
): string {
  const designs = baseline === undefined ? winners : [baseline, ...winners];
  const headings = [...(baseline === undefined ? [] : ['default']), ...winners.map((_, i) => `best ${i + 1}`)];
  const columns = [left('parameter'), ...headings.map(right)];
  return formatTable(columns, [
    ...parameterRows(space, designs, baseline !== undefined),
    columns.map(() => ''),
    ...resultRows(designs, baseline !== undefined),
  ]);
}

function parameterRows(space: CompiledSpace, designs: readonly EvaluatedDesign[], marked: boolean): string[][] {
  const columns = designs.map(({ design }) => describeDesign(space, design));
  return columns[0]!.flatMap((first, row) => {
    if (!first.open) return [];
    const cells = columns.map((column) => parameterCell(column[row]!, marked ? first : column[row]!));
    return [[parameterHeading(first), ...cells]];
  });
}

/** Name and unit of a parameter. */
export function parameterHeading(entry: DesignEntry): string {
  return entry.unit === '' ? entryName(entry) : `${entryName(entry)} (${entry.unit})`;
}

function parameterCell({ value }: DesignEntry, reference: DesignEntry): string {
  return value === reference.value ? formatParameter(value) : pc.cyan(`* ${formatParameter(value)}`);
}

export function formatParameter(value: string | number): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}

function resultRows(designs: readonly EvaluatedDesign[], withRatios: boolean): string[][] {
  const rows = outputRows(designs.map(({ outputs }) => outputs)).map(({ heading, cells, values }) => [
    heading,
    ...cells.map((cell, i) => (withRatios && i > 0 ? `${cell}  ${formatRatio(values[i]!, values[0]!)}` : cell)),
  ]);
  if (designs.every(({ status }) => status === 0)) return rows;
  return [...rows, ['infeasible because', ...designs.map(({ status }) => statusNames(status))]];
}

function statusNames(status: number): string {
  const names = STATUSES.filter((_, bit) => (status >>> bit) & 1).map(({ name }) => name);
  return names.length === 0 ? '-' : names.join(', ');
}
