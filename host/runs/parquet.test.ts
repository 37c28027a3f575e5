import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { toParquet } from './parquet.js';
import type { Column } from './table.js';

async function read(parquet: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: parquet.buffer as ArrayBuffer });
}

const COLUMNS: readonly Column[] = [
  { name: 'ties', type: 'integer' },
  { name: 'time_s', type: 'real' },
  { name: 'design', type: 'text' },
];

it('is read back by a Parquet reader as it was, integers as integers', async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const row = fc.tuple(fc.maxSafeInteger(), number, fc.string());
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const known = await read(toParquet({ columns: COLUMNS, rows }));
      expect(known).toEqual(rows.map(([ties, time, design]) => ({ ties: BigInt(ties), time_s: time, design })));
    }),
    { numRuns: 30 },
  );
});

it('has words where a column of numbers has one', async () => {
  const rows = [[1], ['all']];
  const columns = [{ name: 'workload_micro_batch_sequences', type: 'integer' }] as const;
  expect((await read(toParquet({ columns, rows }))).map((row) => row[columns[0].name])).toEqual(['1', 'all']);
});

it('keeps its columns without a row', async () => {
  expect(await read(toParquet({ columns: COLUMNS, rows: [] }))).toEqual([]);
});
