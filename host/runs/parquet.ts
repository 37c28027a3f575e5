import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, Column, Table } from './table.js';

/**
 * A table as Apache Parquet: whole numbers as INT64, others as DOUBLE, all else as strings; so are numbers beside which a
 * column has words, such as a micro-batch of `all`.
 */
export function toParquet({ columns, rows }: Table): Uint8Array {
  const columnData = columns.map((column, i) =>
    columnOf(
      column,
      rows.map((row) => row[i]!),
    ),
  );
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Cells of a column, with the type that they have in Parquet. */
export function columnOf({ name, type }: Column, cells: readonly Cell[]) {
  if (type === 'text' || cells.some((cell) => typeof cell === 'string')) {
    return { name, data: cells.map(String), type: 'STRING' as const };
  }
  if (type === 'integer')
    return { name, data: BigInt64Array.from(cells, (cell) => BigInt(cell)), type: 'INT64' as const };
  return { name, data: Float64Array.from(cells, Number), type: 'DOUBLE' as const };
}
