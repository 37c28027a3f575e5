import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { cosmic } from './commandLine.js';

const folder = join(packageRoot, 'test', 'data', 'measured');
const TIMEOUT = { timeout: 60_000 };

it('validate measured --json has its statistics at the top and in each group', TIMEOUT, async () => {
  const { code, stdout } = await cosmic(
    folder,
    'validate',
    'measured',
    'training.csv',
    '--json',
    '--mean-error',
    '0.08',
  );
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ cases: 453, exact: 0, passed: true });
  for (const one of [report, ...report.groups]) {
    expect(one.medianRelError).toBeLessThanOrEqual(one.maxRelError);
    expect(one.meanAbsRelError).toBeLessThanOrEqual(one.maxRelError);
  }
  expect(report.spearman).toBeGreaterThan(0.99);
  expect(report.failures[0]).toMatchObject({ id: expect.any(String), expected: expect.any(Number) });
});

it('validate memory exits with 1 where an error is above what is allowed', TIMEOUT, async () => {
  expect((await cosmic(folder, 'validate', 'memory', 'memory.csv', '--max-error', '0.05')).code).toBe(0);
  const { code, stdout } = await cosmic(folder, 'validate', 'memory', 'memory.csv', '--max-error', '0.001');
  expect(code).toBe(1);
  expect(stdout).toContain('an error exceeds what is allowed');
});

it.each([
  ['a file that is not there', ['none.csv'], 'none.csv'],
  ['an unknown column', ['training.csv', '--by', 'colour'], 'colour'],
  ['a file of another kind', ['memory.csv'], 'memory.csv:2'],
  ['an unknown parameter', ['training.csv', '--set', 'network.colour=1'], 'network.colour'],
])('validate measured refuses %s', TIMEOUT, async (_, args, said) => {
  const { code, stderr } = await cosmic(folder, 'validate', 'measured', ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
  expect(stderr).toContain('fix:');
});
