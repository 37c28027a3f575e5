/** Results as Markdown tables: what the benchmark prints, and what docs/performance.md and the README show. */
import type { BenchmarkResults } from '../results.js';
import { agentTable, evolutionTable, populationTable } from './agents.js';
import { commandTable } from './commands.js';
import { conceptTable, designTable } from './concepts.js';
import { deviceTable, operationTable } from './device.js';
import { machineTable, tuningTable } from './machine.js';
import { boxesTable, coresTable, moneyTable, sizeTable, stepsTable, throughputTable, walkTable } from './sweeps.js';
import type { ResultTable } from './table.js';

/** All tables, in the order of docs/performance.md. */
export function tablesOf(results: BenchmarkResults): ResultTable[] {
  return [
    machineTable(results),
    ...tuningTable(results),
    ...commandTable(results),
    throughputTable(results),
    ...stepsTable(results),
    ...walkTable(results),
    ...moneyTable(results),
    ...boxesTable(results),
    ...operationTable(results),
    ...deviceTable(results),
    ...sizeTable(results),
    coresTable(results),
    populationTable(results),
    ...agentTable(results),
    ...evolutionTable(results),
    ...conceptTable(results),
    ...designTable(results),
  ];
}
