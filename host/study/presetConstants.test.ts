import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { OF_TODAY } from '../validate/measured/fit.js';
import { writeConstants } from './presetConstants.js';

const folder = temporaryFolder('preset-constants');

it('a fitted value stands in the place of the preset’s, and nothing else changes', () => {
  const text = `name: some # a machine
compute:
  memoryEfficiency: 0.9 # static quantisation
  sustainedClock: 0.82 # of whole steps
`;
  const files = ['one', 'two'].map((name) => join(folder, `${name}.yaml`));
  for (const file of files) writeFileSync(file, text);
  const [clock, , host] = OF_TODAY;
  const fitted = (constant: typeof clock, value: number) => ({
    constant: constant!,
    owner: 'some',
    preset: 1,
    file: files[0]!,
    value,
    files,
  });
  expect(writeConstants([fitted(clock, 0.83456), fitted(host, 80)])).toEqual(files);
  for (const file of files) expect(readFileSync(file, 'utf8')).toBe(text.replace('0.82', '0.835'));
  expect(writeConstants([fitted(clock, 0.83456)])).toEqual([]);
});
