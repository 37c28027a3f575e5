/** Memory of training steps of any program: rows that ran, and rows that ran out of memory. */
import { z } from 'zod';
import { usableMB } from '../../../kernels/memory/memory.js';
import { STATUS } from '../../../kernels/outputs.js';
import { SLOT } from '../../../psa/parameters.js';
import { type CsvRow, readCsv } from '../csv.js';
import { prepareAll } from './measured.js';
import { type MemoryCase, mbToGib } from './memoryCases.js';
import { type PreparedRow, predictRow, Systems } from './prediction.js';
import { FILLS_GPUS, fillsGpus, type TrainingRow, trainingShape } from './row.js';

/** A row of `cosmic validate measured`, or one without a time that says how it ended. */
const stepRow = z
  .strictObject({ ...trainingShape, status: z.literal('OOM').optional() })
  .refine(fillsGpus, FILLS_GPUS)
  .refine(({ iteration_s, status }) => (iteration_s === undefined) === (status === 'OOM'), {
    error: 'give a time, or OOM as status',
  });

const GIB = { MB: mbToGib(1), GB: mbToGib(1000), GiB: 1 } as const;

/** What notes print of a run's memory, GiB: allocated, or taken as seen from outside of the program. */
function printedGib({ notes }: TrainingRow): Pick<MemoryCase, 'allocated' | 'reserved'> {
  const [, size, unit, kind] = /([\d.]+) (MB|GB|GiB) (allocated|of memory)[^;]* as printed/.exec(notes) ?? [];
  const gib = size === undefined ? undefined : Number(size) * GIB[unit as keyof typeof GIB];
  return kind === 'allocated' ? { allocated: gib, reserved: undefined } : { allocated: undefined, reserved: gib };
}

function roomOf({ design }: PreparedRow): NonNullable<MemoryCase['room']> {
  const capacity = mbToGib(1000 * design[SLOT.compute.memoryCapacityGB]!);
  return { capacity, reserve: capacity - mbToGib(usableMB(design)) };
}

/** A row that ended before its first step did takes for ever. */
function asRun({ row: { status: _, ...row }, ...place }: CsvRow<z.infer<typeof stepRow>>): CsvRow<TrainingRow> {
  return { ...place, row: { ...row, iteration_s: row.iteration_s ?? Number.POSITIVE_INFINITY } };
}

/**
 * Rows that can be expressed: of what a row leaves open the fastest that fits in memory, or where none does what needs the least.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA, VALUE_OUT_OF_RANGE
 */
export function stepCases(file: string): MemoryCase[] {
  const { rows } = prepareAll(readCsv(file, stepRow).map(asRun), new Systems());
  return rows.map((prepared) => {
    const { row } = prepared;
    const { status, memoryMB, reservedMB } = predictRow(prepared);
    return {
      id: row.id,
      source: row.source,
      model: row.model ?? '',
      ...printedGib(row),
      fits: Number.isFinite(row.iteration_s),
      room: roomOf(prepared),
      predicted: { allocated: mbToGib(memoryMB), reserved: mbToGib(reservedMB), fits: (status & STATUS.MEMORY) === 0 },
    };
  });
}
