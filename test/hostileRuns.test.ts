/** Run folders that a stranger made, that two commands want at once, or that a kill left behind. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunFolder } from '../host/runs/runFolder.js';
import { STATUSES } from '../kernels/outputs.js';
import { cosmic, cosmicAfter, type Outcome } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const CPU = ['--backend', 'cpu', '--threads', '1'];
const search = (seed: number, agent = 'ga') => [
  ...['search', 'cosmic-workload', '--agent', agent, '--seed', String(seed)],
  ...['--evaluations', '60', '--population', '20', ...CPU],
];

/** The number of a process that is no more: systems count to 2^22 at most. */
const NOBODY = 2 ** 31 - 1;

const folder = temporaryFolder('hostile');
const at = (...names: string[]) => join(folder, ...names);
const read = (...names: string[]) => readFileSync(at(...names), 'utf8');

/** One clear error, and no stack. */
function expectRefused({ code, stderr }: Outcome, message: RegExp): void {
  expect(code, stderr).toBe(2);
  expect(stderr).toMatch(message);
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('backend:')).length,
  ).toBeLessThanOrEqual(6);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
}

beforeAll(async () => {
  const runs = [cosmic(folder, ...search(0), '--out', 'seed0'), cosmic(folder, ...search(1), '--out', 'seed1')];
  for (const { code, stderr } of await Promise.all(runs)) expect(code, stderr).toBe(0);
});

it('one of several starts on one folder has it, the others are refused', async () => {
  const starts = await Promise.all([0, 1, 2, 3, 4].map((seed) => cosmic(folder, ...search(seed), '--out', 'wanted')));
  expect(starts.filter(({ code }) => code === 0)).toHaveLength(1);
  for (const start of starts) if (start.code !== 0) expectRefused(start, /holds a run already/);
  expect((await cosmic(folder, 'explain', 'wanted')).code).toBe(0);
});

it('of several starts without a folder each has its own', async () => {
  const before = new Set(existsSync(at('runs')) ? readdirSync(at('runs')) : []);
  const starts = await Promise.all([0, 1, 2, 3].map(() => cosmic(folder, ...search(7))));
  for (const { code, stderr } of starts) expect(code, stderr).toBe(0);
  expect(readdirSync(at('runs')).filter((name) => !before.has(name))).toHaveLength(4);
});

describe.skipIf(process.platform === 'win32')('a run of a stranger', () => {
  /** A copy of a run, as if nothing of it were finished, and a file outside it. */
  function plantedRun(name: string): string {
    cpSync(at('seed0'), at(name), { recursive: true });
    for (const file of readdirSync(at(name))) if (file !== 'manifest.json') rmSync(at(name, file));
    writeFileSync(at('precious'), 'precious');
    return at('precious');
  }

  it('overwrites nothing outside itself, whatever links are in it', async () => {
    const precious = plantedRun('linked');
    for (const file of ['result.json', 'best.json', 'best.csv', 'best.parquet'])
      symlinkSync(precious, at('linked', file));
    // The shell's number is the command's.
    const plant = 'for f in checkpoint result best; do ln -s ../precious linked/$f.json.$$.tmp; done';
    const { code, stderr } = await cosmicAfter(folder, plant, 'search', '--resume', 'linked');
    expect(code, stderr).toBe(0);
    expect(read('precious')).toBe('precious');
    expect(read('linked', 'best.csv')).toBe(read('seed0', 'best.csv'));
  });

  it('has no file opened that its manifest names', async () => {
    plantedRun('named');
    spawnSync('mkfifo', [at('pipe')]);
    const manifest = JSON.parse(read('named', 'manifest.json'));
    const { sources } = manifest.space;
    Object.assign(manifest.space, { psa: at('pipe'), system: '/dev/zero', model: '/dev/zero' });
    Object.assign(sources.psa, { file: at('pipe') });
    Object.assign(sources.system, { file: '/dev/zero' });
    Object.assign(sources.model[0], { file: '/dev/zero' });
    writeFileSync(at('named', 'manifest.json'), JSON.stringify(manifest));
    const resumed = await cosmic(folder, 'search', '--resume', 'named');
    expect(resumed.code, resumed.stderr).toBe(0);
    const [explained, reported] = await Promise.all([
      cosmic(folder, 'explain', 'named'),
      cosmic(folder, 'report', 'named'),
    ]);
    expect([explained.code, reported.code]).toEqual([0, 0]);
  });

  it('is refused where its files are pipes or devices', async () => {
    plantedRun('piped');
    spawnSync('mkfifo', [at('piped', 'checkpoint.json')]);
    plantedRun('endless');
    rmSync(at('endless', 'manifest.json'));
    symlinkSync('/dev/zero', at('endless', 'manifest.json'));
    const [piped, endless] = ['piped', 'endless'].map((run) => cosmic(folder, 'search', '--resume', run));
    expectRefused(await piped!, /a pipe or a device/);
    expectRefused(await endless!, /a pipe or a device/);
  });

  it.each([
    [
      'a checkpoint of another seed',
      () => cpSync(at('seed1', 'checkpoint.json'), at('mixed', 'checkpoint.json')),
      /another run/,
    ],
    [
      'a checkpoint that was changed',
      () =>
        writeFileSync(
          at('mixed', 'checkpoint.json'),
          read('seed0', 'checkpoint.json').replace('"evaluations":60', '"evaluations":40'),
        ),
      /not as it was written/,
    ],
    ["an agent's state that is not its own", () => saveAgent({ drawn: 3 }), /not this agent's/],
    [
      'bounds that are broken',
      () =>
        writeFileSync(
          at('mixed', 'manifest.json'),
          read('seed0', 'manifest.json').replace('"seed": 0', '"islands": 1000000000,\n    "seed": 0'),
        ),
      /settings\.islands/,
    ],
  ])('is refused with %s', async (_, spoil, message) => {
    cpSync(at('seed0'), at('mixed'), { recursive: true });
    spoil();
    const refused = await cosmic(folder, 'search', '--resume', 'mixed');
    rmSync(at('mixed'), { recursive: true });
    expectRefused(refused, message);
  });

  /** A checkpoint as it would be written, halfway, of an agent with another state. */
  function saveAgent(agent: { readonly drawn: number }): void {
    const run = RunFolder.open(at('mixed'));
    const state = run.readCheckpoint() as { readonly evaluations: number };
    run.saveCheckpoint({ ...state, evaluations: 40, feasible: 0, byReason: STATUSES.map(() => 0), history: [], agent });
  }
});

it('files that a kill left half written go when the run goes on', async () => {
  cpSync(at('seed0'), at('left'), { recursive: true });
  const name = `checkpoint.json.${NOBODY}.${'0'.repeat(32)}.tmp`;
  writeFileSync(at('left', name), 'half');
  expect((await cosmic(folder, 'search', '--resume', 'left')).code).toBe(0);
  expect(readdirSync(at('left')).sort()).toEqual(readdirSync(at('seed0')).sort());
});

it('a run that another process is at is refused, one that a killed process was at goes on', async () => {
  cpSync(at('seed0'), at('locked'), { recursive: true });
  writeFileSync(at('locked', 'lock'), `${process.pid} ${hostname()}\n`);
  expectRefused(await cosmic(folder, 'search', '--resume', 'locked'), /another process is at work/);
  writeFileSync(at('locked', 'lock'), `${NOBODY} ${hostname()}\n`);
  const { code, stderr } = await cosmic(folder, 'search', '--resume', 'locked');
  expect(code, stderr).toBe(0);
  expect(readdirSync(at('locked')).sort()).toEqual(readdirSync(at('seed0')).sort());
});

it('a merge that was killed after its manifest is merged again, by the same runs alone', async () => {
  expect((await cosmic(folder, 'merge', 'seed0', 'seed1', '--out', 'both')).code).toBe(0);
  const result = read('both', 'result.json');
  for (const file of readdirSync(at('both'))) if (file !== 'manifest.json') rmSync(at('both', file));
  expect((await cosmic(folder, ...search(2), '--out', 'seed2')).code).toBe(0);
  expectRefused(await cosmic(folder, 'search', '--resume', 'both'), /no results yet/);
  expectRefused(await cosmic(folder, 'merge', 'seed0', 'seed2', '--out', 'both'), /holds a run already/);
  const again = await cosmic(folder, 'merge', 'seed0', 'seed1', '--out', 'both');
  expect(again.code, again.stderr).toBe(0);
  expect(read('both', 'result.json')).toBe(result);
  expect(existsSync(at('both', 'checkpoint.json'))).toBe(true);
  expectRefused(await cosmic(folder, 'merge', 'seed0', 'seed1', '--out', 'both'), /holds a run already/);
});
