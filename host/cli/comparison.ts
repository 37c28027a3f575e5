import type { Goal } from '../../kernels/objective/goal.js';
import { statusNames } from '../../kernels/outputs.js';
import { type DesignEntry, describeDesign } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { EvaluatedDesign } from '../designs/designs.js';
import { formatRatio } from '../display/format.js';
import { outputRows } from '../display/outputRows.js';
import { formatParameter, parameterHeading } from '../display/parameters.js';
import { colors } from './colors.js';
import { formatTable, left, right } from './table.js';

/**
 * The system's own default beside some designs: the parameters that vary, changes marked, then all outputs with ratios.
 *
 * @param baseline undefined where the system has no default for the space
 * @param names of the designs, for the headings
 */
export function comparisonTable(
  space: CompiledSpace,
  baseline: EvaluatedDesign | undefined,
  winners: readonly EvaluatedDesign[],
  goal: Goal,
  names: readonly string[] = winners.map((_, i) => `best ${i + 1}`),
): string {
  const designs = baseline === undefined ? winners : [baseline, ...winners];
  const headings = [...(baseline === undefined ? [] : ['default']), ...names];
  const columns = [left('parameter'), ...headings.map((heading) => right(heading, heading === names[0] ? 3 : 1))];
  return formatTable(columns, [
    ...parameterRows(space, designs, baseline !== undefined),
    columns.map(() => ''),
    ...resultRows(designs, baseline !== undefined, goal),
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

function parameterCell({ value }: DesignEntry, reference: DesignEntry): string {
  return value === reference.value ? formatParameter(value) : colors.cyan(`* ${formatParameter(value)}`);
}

function resultRows(designs: readonly EvaluatedDesign[], withRatios: boolean, goal: Goal): string[][] {
  const rows = outputRows(designs.map(({ outputs }) => outputs)).map(({ heading, cells, values }) => [
    heading,
    ...cells.map((cell, i) => (withRatios && i > 0 ? `${cell}  ${formatRatio(values[i]!, values[0]!)}` : cell)),
  ]);
  const reasons = designs.map(({ status }) => statusNames(status & goal.mask).join(', '));
  return reasons.every((names) => names === '') ? rows : [...rows, ['infeasible because', ...reasons]];
}
