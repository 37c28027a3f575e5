import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PARAMETERS } from '../psa/parameters.js';

const FOLDER = join(import.meta.dirname, '../kernels');

/** What simulates, without tests and without the list of what is compiled only where it is needed. */
const SOURCES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('features.ts'))
  .map((file) => readFileSync(join(FOLDER, file), 'utf8'))
  .join('\n');

// A change that takes kernels back to an earlier state leaves parameters that nothing reads, which are valid and without effect.
test('each parameter is read by some kernel', () => {
  const names = new Set(SOURCES.match(/\w+/g));
  expect(PARAMETERS.map(({ name }) => name).filter((name) => !names.has(name.split('.')[1]!))).toEqual([]);
});
