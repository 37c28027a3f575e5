import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { prepareFile } from './measured.js';
import { scatterBySource, scatteredLogs } from './repeats.js';

const [one, other] = prepareFile({ file: join(packageRoot, 'test', 'data', 'measured', 'training.csv') });
const measured = (of: typeof one, source: string, iteration_s: number) => ({
  ...of!,
  row: { ...of!.row, source, iteration_s },
});

it('repeats of a step are known by its configuration, in a source and across sources', () => {
  const rows = [measured(one, 'a', 10), measured(one, 'a', 11), measured(one, 'b', 12), measured(other, 'c', 5)];
  const [a, b, ...others] = scatterBySource(rows);
  expect(others).toEqual([]);
  expect(a).toMatchObject({ source: 'a', within: { sets: 1, steps: 2 }, across: { sets: 1, steps: 2 } });
  expect(a!.within!.spread).toBeCloseTo(0.1);
  expect(a!.within!.least).toBeCloseTo(0.05);
  expect(a!.across!.spread).toBeCloseTo(0.2);
  expect(a!.across!.least).toBeCloseTo(0.05);
  expect(b).toMatchObject({ source: 'b', within: undefined, across: { steps: 1 } });
  expect(b!.across!.least).toBeCloseTo(1 / 12);
});

it('a step of another design is no repeat', () => {
  const design = one!.design.map((value, slot) => (slot === 0 ? value + 1 : value));
  expect(scatterBySource([measured(one, 'a', 10), { ...measured(one, 'a', 11), design }])).toEqual([]);
});

it('two repeats scatter from their geometric mean as from a known one', () => {
  const [least, most] = scatteredLogs([measured(one, 'a', 10), measured(one, 'a', 11), measured(other, 'a', 5)]);
  expect(least).toBeCloseTo(-Math.log(1.1) / Math.SQRT2);
  expect(most).toBeCloseTo(Math.log(1.1) / Math.SQRT2);
});
