/** The machine, and what its adapter was tuned to. */
import type { BenchmarkResults } from '../results.js';
import { digits, type ResultTable, table, whole } from './table.js';

export function machineTable(results: BenchmarkResults): ResultTable {
  const { machine, date, space } = results;
  return table(
    'Machine',
    ['what', 'value'],
    [
      ['date, commit', `${date}, ${machine.commit}`],
      ['CPU', `${machine.cpu}, ${machine.cores} cores, load ${digits(machine.load)} before`],
      ['adapter', machine.adapter === undefined ? 'none' : `${machine.adapter.name}, ${machine.adapter.type}`],
      ['driver', machine.adapter?.driver ?? 'none'],
      ['threads of a workgroup × designs of a thread', tuningText(results)],
      ['space', space],
    ],
  );
}

function tuningText({ tuning, machine }: BenchmarkResults): string {
  const kept = machine.adapter?.tuning;
  const used = tuning?.chosen ?? kept?.tuning;
  if (used === undefined) return 'none';
  const date = tuning?.date ?? kept?.date;
  return `${used.workgroupSize} × ${used.designsPerThread}, ${date === undefined ? 'default' : `measured ${date}`}`;
}

export function tuningTable({ tuning }: BenchmarkResults): ResultTable[] {
  if (tuning === undefined) return [];
  const rows = tuning.candidates.map(({ workgroupSize, designsPerThread, designsPerSecond }) => [
    whole(workgroupSize),
    whole(designsPerThread),
    whole(designsPerSecond),
  ]);
  return [table('Tuning, the kernel alone', ['threads of a workgroup', 'designs of a thread', 'designs/s'], rows)];
}
