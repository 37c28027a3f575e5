import { CosmicError } from '../../../psa/errors.js';
import { loadSystem } from '../../../psa/system.js';
import { quantile } from '../../statistics/statistics.js';
import { type Case, countStops, errorsOf, relError, type StopCount, type WorstCase, worstOf } from '../cases.js';
import { type CsvRow, columnsOf, readCsv } from '../csv.js';
import { machineOf } from '../gpus.js';
import { type NestedGroup, nestedGroups } from '../groups.js';
import type { Errors } from '../statistics.js';
import { KernelBench } from './bench.js';
import { COLLECTIVE_TABLES } from './collectiveTables.js';
import { KERNEL_TABLES, type KernelTable } from './tables.js';

export interface KernelErrors extends Errors {
  /** Nine of ten errors are no larger. */
  readonly p90RelError: number;
}

/** Rows of one GPU, then of its precisions, then of their frameworks. */
export interface KernelGroup extends KernelErrors, NestedGroup {
  readonly worst: WorstCase;
}

export interface Inexpressible {
  readonly cases: number;
  readonly reasons: readonly StopCount[];
}

export interface KernelResults extends KernelErrors {
  readonly table: string;
  readonly inexpressible: Inexpressible;
  readonly groups: readonly KernelGroup[];
}

/** The least value of a column that rows must have to be compared. */
export interface LeastValue {
  readonly column: string;
  readonly value: number;
}

export interface KernelRequest {
  readonly file: string;
  /** The machine of all rows, a preset or a file; else presets stand for their GPUs. */
  readonly system?: string | undefined;
  readonly least?: readonly LeastValue[];
}

const TABLES: readonly KernelTable[] = [...KERNEL_TABLES, ...COLLECTIVE_TABLES];

/**
 * The table whose heading a file has.
 *
 * @throws CosmicError SCHEMA where it is of none
 */
export function kernelTableOf(file: string): KernelTable {
  const columns = new Set(columnsOf(file));
  const fits = ({ columns: own }: KernelTable): number => own.filter((column) => columns.has(column)).length;
  const complete = TABLES.filter(({ needed }) => needed.every((column) => columns.has(column)));
  const [best] = complete.sort((a, b) => fits(b) - fits(a));
  if (best !== undefined) return best;
  throw new CosmicError('SCHEMA', 'the heading is that of no table of kernels', {
    file,
    line: 1,
    remedy: `name the columns as docs/kernels.md says, such as ${TABLES[0]!.needed.join(', ')}`,
  });
}

/** A machine for each GPU, made when the first row asks for it. */
class Benches {
  private readonly benches = new Map<string, KernelBench | undefined>();

  constructor(private readonly system: string | undefined) {}

  of(gpu: string): KernelBench | undefined {
    if (!this.benches.has(gpu)) this.benches.set(gpu, this.make(gpu));
    return this.benches.get(gpu);
  }

  private make(gpu: string): KernelBench | undefined {
    if (this.system !== undefined) return new KernelBench(loadSystem(this.system));
    const machine = machineOf(gpu);
    return machine && new KernelBench(loadSystem(machine.preset), machine.cache, machine.streams);
  }
}

interface Predicted extends Case {
  /** What a group is of, from the outside in. */
  readonly keys: readonly [gpu: string, precision: string, framework: string];
}

function predict(table: KernelTable, { row, line }: CsvRow<never>, benches: Benches): Predicted {
  const { gpu, precision, framework, timeUs } = table.measured(row);
  const bench = benches.of(gpu);
  const got = bench === undefined ? `no machine ${gpu}: name one by --system` : table.predict(row, bench);
  const id = `line ${line}: ${table.idOf(row)}`;
  const keys = [gpu, precision, framework] as const;
  const all = { id, keys, group: keys.join(', '), expected: timeUs };
  return typeof got === 'number' ? { ...all, got } : { ...all, stop: got };
}

function kernelErrors(cases: readonly Case[]): KernelErrors {
  const errors = cases.map((one) => Math.abs(relError(one)));
  return { ...errorsOf(cases), p90RelError: quantile(errors, 0.9) ?? 0 };
}

const byName = (a: Predicted, b: Predicted): number => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0);

function groupsOf(cases: readonly Predicted[]): KernelGroup[] {
  const keys = [0, 1, 2].map((place) => (one: Predicted) => one.keys[place]!);
  return nestedGroups(cases.toSorted(byName), keys, (part) => ({ ...kernelErrors(part), worst: worstOf(part)! }));
}

function inexpressibleOf(cases: readonly Case[]): Inexpressible {
  return { cases: cases.filter(({ stop }) => stop !== undefined).length, reasons: countStops(cases) };
}

/** Does a row reach every least value? */
function reaches(row: Readonly<Record<string, unknown>>, least: readonly LeastValue[]): boolean {
  return least.every(({ column, value }) => Number(row[column]) >= value);
}

function checkLeast(least: readonly LeastValue[], table: KernelTable): void {
  const unknown = least.find(({ column }) => !table.columns.includes(column));
  if (unknown === undefined) return;
  throw new CosmicError('ARGUMENT', `--least names '${unknown.column}', which is no column of ${table.name}`, {
    remedy: `use one of ${table.columns.join(', ')}`,
  });
}

/**
 * Times measured kernels by the simulator's functions, each from its sizes and number format alone.
 *
 * @throws CosmicError as readCsv and loadSystem; ARGUMENT where no row is left
 * @example
 * validateKernels({ file: 'gemm.csv', least: [{ column: 'm', value: 64 }] }).medianRelError;
 */
export function validateKernels({ file, system, least = [] }: KernelRequest): KernelResults {
  const table = kernelTableOf(file);
  checkLeast(least, table);
  const benches = new Benches(system);
  const rows = readCsv(file, table.schema).filter(({ row }) => reaches(row, least));
  const predicted = rows.map((row) => predict(table, row, benches));
  const expressed = predicted.filter(({ stop }) => stop === undefined);
  if (expressed.length === 0) {
    const reason = predicted[0]?.stop ?? 'every row is below a least value';
    throw new CosmicError('ARGUMENT', `no row can be compared: ${reason}`, {
      file,
      remedy: 'name the machine of all rows by --system, or ask for less by --least',
    });
  }
  return {
    table: table.name,
    ...kernelErrors(expressed),
    inexpressible: inexpressibleOf(predicted),
    groups: groupsOf(expressed),
  };
}
