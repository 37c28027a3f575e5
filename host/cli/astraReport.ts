import type { AstraGraph } from '../../kernels/explainAstra.js';
import { displayUnit, formatNumber, plural } from './format.js';
import { formatTable, left, right } from './table.js';

function tableOf({ operations }: AstraGraph): string {
  const step = displayUnit('us', [Math.max(...operations.map(({ stepNs }) => stepNs * 1e-3))]);
  const columns = [
    left('operation'),
    left('collective'),
    right('NPUs'),
    right('operations (G)'),
    right('size (MB)'),
    left('bound by'),
    right('time (ns)'),
    right('runs'),
    right(`per step (${step.unit})`),
  ];
  const rows = operations.map(
    ({ name, collective, group, npus, operations: ops, bytes, bound, timeNs, runs, stepNs }) => [
      name,
      collective === undefined ? '' : `${collective} over ${group}`,
      formatNumber(npus),
      formatNumber(ops * 1e-9),
      formatNumber(bytes * 1e-6),
      bound,
      formatNumber(timeNs),
      formatNumber(runs),
      formatNumber(stepNs * 1e-3 * step.factor),
    ],
  );
  return formatTable(columns, rows);
}

function sumLine({ operations, finishNs, computeNs }: AstraGraph): string {
  const communicationNs = operations
    .filter(({ collective }) => collective !== undefined)
    .reduce((sum, { stepNs }) => sum + stepNs, 0);
  const { unit, factor } = displayUnit('us', [finishNs * 1e-3]);
  const [compute, communication, step] = [computeNs, communicationNs, finishNs].map((ns) =>
    formatNumber(ns * 1e-3 * factor),
  );
  return `sums: compute ${compute} ${unit}, communication ${communication} ${unit}; the step takes ${step} ${unit}, with overlap and pipeline bubble`;
}

/** The operations of each phase as ASTRA-sim counts them: multiply-accumulates, and elements as bytes. */
export function astraOperationLines(graphs: readonly AstraGraph[]): string[] {
  if (graphs.length === 0) return ['ASTRA-sim does not end this design'];
  return graphs.flatMap((graph) => [
    `${graph.model}: ${plural(graph.microBatches, 'micro-batch').replace('batchs', 'batches')}; stage ${graph.stage}, which ends last`,
    '',
    tableOf(graph),
    '',
    sumLine(graph),
    '',
  ]);
}
