/** Searches that end before their budget is spent. */
import { expect, it } from 'vitest';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder('ends');

const SEARCH = ['search', 'cosmic-workload', '--objective', 'time', '--evaluations', '100000000', '--backend', 'cpu'];

it('at a target, in the unit that is shown, for good', async () => {
  const { code, stdout } = await cosmic(folder, ...SEARCH, '--target', '1500', '--out', 'target', '--json');
  expect(code).toBe(0);
  const { finished, evaluations, settings } = JSON.parse(stdout) as Record<string, unknown>;
  expect(settings).toMatchObject({ target: 1500 });
  expect(finished).toBe(true);
  expect(Number(evaluations)).toBeLessThan(100_000_000);
});

it('after some seconds, and goes on from there', async () => {
  const { code, stdout } = await cosmic(folder, ...SEARCH, '--timeout', '2', '--out', 'time');
  expect(code).toBe(0);
  expect(stdout).toContain('to go on: cosmic search --resume time');
  expect((await cosmic(folder, 'search', '--resume', 'time', '--timeout', '1')).code).toBe(0);
});

it('refuses what is no number of either', async () => {
  for (const option of ['--target', '--timeout']) {
    const { code, stderr } = await cosmic(folder, ...SEARCH, option, 'soon');
    expect(code).toBe(2);
    expect(stderr).toContain(`${option} is 'soon'`);
  }
});
