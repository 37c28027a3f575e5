import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { toParquet } from './parquet.js';

async function read(parquet: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: parquet.buffer as ArrayBuffer });
}

it('is read back by a Parquet reader as it was', async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const row = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), number, fc.string());
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const read_ = await read(toParquet({ header: ['ordinal', 'time (s)', 'name'], rows }));
      expect(read_).toEqual(
        rows.map(([ordinal, time, name]) => ({ ordinal: String(ordinal), 'time (s)': time, name })),
      );
    }),
    { numRuns: 30 },
  );
});

it('keeps its columns without a row', async () => {
  expect(await read(toParquet({ header: ['a', 'b'], rows: [] }))).toEqual([]);
});
