import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { AIMS, aimResults } from './aims.js';
import { casesOf, prepareFile } from './measured.js';
import { predictRow } from './prediction.js';

const DATA = join(packageRoot, 'test', 'data', 'measured');
const rows = ['training.csv', join('modern', 'training.csv')].flatMap((file) =>
  prepareFile({ file: join(DATA, file) }),
);
const cases = casesOf(rows, rows.map(predictRow)).filter(({ got }) => got !== undefined);

it('a source counts as much as another, and towards one aim at most', () => {
  const results = aimResults(cases, []);
  const sources = results.flatMap(({ fitted }) => fitted.groups.map(({ group }) => group));
  expect(new Set(sources).size).toBe(sources.length);
  const { fitted, leftOut } = results.find(({ name }) => name.startsWith('A100'))!;
  expect(leftOut).toBeUndefined();
  expect(fitted.error).toBeCloseTo(
    fitted.groups.reduce((sum, { meanAbsRelError }) => sum + meanAbsRelError, 0) / fitted.groups.length,
  );
});

it('rows that are not of a kind are left out of it', () => {
  const sweep = AIMS.find(({ name }) => name.startsWith('nanotron'))!;
  const within = (tp: number) => sweep.keeps!({ ...cases[0]!.row, tp });
  expect([8, 16].map(within)).toEqual([true, false]);
});
