import type { CollectiveRow, GraphTables, OperationRow } from '../report/operations.js';
import { displayUnit, formatNumber, plural } from './format.js';
import { formatTable, left, right } from './table.js';

/** The operations and collectives of each phase, with what they add up to in a step. */
export function operationLines(tables: readonly GraphTables[]): string[] {
  return tables.flatMap((graph) => [
    `${graph.title}: ${plural(graph.microBatches, 'micro-batch').replace('batchs', 'batches')}, ${plural(graph.layersPerStage, 'layer')} on the first stage`,
    '',
    operationTable(graph.operations),
    '',
    'Collectives and sends that operations wait for, and those of weights and gradients beside them:',
    '',
    graph.collectives.length === 0 ? 'none' : collectiveTable(graph.collectives),
    '',
    sumLine(graph),
    '',
  ]);
}

function operationTable(rows: readonly OperationRow[]): string {
  const step = displayUnit('us', [Math.max(...rows.map(({ stepUs }) => stepUs))]);
  const columns = [
    left('section'),
    left('operation'),
    right('GFLOP'),
    right('MB moved'),
    left('bound by'),
    right('time (us)'),
    right('runs'),
    right(`per step (${step.unit})`),
  ];
  return formatTable(
    columns,
    rows.map(({ section, name, gflop, sizeMB, bound, timeUs, runs, stepUs }) => [
      section,
      name,
      formatNumber(gflop),
      formatNumber(sizeMB),
      bound,
      formatNumber(timeUs),
      formatNumber(runs),
      formatNumber(stepUs * step.factor),
    ]),
  );
}

function collectiveTable(rows: readonly CollectiveRow[]): string {
  const step = displayUnit('us', [Math.max(...rows.map(({ stepUs }) => stepUs))]);
  const columns = [
    left('group'),
    left('collective'),
    right('NPUs'),
    left('over (algorithm)'),
    right('payload (MB)'),
    right('time (us)'),
    right('runs'),
    right(`per step (${step.unit})`),
  ];
  return formatTable(
    columns,
    rows.map(({ group, collective, npus, over, payloadMB, timeUs, runs, stepUs }) => [
      group,
      collective,
      formatNumber(npus),
      over,
      formatNumber(payloadMB),
      formatNumber(timeUs),
      formatNumber(runs),
      formatNumber(stepUs * step.factor),
    ]),
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
