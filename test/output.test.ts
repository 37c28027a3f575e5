/** What becomes of a command's output where nobody takes it: a full disk, readers that are gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { cosmic, cosmicAfter } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder('output');

const LONG = ['simulate', '--operations', '--json'];
const SEARCH = ['search', 'cosmic-workload', '--evaluations', '40', '--population', '20', '--threads', '1'];
const LOST = /error: cannot write the answer \(E[A-Z]+: [^\n]+\)\n {2}at: {2}stdout\n {2}fix: [^\n]+\n$/;

describe.skipIf(process.platform === 'win32')('stdout', () => {
  it.each([
    ['a count', ['psa', 'count', 'cosmic-full']],
    ['JSON', LONG],
    ['help', ['sweep', '--help']],
    ['a search', [...SEARCH, '--backend', 'cpu', '--out', 'kept']],
    ['an error as JSON', ['psa', 'count', 'none', '--json']],
  ])('that is a full device ends the command with an error: %s', async (what, args) => {
    const { code, stderr } = await cosmicAfter(folder, 'exec >/dev/full', ...args);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(what === 'an error as JSON' ? /^error: [^\n]+none/ : LOST);
  });

  it('that a full disk cuts short is an error, and the run is kept', async () => {
    const { code, stderr } = await cosmicAfter(folder, 'ulimit -f 4; exec >cut.json', ...LONG);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(LOST);
    expect((await cosmic(folder, 'explain', 'kept')).code).toBe(0);
  });

  it('that is a file gets all of it', async () => {
    const { stdout } = await cosmic(folder, ...LONG);
    expect((await cosmicAfter(folder, 'exec >whole.json', ...LONG)).code).toBe(0);
    expect(readFileSync(join(folder, 'whole.json'), 'utf8')).toBe(stdout);
    expect(stdout.length).toBeGreaterThan(4096);
  });

  it('whose reader has seen enough is no error', async () => {
    const { code, stderr } = await cosmicAfter(folder, 'exec > >(exec true); sleep 0.2', ...LONG);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

it.skipIf(process.platform === 'win32')(
  'a reader of stderr that is gone misses notes, and the run goes on',
  async () => {
    const script = 'exec 2> >(exec true); sleep 0.2';
    const { code, stdout } = await cosmicAfter(
      folder,
      script,
      ...SEARCH,
      '--backend',
      'cpu',
      '--json',
      '--out',
      'unread',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ settings: { evaluations: 40 } });
  },
);

it('all commands write by host/cli/output.ts', () => {
  const sources = join(packageRoot, 'host', 'cli');
  const writers = readdirSync(sources).filter((name) =>
    /process\.std(out|err)\.write|console\./.test(readFileSync(join(sources, name), 'utf8')),
  );
  expect(writers).toEqual(['output.ts']);
});

it('threads are as many as cores at most', async () => {
  const { stderr } = await cosmic(
    folder,
    'sweep',
    'cosmic-workload',
    '--count',
    '10',
    '--backend',
    'cpu',
    '--threads',
    '1024',
  );
  const [, cores] = /^note: --threads is 1024, and (\d+) cores? /.exec(stderr) ?? [];
  expect(stderr).toContain(`CPU, ${cores} thread`);
});

it('names of files are written out where they would command a terminal', async () => {
  const name = 'a\u001b]0;title\u0007\u001b[31m\u009b2J';
  const { code, stdout, stderr } = await cosmic(folder, 'export', '--format', 'astra-sim', '--out', name);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('written to a\\u{1b}]0;title\\u{7}\\u{1b}[31m\\u{9b}2J: ');
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

it('an MFU above 100 % is explained, which only the count of operations of the astra-sim profile gives', async () => {
  const mfu = async (profile: string) => {
    const args = [
      'simulate',
      'cosmic-full',
      '--profile',
      profile,
      '--ordinal',
      '18959798663709',
      '--set',
      'model.layers=4',
    ];
    const { stdout } = await cosmic(folder, ...args);
    const [, percent] = /model FLOP utilisation \(%\) +([\d.]+)/.exec(stdout) ?? [];
    return {
      percent: Number(percent),
      explained: stdout.includes('MFU above 100 %: to ASTRA-sim a multiply-accumulate'),
    };
  };
  expect(await mfu('astra-sim')).toEqual({ percent: expect.toSatisfy((percent) => percent > 100), explained: true });
  expect(await mfu('default')).toEqual({ percent: expect.toSatisfy((percent) => percent < 100), explained: false });
});
