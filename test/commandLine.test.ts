import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appears, cosmic, cosmicOnFullDisk, type Outcome, startCosmic } from './commandLine.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosmic-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** JSON of a result without what differs between two runs of the same work. */
function resultOf({ stdout }: Outcome): Record<string, unknown> {
  const { run: _run, command: _command, settings: _settings, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  return rest;
}

const CPU = ['--backend', 'cpu', '--threads', '1', '--json'];
const LONG_SEARCH = ['search', 'cosmic-full', '--evaluations', '800000', '--population', '2048', '--seed', '0', ...CPU];

describe('results', () => {
  it('counts the published space to the unit', async () => {
    const { code, stdout } = await cosmic(folder, 'psa', 'count', 'cosmic-full', '--system', 'cosmic-1024');
    expect(code).toBe(0);
    expect(stdout).toContain('76,859,228,160,000');
    expect(stdout).toContain('18,977,587,200,000');
  });

  it('prints nothing but JSON on stdout with --json', async () => {
    const commands = [
      ['psa', 'show', 'cosmic-full'],
      ['psa', 'count', 'cosmic-full'],
      ['psa', 'schema'],
      ['simulate', '--system', 'dgx-h100', '--model', 'llama3-70b'],
      ['sweep', 'cosmic-workload', '--pareto', '--backend', 'cpu'],
      ['search', 'cosmic-workload', '--agent', 'random', '--evaluations', '100', '--backend', 'cpu'],
      ['doctor'],
    ];
    const outcomes = await Promise.all(commands.map((command) => cosmic(folder, ...command, '--json')));
    for (const { code, stdout } of outcomes) {
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toBeTypeOf('object');
    }
  });

  it('regenerates a winner from its ordinal alone', async () => {
    const { stdout } = await cosmic(folder, 'sweep', 'cosmic-workload', ...CPU);
    const [best] = (JSON.parse(stdout) as { best: { ordinal: string; outputs: object; parameters: object }[] }).best;
    const again = await cosmic(folder, 'simulate', 'cosmic-workload', '--ordinal', best!.ordinal, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ outputs: best!.outputs, parameters: best!.parameters });
  });

  it('writes the run: manifest, checkpoint, result and tables', async () => {
    const { stdout } = await cosmic(folder, 'sweep', 'cosmic-workload', '--pareto', '--out', 'run', ...CPU);
    const manifest = JSON.parse(readFileSync(join(folder, 'run', 'manifest.json'), 'utf8')) as {
      space: { sources: { psa: { text: string } } };
    };
    expect(manifest.space.sources.psa.text).toContain('name: cosmic-workload');
    expect(JSON.parse(readFileSync(join(folder, 'run', 'result.json'), 'utf8'))).toEqual(JSON.parse(stdout));
    const { best, pareto } = JSON.parse(stdout) as { best: object[]; pareto: object[] };
    const lines = (file: string) =>
      readFileSync(join(folder, 'run', file), 'utf8')
        .trimEnd()
        .split('\n').length;
    expect([lines('best.csv'), lines('pareto.csv')]).toEqual([1 + best.length, 1 + pareto.length]);
    expect(existsSync(join(folder, 'run', 'checkpoint.json'))).toBe(true);
  });

  it('draws a timeline that a trace viewer can read', async () => {
    const { code } = await cosmic(folder, 'simulate', '--trace', 'step.json');
    expect(code).toBe(0);
    const { traceEvents } = JSON.parse(readFileSync(join(folder, 'step.json'), 'utf8')) as {
      traceEvents: { ph: string }[];
    };
    expect(traceEvents.some(({ ph }) => ph === 'X')).toBe(true);
    expect((await cosmic(folder, 'simulate', '--trace', '/dev/full/step.json')).code).toBe(2);
  });

  it('shards and merges to what the whole sweep gives', async () => {
    const sweep = ['sweep', 'cosmic-workload', '--pareto', ...CPU];
    const whole = await cosmic(folder, ...sweep);
    await Promise.all([1, 2, 3].map((i) => cosmic(folder, ...sweep, '--shard', `${i}/3`, '--out', `part${i}`)));
    const merged = await cosmic(folder, 'merge', 'part3', 'part1', 'part2', '--json');
    expect(merged.code).toBe(0);
    expect(resultOf(merged)).toEqual(resultOf(whole));
    const gap = await cosmic(folder, 'merge', 'part1', 'part3');
    expect(gap).toMatchObject({ code: 2, stdout: '' });
  });

  it('shows examples in the help of every command', async () => {
    const commands = [
      ['start'],
      ['simulate'],
      ['search'],
      ['sweep'],
      ['merge'],
      ['doctor'],
      ['psa', 'show'],
      ['psa', 'count'],
      ['psa', 'schema'],
      ['compare'],
      ['explain'],
      ['report'],
      ['export'],
      ['import'],
      ['prove'],
      ['collective'],
      ['study', 'paper'],
      ['study', 'agents'],
      ...['backends', 'fuzz', 'collectives', 'workloads', 'measured', 'memory', 'agents'].map((of) => ['validate', of]),
    ];
    const outcomes = await Promise.all(commands.map((command) => cosmic(folder, ...command, '--help')));
    for (const { code, stdout } of outcomes) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/Examples?:\n +cosmic /);
      expect(stdout).toContain('--json');
    }
  });
});

describe('bad input', () => {
  const MINE = 'version: 1\nname: mine\nsystem: cosmic-1024\nmodel: gpt3-175b\n';
  const cases: [string, string[], RegExp, string?][] = [
    ['an unknown command', ['frobnicate'], /frobnicate/],
    ['an unknown option', ['search', 'cosmic-full', '--sede', '1'], /--seed/],
    ['no space', ['search'], /cosmic-full/],
    ['an unknown preset', ['search', 'cosmic-ful'], /cosmic-full/],
    ['a missing file', ['psa', 'show', 'missing.yaml'], /missing\.yaml/],
    ['an unknown parameter', ['simulate', '--set', 'workload.dpp=2'], /workload\.dp'/],
    ['a value out of range', ['simulate', '--set', 'workload.dp=0'], /--set workload\.dp=0/],
    ['malformed YAML', ['psa', 'show', 'mine.yaml'], /mine\.yaml:6/, `${MINE}workload:\n\tdp: 8\n`],
    ['an unknown key', ['psa', 'show', 'mine.yaml'], /mine\.yaml:6/, `${MINE}workload:\n  dpp: 3\n`],
    ['an impossible constraint', ['psa', 'show', 'mine.yaml'], /mine\.yaml:6/, `${MINE}constraints:\n  - 1 > 2\n`],
    ['a negative count', ['sweep', 'cosmic-workload', '--count', '-1'], /--count/],
    ['an unknown backend', ['search', 'cosmic-full', '--backend', 'cuda'], /webgpu/],
    ['an unknown objective', ['search', 'cosmic-full', '--objective', 'speed'], /time/],
    ['an ordinal outside the space', ['simulate', 'cosmic-workload', '--ordinal', '572'], /571/],
    ['an ambiguous design', ['simulate', 'cosmic-workload'], /--ordinal/],
    ['a folder where none can be made', ['search', 'cosmic-workload', '--out', '/proc/run'], /\/proc\/run/],
    ['a folder that cannot be', ['search', 'cosmic-workload', '--out', '/dev/full/run'], /\/dev\/full\/run/],
    ['a run that is none', ['search', '--resume', '.'], /manifest\.json/],
    ['an option beside --resume', ['search', '--resume', 'run', '--seed', '3'], /--seed/],
  ];

  it.each(cases)('%s: three lines, exit code 2, no stack', async (_, args, expected, file) => {
    if (file !== undefined) writeFileSync(join(folder, 'mine.yaml'), file);
    const { code, stdout, stderr } = await cosmic(folder, ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    // What a command says before it fails is not part of the error.
    expect(stderr.replace(/^(note|backend): .*\n/gm, '')).toMatch(/^error: .+\n {2}at: {2}.+\n {2}fix: .+\n$/);
    expect(stderr).toMatch(expected);
  });

  it('is JSON on stdout with --json', async () => {
    const { code, stdout } = await cosmic(folder, 'simulate', '--set', 'workload.dpp=2', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'UNKNOWN_PARAMETER', remedy: expect.any(String) } });
  });

  it('says when this version makes another space of a run', async () => {
    expect((await cosmic(folder, 'sweep', 'cosmic-workload', '--count', '8', '--out', 'run', ...CPU)).code).toBe(0);
    const file = join(folder, 'run', 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"fingerprint": "../, '"fingerprint": "zz'));
    const { code, stderr } = await cosmic(folder, 'sweep', '--resume', 'run');
    expect(code).toBe(2);
    expect(stderr).toContain('no longer the space');
  });
});

describe('interruptions', () => {
  it('goes on after a kill in the middle to what an uninterrupted search gives', async () => {
    const whole = cosmic(folder, ...LONG_SEARCH);
    const { child, outcome } = startCosmic(folder, ...LONG_SEARCH, '--out', 'killed');
    await appears(join(folder, 'killed', 'checkpoint.json'));
    child.kill('SIGKILL');
    await outcome;
    const { state } = JSON.parse(readFileSync(join(folder, 'killed', 'checkpoint.json'), 'utf8')) as {
      state: { evaluations: number };
    };
    expect(state.evaluations).toBeLessThan(800_000);
    const resumed = await cosmic(folder, 'search', '--resume', 'killed', '--json');
    expect(resumed.code).toBe(0);
    expect(resultOf(resumed)).toEqual(resultOf(await whole));
  });

  it('keeps, prints and saves what Ctrl-C left, and goes on from there', async () => {
    // Several seconds' worth, so that the interrupt comes before the end.
    const designs = 2_000_000;
    const sweep = ['sweep', 'cosmic-network', '--sample', String(designs), '--pareto', ...CPU];
    const whole = cosmic(folder, ...sweep);
    const { child, outcome } = startCosmic(folder, ...sweep, '--out', 'stopped');
    await appears(join(folder, 'stopped', 'checkpoint.json'));
    child.kill('SIGINT');
    const stopped = await outcome;
    expect(stopped.code).toBe(130);
    const { evaluated, finished, best } = JSON.parse(stopped.stdout) as {
      evaluated: string;
      finished: boolean;
      best: object[];
    };
    expect(finished).toBe(false);
    expect(best.length).toBeGreaterThan(0);
    expect(Number(evaluated)).toBeLessThan(designs);
    const resumed = await cosmic(folder, 'sweep', '--resume', 'stopped', '--json');
    expect(resultOf(resumed)).toEqual(resultOf(await whole));
  });

  it('shows its results on a full disk, keeps the old checkpoint, and ends with 2', async () => {
    const { child, outcome } = startCosmic(folder, ...LONG_SEARCH, '--out', 'full');
    const file = join(folder, 'full', 'checkpoint.json');
    await appears(file);
    child.kill('SIGKILL');
    await outcome;
    const checkpoint = readFileSync(file, 'utf8');
    const { code, stdout, stderr } = await cosmicOnFullDisk(folder, 32, 'search', '--resume', 'full', '--json');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot write the file');
    expect((JSON.parse(stdout) as { best: object[] }).best.length).toBeGreaterThan(0);
    expect(readFileSync(file, 'utf8')).toBe(checkpoint);
  });
});
