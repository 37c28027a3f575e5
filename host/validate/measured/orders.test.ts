import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { casesOf, prepareFile } from './measured.js';
import { lowOrders } from './orders.js';
import { predictRow } from './prediction.js';

const rows = prepareFile({ file: join(packageRoot, 'test', 'data', 'measured', 'training.csv') }).slice(0, 1);
const [one] = casesOf(rows, rows.map(predictRow));
const cases = (pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([expected, got]) => ({ ...one!, expected, got }));

it('pairs in the wrong order are counted, and those that were hardly measured apart', () => {
  const orders = lowOrders(
    cases([
      [1, 2],
      [1.04, 1.9],
      [3, 1],
      [4, 4],
    ]),
  );
  expect(orders).toMatchObject([{ pairs: 6, wrong: 3, near: 1 }]);
});

it('a source in its order is left out', () => {
  expect(
    lowOrders(
      cases([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    ),
  ).toEqual([]);
});
