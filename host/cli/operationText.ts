import { displayUnit, formatNumber, plural } from '../display/format.js';
import type { CollectiveRow, GraphTables, OperationRow } from '../profiles/operationTables.js';
import { formatTable, left, right } from './table.js';

/** The operations and collectives of each phase, with what they add up to in a step. */
export function operationLines(tables: readonly GraphTables[]): string[] {
  if (tables.length === 0) return ['ASTRA-sim does not bring this design to an end.'];
  return tables.flatMap((graph) => [
    `${graph.title}: ${plural(graph.microBatches, 'micro-batch')}, ${plural(graph.layersPerStage, 'layer')} on ${graph.stage}`,
    '',
    operationTable(graph),
    '',
    'Its collectives and sends, those of weights and gradients included:',
    '',
    graph.collectives.length === 0 ? 'none' : collectiveTable(graph.collectives),
    '',
    sumLine(graph),
    '',
  ]);
}

function operationTable({ operations, workUnit }: GraphTables): string {
  const step = stepUnit(operations);
  const columns = [
    left('section'),
    left('operation'),
    right(workUnit),
    right('MB moved'),
    left('bound by'),
    right('time (us)'),
    right('runs'),
    right(`per step (${step.unit})`, 2),
  ];
  return formatTable(
    columns,
    operations.map(({ section, name, work, sizeMB, bound, timeUs, runs, stepUs }) => [
      section,
      name,
      formatNumber(work),
      formatNumber(sizeMB),
      bound,
      formatNumber(timeUs),
      formatNumber(runs),
      formatNumber(stepUs * step.factor),
    ]),
  );
}

/** Where the profile does not tell how a group lies in the network, there is no column for it. */
function collectiveTable(rows: readonly CollectiveRow[]): string {
  const step = stepUnit(rows);
  const placed = rows.some(({ over }) => over !== '');
  const columns = [
    left('group'),
    left('collective'),
    right('NPUs'),
    right('payload (MB)'),
    right('time (us)'),
    right('runs'),
    right(`per step (${step.unit})`, 2),
    ...(placed ? [left('dimension: NPUs, algorithm')] : []),
  ];
  return formatTable(
    columns,
    rows.map(({ group, collective, npus, over, payloadMB, timeUs, runs, stepUs }) => [
      group,
      collective,
      formatNumber(npus),
      formatNumber(payloadMB),
      formatNumber(timeUs),
      formatNumber(runs),
      formatNumber(stepUs * step.factor),
      ...(placed ? [over] : []),
    ]),
  );
}

function stepUnit(rows: readonly Pick<OperationRow, 'stepUs'>[]) {
  return displayUnit(
    'us',
    rows.map(({ stepUs }) => stepUs),
  );
}

function sumLine({ operations, collectives, timeUs }: GraphTables): string {
  const sum = (rows: readonly { readonly stepUs: number }[]) => rows.reduce((total, { stepUs }) => total + stepUs, 0);
  const compute = operations.filter(({ collective }) => collective === undefined);
  const values = [sum(compute), sum(collectives), timeUs];
  const { unit, factor } = displayUnit('us', values);
  const [computeText, communicationText, stepText] = values.map((value) => formatNumber(value * factor));
  return (
    `sums: compute ${computeText} ${unit}, communication ${communicationText} ${unit}; the step takes ${stepText} ${unit}, ` +
    'with overlap, pipeline bubble and optimizer'
  );
}
