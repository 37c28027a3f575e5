/** Measured products, attention, caches and traffic: tables as `validate kernels` reads them, of one machine. */
import { CosmicError } from '../../psa/errors.js';
import type { System } from '../../psa/system.js';
import { type CsvRow, readCsv } from '../validate/csv.js';
import { KernelBench } from '../validate/kernels/bench.js';
import { kernelTableOf } from '../validate/kernels/kernels.js';
import { formatOf, type KernelTable } from '../validate/kernels/tables.js';
import { CONSTANTS, type ConstantKind, type MachineConstant } from './constants.js';
import { decidable, type Evidence } from './evidence.js';
import { type Constants, startOf, systemWith } from './machine.js';

/** A row that decides constants of its kind. */
interface KernelRow {
  readonly kind: ConstantKind;
  readonly file: string;
  readonly id: string;
  readonly timeUs: number;
  readonly predict: (bench: KernelBench) => number | string;
}

/** A row that decides none, and why. */
export interface UnusedRow {
  readonly file: string;
  readonly reason: string;
}

/** In the order in which they build on each other. */
const KINDS = [
  'products',
  'eight-bit products',
  'four-bit products',
  'attention',
  'eight-bit attention',
  'caches',
  'traffic',
] as const satisfies readonly ConstantKind[];

function kindOf(table: KernelTable, row: never): ConstantKind | undefined {
  const kind = table.kindOf(row);
  const { precision } = table.measured(row);
  if (kind === 'caches' || kind === 'traffic') return kind;
  if (kind === 'attention') return precision === 'fp8' ? 'eight-bit attention' : 'attention';
  if (kind !== 'products') return undefined;
  const format = formatOf(precision);
  if (format === 'bf16') return 'products';
  return format === 'nvfp4' ? 'four-bit products' : 'eight-bit products';
}

function checkOneGpu(rows: readonly CsvRow<never>[], table: KernelTable, file: string): void {
  const gpus = [...new Set(rows.map(({ row }) => table.measured(row).gpu))];
  if (gpus.length < 2) return;
  throw new CosmicError('ARGUMENT', `its rows are of several GPUs: ${gpus.join(', ')}`, {
    file,
    remedy: 'leave the rows of one machine, or name it: --gpu NAME',
  });
}

/**
 * The rows of tables that decide constants of a machine, and those that decide none.
 *
 * @param gpu of which the rows are taken; of all, where a table is of one alone
 * @throws CosmicError as `readCsv`; ARGUMENT where the rows are of several machines
 */
export function kernelRows(
  files: readonly string[],
  gpu: string | undefined,
): { readonly rows: readonly KernelRow[]; readonly unused: readonly UnusedRow[] } {
  const unused: UnusedRow[] = [];
  const rows = files.flatMap((file) => {
    const table = kernelTableOf(file);
    const all = readCsv(file, table.schema).filter(({ row }) => gpu === undefined || table.measured(row).gpu === gpu);
    checkOneGpu(all, table, file);
    return all.flatMap(({ row, line }): KernelRow[] => {
      const kind = kindOf(table, row);
      if (kind === undefined) {
        unused.push({ file, reason: `${table.kindOf(row)} decide no constant here` });
        return [];
      }
      const id = `line ${line}: ${table.idOf(row)}`;
      return [{ kind, file, id, timeUs: table.measured(row).timeUs, predict: (bench) => table.predict(row, bench) }];
    });
  });
  return { rows, unused };
}

/** What the machine has no number for, it cannot be calibrated to. */
function expressible(rows: readonly KernelRow[], system: System, unused: UnusedRow[]): KernelRow[] {
  const bench = new KernelBench(system);
  return rows.filter((row) => {
    const got = row.predict(bench);
    if (typeof got === 'string') unused.push({ file: row.file, reason: got });
    return typeof got === 'number';
  });
}

/**
 * What rows say of the constants of each kind, one kind after the other.
 *
 * @param known constants as they are when a kind's turn comes
 */
export function* kernelEvidence(
  rows: readonly KernelRow[],
  system: System,
  known: Constants,
  unused: UnusedRow[],
): Generator<Evidence> {
  for (const kind of KINDS) {
    const own = expressible(
      rows.filter((row) => row.kind === kind),
      system,
      unused,
    );
    if (own.length === 0) continue;
    const constants: readonly MachineConstant[] = decidable(CONSTANTS[kind], own.length);
    yield {
      name: kind,
      files: [...new Set(own.map(({ file }) => file))],
      rows: own.map(({ id }) => ({ id, family: '' })),
      constants,
      start: startOf(constants, system, known),
      logErrors(values, picked) {
        const bench = new KernelBench(systemWith(system, known, constants, values));
        return picked.map((i) => Math.log((own[i]!.predict(bench) as number) / own[i]!.timeUs));
      },
    };
  }
}
