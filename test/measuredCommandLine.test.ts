import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';
import { allUnseen, measuredFolder as folder } from './unseenFiles.js';

const SOURCES = ['NVIDIA dgxc-benchmarking v24.11.1', 'NVIDIA dgxc-benchmarking v25.02'];

/** Rows of steps that nobody fitted, a few of each file. */
const sample = temporaryFolder('evidence');

/** Rows of two sources of today, in a folder of their own. */
const cut = temporaryFolder('measured');

beforeAll(() => {
  const [heading, ...rows] = readFileSync(join(folder, 'modern', 'training.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  const ofSources = rows.filter((row) => SOURCES.some((source) => row.includes(source)));
  writeFileSync(join(cut, 'cut.csv'), `${[heading, ...ofSources].join('\n')}\n`);
});

it('validate measured --json has its statistics at the top and in each group', async () => {
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

it('validate memory exits with 1 where an error is above what is allowed', async () => {
  expect((await cosmic(folder, 'validate', 'memory', 'memory.csv', '--max-error', '0.05')).code).toBe(0);
  const { code, stdout } = await cosmic(folder, 'validate', 'memory', 'memory.csv', '--max-error', '0.001');
  expect(code).toBe(1);
  expect(stdout).toContain('an error exceeds what is allowed');
});

it('validate memory refuses files beside where no evidence is written', async () => {
  const { code, stderr } = await cosmic(folder, 'validate', 'memory', 'unseen.csv', '--beside', 'unseen2.csv');
  expect(code).toBe(2);
  expect(stderr).toContain('--beside has no effect without --evidence');
});

it('validate memory writes evidence of a file and of those beside it', async () => {
  const peaks = (name: string) => {
    const [heading, ...rows] = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
    // A run is enough of each.
    writeFileSync(join(sample, name), `${[heading, ...rows.slice(0, 2)].join('\n')}\n`);
  };
  peaks('unseen.csv');
  peaks('unseen2.csv');
  const of = async (...beside: readonly string[]) => {
    const args = ['validate', 'memory', 'unseen.csv', '--evidence', 'evidence.json', ...beside];
    expect((await cosmic(sample, ...args)).code).toBe(0);
    return JSON.parse(readFileSync(join(sample, 'evidence.json'), 'utf8'));
  };
  const [alone, both] = [await of(), await of('--beside', 'unseen2.csv')];
  expect(both.command).toBe('cosmic validate memory unseen.csv --beside unseen2.csv --evidence memoryEvidence.json');
  expect(both.publications.length).toBeGreaterThan(alone.publications.length);
  expect(both.publications).toEqual(expect.arrayContaining(alone.publications));
});

it.each([
  ['a file that is not there', ['none.csv'], 'none.csv'],
  ['an unknown column', ['training.csv', '--by', 'colour'], 'colour'],
  ['a file of another kind', ['memory.csv'], 'memory.csv:1'],
  ['an unknown parameter', ['training.csv', '--set', 'network.colour=1'], 'network.colour'],
])('validate measured refuses %s', async (_, args, said) => {
  const { code, stderr } = await cosmic(folder, 'validate', 'measured', ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
  expect(stderr).toContain('fix:');
});

it('study accuracy writes what predictions err by, fitted and with each model left out', async () => {
  const { code, stdout } = await cosmic(cut, 'study', 'accuracy', 'cut.csv', '--out', 'errors.md', '--json');
  expect(code).toBe(0);
  const { cases, inexpressible, crossValidation } = JSON.parse(stdout);
  expect(cases + inexpressible.rows).toBe(14);
  const leftOut = (what: string) =>
    crossValidation.filter((fold: { leftOut: string }) => fold.leftOut.startsWith(what));
  expect(leftOut('source').map((fold: { leftOut: string }) => fold.leftOut)).toEqual(
    SOURCES.map((source) => `source ${source}`),
  );
  expect(leftOut('model').length).toBeGreaterThan(3);
  for (const { meanAbsRelError, constants } of crossValidation) {
    expect(meanAbsRelError).toBeLessThan(0.5);
    // Relative to those that the rows have: a fit to a few of them is near to that to all.
    const clock = constants['compute.sustainedClock'] ?? constants['compute.gemmEfficiency'];
    expect(clock).toBeGreaterThan(0.5);
    expect(clock).toBeLessThan(2);
  }
  const document = readFileSync(join(cut, 'errors.md'), 'utf8');
  expect(document).toContain('cosmic study accuracy cut.csv');
  expect(document).toContain('](errors.svg)');
  for (const source of SOURCES) expect(document).toContain(`| ${source} |`);
  expect(readFileSync(join(cut, 'errors.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
});

it('study accuracy --unseen tells rows of files apart that have no say in the fit', async () => {
  const fitted = await cosmic(cut, 'study', 'accuracy', 'cut.csv', '--out', 'fitted.md', '--json');
  const unseen = allUnseen.flatMap((name) => ['--unseen', join(folder, name)]);
  const { code, stdout } = await cosmic(
    cut,
    ...['study', 'accuracy', 'cut.csv', ...unseen, '--out', 'both.md', '--json'],
  );
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  const { meanAbsRelError, crossValidation } = JSON.parse(fitted.stdout);
  expect(report).toMatchObject({ meanAbsRelError, crossValidation });
  const steps = allUnseen.map((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length - 1);
  expect(report.unseen.results.cases + report.unseen.results.inexpressible.rows).toBe(
    steps.reduce((sum, own) => sum + own, 0),
  );
  const document = readFileSync(join(cut, 'both.md'), 'utf8');
  expect(document).toContain(`cosmic study accuracy cut.csv ${allUnseen.map((name) => `--unseen ${name}`).join(' ')}`);
  expect(document).toContain('## Rows that nobody fitted');
  expect(readFileSync(join(cut, 'fitted.md'), 'utf8')).not.toContain('nobody fitted');
});

it('validate measured --software is what all rows ran, and a name that is none is refused', async () => {
  const run = async (...args: string[]) => {
    const { code, stdout } = await cosmic(cut, 'validate', 'measured', 'cut.csv', '--json', ...args);
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  const own = await run();
  const older = await run('--software', 'megatron-lm-2021');
  for (const source of SOURCES) expect(older.assumptions[source]).toContain('software megatron-lm-2021');
  expect(own.assumptions[SOURCES[0]!]).toContain('software megatron-core');
  expect(older.meanAbsRelError).toBeGreaterThan(own.meanAbsRelError);

  const { code, stderr } = await cosmic(cut, 'validate', 'measured', 'cut.csv', '--software', 'colour');
  expect(code).toBe(2);
  expect(stderr).toContain('colour');
  expect(stderr).toContain('fix:');
});
