/** Steps that differ in how tokens get to experts over nodes, which no constant was fitted to (test/data/measured/README.md). */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { measuredFolder } from '../../../test/unseenFiles.js';
import { casesOf, prepareRows } from './measured.js';
import { predictRow } from './prediction.js';

const { rows } = prepareRows({ file: join(measuredFolder, 'exchanges.csv') });
/** Those over EFA wait for something that was not found. */
const cases = casesOf(rows, rows.map(predictRow)).filter(({ id }) => !id.startsWith('exchange-aws'));
const errors = cases.map(({ got, expected }) => Math.abs(got! / expected - 1));

it('experts over nodes cost what they cost by any dispatcher, within 10 % in the mean, where tokens are balanced', () => {
  expect(cases).toHaveLength(8);
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.1);
  expect(Math.max(...errors)).toBeLessThan(0.18);
});

it('ways to exchange tokens of Qwen3 30B over two nodes come in their order', () => {
  const ways = cases.filter(({ id }) => id.startsWith('exchange-qwen3-30b'));
  const order = (of: (one: (typeof ways)[number]) => number) =>
    ways.toSorted((a, b) => of(b) - of(a)).map(({ id }) => id);
  expect(ways).toHaveLength(4);
  expect(order(({ got }) => got!)).toEqual(order(({ expected }) => expected));
});
