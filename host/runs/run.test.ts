/** Runs that a program writes: the same folders as the command line's, resumed to the same end. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { psa, values } from '../../psa/builder.js';
import { cosmic } from '../../test/commandLine.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import type { Evaluator } from '../backends/evaluator.js';
import { advanceRun } from './advanceRun.js';
import { mergeRuns } from './mergeRuns.js';
import { type OpenSpace, openSpace } from './openSpace.js';
import type { RunProgress } from './progress.js';
import { createRun, openRun } from './run.js';
import { RunFolder } from './runFolder.js';
import { readRun } from './runResult.js';
import { type SearchOptions, type SweepOptions, searchSettings, sweepSettings } from './settings.js';

const folder = temporaryFolder('run');
let open: OpenSpace;
let evaluator: Evaluator;

beforeAll(async () => {
  open = openSpace('cosmic-workload');
  evaluator = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
});
afterAll(() => evaluator.close());

const at = (name: string) => join(folder, name);
const sweep = (name: string, options?: SweepOptions) =>
  createRun(at(name), open, sweepSettings(open, options), evaluator);
const search = (name: string, options?: SearchOptions) =>
  createRun(at(name), open, searchSettings(open, options), evaluator);

/** The files of a run as bytes, without what tells one run from another of the same work. */
function filesOf(name: string): Record<string, string> {
  const text = (file: string) =>
    readFileSync(at(join(name, file)), 'latin1')
      .replace(/"run": .*/, '')
      .replace(/"created": .*/, '')
      .replace(/"threads?": .*/, '');
  return Object.fromEntries(readdirSync(at(name)).map((file) => [file, text(file)]));
}

/** Ends a run once some designs are evaluated, if it is not at its end by then. */
function endAfter(designs: number) {
  const controller = new AbortController();
  const told: RunProgress[] = [];
  const onProgress = (progress: RunProgress) => {
    told.push(progress);
    if (progress.evaluated >= designs) controller.abort();
  };
  return { signal: controller.signal, onProgress, told };
}

const OPTIONS = ['--backend', 'cpu', '--threads', '1'];

describe('a run of the library', () => {
  it('is the one that the command line writes, of a sweep', async () => {
    await cosmic(folder, 'sweep', 'cosmic-workload', '--pareto', '--top', '4', ...OPTIONS, '--out', 'sweep-typed');
    const { finished, evaluated } = await advanceRun(sweep('sweep', { pareto: true, top: 4 }), evaluator);
    expect([finished, evaluated]).toEqual([true, open.space.count]);
    expect(filesOf('sweep')).toEqual(filesOf('sweep-typed'));
  });

  it('is the one that the command line writes, of a search', async () => {
    const typed = ['--evaluations', '300', '--population', '50', '--objective', 'time*cost', '--seed', '3'];
    await cosmic(folder, 'search', 'cosmic-workload', ...typed, ...OPTIONS, '--out', 'search-typed');
    const options = { evaluations: 300, population: 50, objectives: ['time*cost'], seed: 3 };
    await advanceRun(search('search', options), evaluator);
    expect(filesOf('search')).toEqual(filesOf('search-typed'));
  });

  it('reads as it was when it was written', async () => {
    const written = await advanceRun(search('read', { evaluations: 200, population: 50 }), evaluator);
    expect(readRun(at('read'))).toEqual(written);
  });

  it('goes on after it was ended early, to the same end', async () => {
    const options = { agent: 'cmaes', evaluations: 400, population: 50 } as const;
    await advanceRun(search('whole', options), evaluator);
    const early = endAfter(150);
    const stopped = await advanceRun(search('stopped', options), evaluator, early);
    expect([stopped.finished, early.told[0]?.evaluated]).toEqual([false, 0]);
    expect(Number(stopped.evaluated)).toBeLessThan(400);
    expect(readRun(at('stopped')).finished).toBe(false);
    const later = endAfter(Number.POSITIVE_INFINITY);
    const { finished } = await advanceRun(openRun(at('stopped')), evaluator, later);
    expect([finished, later.told[0]?.evaluated]).toEqual([true, Number(stopped.evaluated)]);
    expect(filesOf('stopped')).toEqual(filesOf('whole'));
  });

  it('ends before it begins where its signal has come already', async () => {
    const settings = { evaluations: 200, population: 50 };
    const { evaluated, finished } = await advanceRun(search('never', settings), evaluator, {
      signal: AbortSignal.abort(),
    });
    expect([evaluated, finished]).toEqual([0n, false]);
    expect(openRun(at('never')).backend).toBe('cpu');
  });

  it('keeps a PsA that is built in code', async () => {
    const built = psa('built')
      .system('dgx-h100')
      .model('gpt3-13b')
      .vary('workload.tp', values(1, 2, 4, 8));
    const mine = openSpace(built, { set: ['workload.pp=1,2'] });
    const own = await createEvaluator(mine.space, { backend: 'cpu', threads: 1 });
    const { winners } = await advanceRun(createRun(at('built'), mine, sweepSettings(mine), own), own);
    await own.close();
    const again = openRun(at('built'));
    expect(again.space).toEqual(mine.space);
    expect(readRun(at('built')).winners).toEqual(winners);
    const astra = openSpace(psa('astra').profile('astra-sim'), { model: 'gpt3-13b' });
    expect([astra.space.workload.profile, astra.space.workload.name]).toEqual(['astra-sim', 'gpt3-13b']);
  });

  it('tells of a disk that fails, and keeps what it found', async () => {
    const fails = sweep('fails');
    rmSync(at('fails'), { recursive: true });
    writeFileSync(at('fails'), '');
    await expect(advanceRun(fails, evaluator)).rejects.toMatchObject({ code: 'DISK_WRITE' });
    const errors: unknown[] = [];
    const { winners } = await advanceRun(fails, evaluator, { onWriteError: (error) => errors.push(error) });
    expect(winners.length).toBeGreaterThan(0);
    expect(errors).toMatchObject([{ code: 'DISK_WRITE' }]);
  });

  it('goes on with an evaluator of its space and backend alone', async () => {
    const other = openSpace('cosmic-workload', { model: 'gpt3-13b' });
    expect(() => createRun(at('other'), other, sweepSettings(other), evaluator)).toThrow(/another space/);
    expect(readdirSync(folder)).not.toContain('other');
    const run = sweep('backend');
    await expect(advanceRun({ ...run, backend: 'webgpu' }, evaluator)).rejects.toThrow(/on webgpu, not cpu/);
    expect(() => sweep('backend')).toThrow(/holds a run already/);
  });

  it.each([
    ['sweep', { top: 0 }, /top is 0/],
    ['sweep', { start: 572n }, /beyond the space/],
    ['sweep', { start: -1n }, /beyond the space/],
    ['sweep', { count: 573n }, /beyond the space/],
    ['sweep', { sample: 0n }, /sample is 0/],
    ['sweep', { sample: 5n, count: 5n }, /beside/],
    ['sweep', { shard: { index: 3, of: 2 } }, /the shard is 3 of 2/],
    ['sweep', { pareto: true, objectives: ['time'] }, /one objective/],
    ['sweep', { objectives: ['speed'] }, /speed/],
    ['search', { evaluations: 0.5 }, /evaluations is 0.5/],
    ['search', { seed: -1 }, /seed is -1/],
    ['search', { agent: 'smith' }, /no agent 'smith'/],
    ['search', { objectives: ['time', 'cost'] }, /one objective, not 2/],
    ['search', { parameters: { elite: 2 } }, /cannot have elite = 2/],
    ['search', { constraints: ['memory < 3'] }, /not understood/],
  ])('refuses a %s with %o', (kind, options, message) => {
    const settings = kind === 'sweep' ? sweepSettings : searchSettings;
    expect(() => settings(open, options as object)).toThrow(message);
  });
});

describe('several runs', () => {
  it('of shards are read together as the whole', async () => {
    const pareto = { pareto: true };
    const whole = await advanceRun(sweep('all', pareto), evaluator);
    for (const index of [1, 2, 3])
      await advanceRun(sweep(`s${index}`, { ...pareto, shard: { index, of: 3 } }), evaluator);
    const joined = readRun(at('s3'), at('s1'), at('s2'));
    for (const key of ['winners', 'pareto', 'evaluated', 'feasible', 'byReason', 'baseline'] as const) {
      expect(joined[key], key).toEqual(whole[key]);
    }
    expect(mergeRuns([at('s3'), at('s1'), at('s2')], at('merged')).winners).toEqual(whole.winners);
    expect(joined.sweeps.map(({ part }) => part.start)).toEqual([0n, 190n, 381n]);
    // What both evaluated counts twice, but is no tie of itself.
    const twice = readRun(at('all'), at('s1'));
    expect(twice.winners).toEqual(whole.winners);
    expect(twice.evaluated).toBe(whole.evaluated + 190n);
    expect(() => readRun(at('all'), at('all'))).toThrow(/sweep .* there twice/);
  });

  it('of a sweep and a search are no one run', async () => {
    await advanceRun(sweep('one', { count: 5n }), evaluator);
    await advanceRun(search('two', { evaluations: 50, population: 10 }), evaluator);
    expect(() => readRun(at('one'), at('two'))).toThrow(/the run is a search, not a sweep/);
    expect(() => readRun(at('two'), at('one'))).toThrow(/the run is a sweep, not a search/);
  });

  it('of searches are merged and gone on with, to what they come to by themselves', async () => {
    const options = (seed: number) => ({ seed, evaluations: 300, population: 50 });
    for (const seed of [0, 1, 2]) await advanceRun(search(`w${seed}`, options(seed)), evaluator);
    for (const seed of [0, 1, 2]) {
      await advanceRun(search(`p${seed}`, options(seed)), evaluator, endAfter(100 * (seed + 1)));
    }
    const names = (stem: string) => [0, 1, 2].map((seed) => at(`${stem}${seed}`));
    mergeRuns(names('w'), at('wholes'));
    expect(mergeRuns(names('p'), at('parts')).finished).toBe(false);
    const early = endAfter(700);
    expect((await advanceRun(openRun(at('parts')), evaluator, early)).finished).toBe(false);
    expect(early.told[0]).toMatchObject({ evaluated: 600, total: 900 });
    expect((await advanceRun(openRun(at('parts')), evaluator)).finished).toBe(true);
    expect(filesOf('parts')).toEqual(filesOf('wholes'));
  });

  it('of searches are merged in the order of their seeds, however they are named', async () => {
    for (const seed of [2, 10]) {
      await advanceRun(search(`o${seed}`, { seed, evaluations: 100, population: 50 }), evaluator);
    }
    mergeRuns([at('o10'), at('o2')], at('turned'));
    mergeRuns([at('o2'), at('o10')], at('straight'));
    expect(filesOf('turned')).toEqual(filesOf('straight'));
  });

  it('of searches on several backends are not gone on with, but say what to do', async () => {
    for (const seed of [0, 1]) {
      const options = { seed, evaluations: 200, population: 50 };
      await advanceRun(search(`b${seed}`, options), evaluator, endAfter(100));
    }
    const b1 = RunFolder.open(at('b1'));
    const saved = b1.readCheckpoint()!;
    const elsewhere = { ...b1.manifest, backend: { name: 'webgpu', description: 'a GPU' } };
    writeFileSync(at('b1/manifest.json'), JSON.stringify(elsewhere));
    RunFolder.open(b1.path).saveCheckpoint(saved);
    mergeRuns([at('b0'), at('b1')], at('mixed'));
    expect(() => openRun(at('mixed'))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('cpu and webgpu'),
        remedy: expect.stringContaining('merge them again'),
      }),
    );
  });
});
