import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { casesOf, prepareFile } from './measured.js';
import { allowedRank, lowOrders } from './orders.js';
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
    rows,
  );
  expect(orders).toMatchObject([{ pairs: 6, wrong: 3, near: 1, allowed: undefined }]);
});

it('a source in its order is left out', () => {
  expect(
    lowOrders(
      cases([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
      rows,
    ),
  ).toEqual([]);
});

it('scatter allows the rank that the order of repeats leaves', () => {
  const apart = [1, 2, 4, 8];
  expect(allowedRank(apart, [])).toBeUndefined();
  expect(allowedRank(apart, [0])).toBe(1);
  // Both signs: by 10 % none of these changes places with the next.
  expect(allowedRank(apart, [0.1])).toBe(1);
  // Of three steps as good as equal all six orders are alike likely: ranks −1, −0.5 twice, 0.5 twice, 1; the median is between.
  const equal = allowedRank([1, 1.0001, 1.0002], [0.1, 0.2, 0.3, 0.4, 0.5])!;
  expect(Math.abs(equal)).toBe(0.5);
  expect(allowedRank(apart, [0.1, 0.4])).toBeGreaterThan(allowedRank(apart, [0.1, 2])!);
});

it('a source scatters as its own repeats do, those of others say nothing', () => {
  const again = (source: string, iteration_s: number) => ({
    ...rows[0]!,
    row: { ...rows[0]!.row, source, iteration_s },
  });
  const of = cases([
    [10, 3],
    [10.1, 2],
    [10.2, 1],
  ]);
  const own = of[0]!.row.source;
  const allowed = (...repeats: Parameters<typeof again>[]) =>
    lowOrders(
      of,
      repeats.map((one) => again(...one)),
    )[0]!.allowed;
  expect(allowed([own, 10], ['another', 20])).toBeUndefined();
  expect(allowed([own, 10], [own, 10])).toBe(1);
  expect(allowed([own, 10], [own, 20])).toBeLessThan(1);
});
