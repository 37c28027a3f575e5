import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { packGenes } from '../../kernels/decode/genes.js';
import { OUTPUT, type OutputName, statusNames } from '../../kernels/outputs.js';
import { toldOutputs } from '../../kernels/quantities/facts.js';
import { CosmicError } from '../../psa/errors.js';
import { type DesignEntry, describeDesign, designOf } from '../../psa/ordinals.js';
import { findParameter } from '../../psa/parameters.js';
import { ordinalOf, sweepSource } from '../backends/source.js';
import { designEvaluator } from '../designs/designs.js';
import { objectiveColumn, outputColumn, parameterColumn } from '../runs/columns.js';
import { designName } from '../runs/designTable.js';
import { columnOf } from '../runs/parquet.js';
import type { RunResult } from '../runs/runResult.js';
import { sweepRequest } from '../runs/settings.js';
import type { Cell, Column } from '../runs/table.js';
import { searchedDesigns } from './searchedDesigns.js';

/** Designs of one file: they are evaluated again, on one core. */
const MOST = 2 ** 20;
/** Designs of a row group. */
const GROUP = 2 ** 14;

/** A micro-batch may be `all`: then no value of its column is a number. */
function stableColumn(entry: DesignEntry): Column {
  const column = parameterColumn(entry);
  return findParameter(entry.parameter)!.nameOfZero === undefined ? column : { ...column, type: 'text' };
}

/**
 * Every design that sweeps or searches evaluated, feasible or not, as Parquet: its ordinal, whether it is feasible (1) for the
 * run's goal and all its statuses, objectives, the parameters that vary, and all outputs, evaluated in f64. Those of a search
 * once each, in the order in which they were found.
 *
 * @throws CosmicError ARGUMENT where the run is a proof or has more than a million designs, RUN_MISMATCH where a search goes
 * another way than it went
 */
export async function allDesigns(run: RunResult): Promise<{ parquet: Uint8Array; designs: number }> {
  const { space, goal, searches, sweeps, path, evaluated } = run;
  const isProof = sweeps.length + searches.length === 0;
  if (isProof || evaluated > BigInt(MOST)) {
    throw new CosmicError(
      'ARGUMENT',
      `${isProof ? 'the run is a proof' : `the run has ${evaluated} designs`}: not all its designs can be written`,
      { file: path, remedy: `sweep at most ${MOST} designs, by --sample, --count or --shard, or search with so many` },
    );
  }
  const evaluate = designEvaluator(space);
  const entries = describeDesign(space, space.fixed);
  const told = toldOutputs(space);
  const open = entries.flatMap((entry, i) => (entry.open ? [i] : []));
  const columns: Column[] = [
    { name: 'design', type: 'text' },
    { name: 'feasible', type: 'integer' },
    { name: 'statuses', type: 'text' },
    ...goal.objectives.map(objectiveColumn),
    ...open.map((i) => stableColumn(entries[i]!)),
    ...told.map(outputColumn),
  ];
  const rowOf = (ordinal: bigint): Cell[] => {
    const { design, outputs, status } = evaluate(designOf(space, ordinal));
    const described = describeDesign(space, design);
    return [
      designName(ordinal),
      Number(goal.isFeasible(status, outputs)),
      statusNames(status).join(' '),
      ...goal.valuesOf(outputs),
      ...open.map((i) => described[i]!.value),
      ...told.map(({ name }) => outputs[OUTPUT[name as OutputName]]!),
    ];
  };
  const dataOf = (rows: readonly Cell[][]) =>
    columns.map((column, i) =>
      columnOf(
        column,
        rows.map((row) => row[i]!),
      ),
    );
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: dataOf([]) }) });
  let designs = 0;
  for (const ordinals of searches.length > 0 ? await searchedGroups(run) : sweptGroups(run)) {
    parquet.write({ columnData: dataOf(ordinals.map(rowOf)) });
    designs += ordinals.length;
  }
  parquet.finish();
  return { parquet: writer.getBytes(), designs };
}

/** The ordinals that sweeps walked, some at a time. */
function* sweptGroups({ space, sweeps }: Pick<RunResult, 'space' | 'sweeps'>): Generator<bigint[]> {
  const packed = packGenes(space);
  for (const { settings, part } of sweeps) {
    const request = sweepRequest(settings);
    const end = part.start + part.evaluated;
    for (let start = part.start; start < end; start += BigInt(GROUP)) {
      const nameAt = ordinalOf(space, packed, sweepSource(space, request, start), start);
      const count = Number(end - start < BigInt(GROUP) ? end - start : BigInt(GROUP));
      yield Array.from({ length: count }, (_, i) => nameAt(i));
    }
  }
}

/** The ordinals that searches asked for, some at a time. */
async function searchedGroups({ space, searches, path }: RunResult): Promise<bigint[][]> {
  const ordinals = new Set<bigint>();
  for (const one of searches) for (const ordinal of await searchedDesigns(space, one, path)) ordinals.add(ordinal);
  const all = [...ordinals];
  return Array.from({ length: Math.ceil(all.length / GROUP) }, (_, i) => all.slice(i * GROUP, (i + 1) * GROUP));
}
