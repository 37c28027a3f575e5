/** What the commands print fits the line that it is read at. */
import { beforeAll, describe, expect, it } from 'vitest';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder('terminal');
beforeAll(async () => {
  await cosmic(folder, 'search', 'cosmic-full', '--evaluations', '2000', '--top', '100', '--out', 'run');
});

const COMMANDS = [
  ['search', 'cosmic-full', '--evaluations', '500', '--backend', 'cpu', '--out'],
  [
    'search',
    'cosmic-extended',
    '--evaluations',
    '500',
    '--agent',
    'nsga2',
    '--objective',
    'time',
    '--objective',
    'memory',
    '--out',
  ],
  ['explain', 'run', '--operations'],
  ['simulate', 'run', '--operations'],
  ['psa', 'show', 'cosmic-extended'],
  ['psa', 'count', 'cosmic-full'],
  ['prove', 'cosmic-workload', '--backend', 'cpu', '--out'],
  ['study', '--help'],
  ['--help'],
];

describe.each([80, 120])('at %i columns', (columns) => {
  it.each(COMMANDS)('no line of %s %s is longer', async (...args) => {
    const out = args.at(-1) === '--out' ? [`run-${columns}-${args[1]}`] : [];
    const before = process.env.COLUMNS;
    process.env.COLUMNS = String(columns);
    const { code, stdout } = await cosmic(folder, ...args, ...out);
    if (before === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = before;
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.length).toBeGreaterThan(10);
    // A word by itself, such as an ordinal of 81 digits, stays whole, so that it can be copied.
    expect(lines.filter((line) => line.length > columns && line.includes(' '))).toEqual([]);
  });
});

it('of many best designs some are printed, and where the others are', async () => {
  const { stdout } = await cosmic(folder, 'sweep', 'cosmic-workload', '--top', '60', '--out', 'many');
  const table = stdout.split('The best beside')[0]!;
  expect(table.match(/^ *\d+ +[\d,.]+ /gm)).toHaveLength(25);
  expect(table).toContain('35 more in best.csv');
});
