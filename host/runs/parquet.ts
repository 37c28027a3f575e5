import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Table } from './table.js';

/**
 * A table as Apache Parquet: a column of doubles where all cells are numbers, else of strings. Ordinals are strings: they may
 * need more than 64 bits.
 */
export function toParquet({ header, rows }: Table): Uint8Array {
  const columnData = header.map((name, i) => {
    const cells = rows.map((row) => row[i]!);
    if (cells.length > 0 && cells.every((cell) => typeof cell === 'number')) {
      return { name, data: Float64Array.from(cells), type: 'DOUBLE' as const };
    }
    return { name, data: cells.map(String), type: 'STRING' as const };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
