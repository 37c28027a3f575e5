import pc from 'picocolors';
import { OUTPUT, OUTPUTS, reasonsOf } from '../../kernels/outputs.js';
import { describeDesign } from '../../psa/ordinals.js';
import { slotOf } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { EvaluatedDesign } from '../designs.js';
import { formatParameter, parameterHeading } from './comparison.js';
import { formatNumber, formatShare } from './format.js';
import { type OutputRow, outputRows } from './outputRows.js';
import { formatTable, left, right } from './table.js';

/** One design in full: its parameters, where time and memory go, and all other outputs. */
export function designLines(space: CompiledSpace, evaluated: EvaluatedDesign): string[] {
  const rows = outputRows([evaluated.outputs]);
  const { timeUs, memoryMB } = OUTPUT;
  const capacityMB = evaluated.design[slotOf('compute.memoryCapacityGB')]! * 1000;
  return [
    `${space.workload.name} on ${space.systemName}, ${formatNumber(space.npus)} NPUs`,
    verdict(evaluated.status),
    '',
    parameterTable(space, evaluated),
    '',
    breakdown(rows, 'timeUs', 'of step time', evaluated.outputs[timeUs]!),
    '',
    breakdown(rows, 'memoryMB', 'of capacity', capacityMB),
    `capacity per NPU: ${formatNumber(capacityMB / 1000)} GB; needed: ${formatShare(evaluated.outputs[memoryMB]! / capacityMB)} of it`,
    '',
    formatTable(
      [left('result'), right('value')],
      rows.filter(({ name }) => !isBrokenDown(name)).map(({ heading, cells }) => [heading, cells[0]!]),
    ),
  ];
}

function verdict(status: number): string {
  if (status === 0) return pc.green('feasible');
  return pc.red(`infeasible: ${reasonsOf(status).join('; ')}`);
}

/** Parameters of one value, then those with one per dimension as columns. */
function parameterTable(space: CompiledSpace, { design }: EvaluatedDesign): string {
  const entries = describeDesign(space, design);
  const single = entries.filter(({ dimension }) => dimension === undefined);
  const names = [
    ...new Set(entries.filter(({ dimension }) => dimension !== undefined).map(({ parameter }) => parameter)),
  ];
  const dimensions = Array.from({ length: space.dimensions }, (_, d) => right(`dimension ${d}`));
  const perDimension = names.map((name) => {
    const own = entries.filter(({ parameter }) => parameter === name);
    return [parameterHeading({ ...own[0]!, dimension: undefined }), ...own.map(({ value }) => formatParameter(value))];
  });
  return [
    formatTable(
      [left('parameter'), right('value')],
      single.map((entry) => [parameterHeading(entry), formatParameter(entry.value)]),
    ),
    '',
    formatTable([left('parameter per network dimension'), ...dimensions], perDimension),
  ].join('\n');
}

function isBrokenDown(name: OutputRow['name']): boolean {
  return (
    OUTPUTS.some(({ name: part, partOf }) => part === name && partOf !== undefined) ||
    name === 'timeUs' ||
    name === 'memoryMB'
  );
}

/** A whole and its parts, each with its share of `reference`. */
function breakdown(rows: readonly OutputRow[], whole: 'timeUs' | 'memoryMB', share: string, reference: number): string {
  const own = new Set<string>([whole, ...OUTPUTS.filter(({ partOf }) => partOf === whole).map(({ name }) => name)]);
  return formatTable(
    [left(whole === 'timeUs' ? 'time' : 'memory'), right('value'), right(`share ${share} (%)`)],
    rows
      .filter(({ name }) => own.has(name))
      .map(({ heading, cells, values }) => [heading, cells[0]!, formatShare(values[0]! / reference).replace(' %', '')]),
  );
}
