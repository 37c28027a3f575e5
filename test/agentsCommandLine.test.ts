import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appears, cosmic, startCosmic } from './commandLine.js';
import { webgpuAvailable } from './webgpu.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosmic-agents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const CPU = ['--backend', 'cpu', '--threads', '1', '--json'];

describe('study agents', () => {
  const study = ['study', 'agents', '--spaces', 'workload', '--agents', 'random,local', '--budgets', '100,200'];
  const quick = [...study, '--seeds', '3', '--no-sensitivity', '--out', 'study', ...CPU];

  it('writes tables and curves, and finds the same again with the optima that it kept', async () => {
    const first = await cosmic(folder, ...quick);
    expect(first.code).toBe(0);
    const { studies } = JSON.parse(first.stdout);
    expect(studies[0].optimum.designs).toBe('572');
    expect(studies[0].regrets).toHaveLength(4);
    for (const file of ['optima.json', 'study.json', 'regrets.csv', 'curves.csv', 'study.md', 'study.svg']) {
      expect(statSync(join(folder, 'study', file)).size).toBeGreaterThan(100);
    }
    expect(readFileSync(join(folder, 'study', 'study.md'), 'utf8')).not.toMatch(/NaN|undefined|Infinity/);
    // What a process leaves that was killed while it wrote.
    const left = join(folder, 'study', `optima.json.4294967295.${'0'.repeat(32)}.tmp`);
    writeFileSync(left, '[');
    expect((await cosmic(folder, ...quick)).stdout).toBe(first.stdout);
    expect(existsSync(left)).toBe(false);
  });

  it.each([
    [['--spaces', 'moon'], "--spaces has 'moon'"],
    [['--agents', 'random,smith'], "--agents has 'smith'"],
    [['--budgets', '1'], "--budgets is '1'"],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await cosmic(folder, 'study', 'agents', ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });
});

describe('validate agents', () => {
  it('reports errors by problem and group', async () => {
    const { stdout } = await cosmic(folder, 'validate', 'agents', '--seeds', '1', '--json');
    const { cases, groups, results, maxRelError } = JSON.parse(stdout);
    expect(cases).toBe(18);
    expect(groups.map(({ group }: { group: string }) => group)).toEqual([
      'continuous',
      'integer',
      'categorical',
      'mixed',
    ]);
    expect(maxRelError).toBe(Math.max(0, ...results.map(({ relError }: { relError: number }) => relError)));
  });
});

describe('search', () => {
  /** Kills a search once it has saved something, resumes it, and expects what it finds in one go. */
  async function expectSameAfterKill(search: readonly string[]): Promise<void> {
    const whole = await cosmic(folder, ...search, '--out', 'whole');
    expect(whole.code).toBe(0);
    const { child, outcome } = startCosmic(folder, ...search, '--out', 'killed');
    await appears(join(folder, 'killed', 'checkpoint.json'));
    child.kill('SIGKILL');
    await outcome;
    const resumed = await cosmic(folder, 'search', '--resume', 'killed', '--json');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout).history).toEqual(JSON.parse(whole.stdout).history);
    const checkpoint = (run: string) => readFileSync(join(folder, run, 'checkpoint.json'), 'utf8');
    expect(checkpoint('killed')).toBe(checkpoint('whole'));
  }

  it('by CMA-ES on islands goes on after a kill to what an uninterrupted search finds', async () => {
    await expectSameAfterKill([
      ...['search', 'cosmic-full', '--agent', 'cmaes', '--islands', '4', '--evaluations', '60000', ...CPU],
    ]);
  });

  const islands = [
    'search',
    'cosmic-full',
    '--agent',
    'island-ga',
    '--islands',
    '40',
    '--population',
    '50',
    '--seed',
    '0',
  ];

  it('by island-ga goes on after a kill to what an uninterrupted search finds', async () => {
    await expectSameAfterKill([...islands, '--evaluations', '200000', ...CPU]);
  });

  it('by island-ga on a GPU goes on after a kill to what an uninterrupted search finds', async ({ skip }) => {
    if (!(await webgpuAvailable())) skip();
    await expectSameAfterKill([...islands, '--evaluations', '400000', '--backend', 'webgpu', '--json']);
  });

  it("keeps the agent's parameters and its islands' migration in the run, and resumes with them", async () => {
    const tuned = [
      '--agent-option',
      'mutations=2',
      '--agent-option',
      'elite=0.2',
      '--islands',
      '3',
      '--migration',
      '2',
    ];
    const search = ['search', 'cosmic-full', '--evaluations', '40000', '--population', '50', ...tuned, ...CPU];
    const whole = await cosmic(folder, ...search, '--out', 'whole');
    expect(whole.stderr).not.toContain('note:');
    const manifest = JSON.parse(readFileSync(join(folder, 'whole', 'manifest.json'), 'utf8'));
    expect(manifest.settings).toMatchObject({ parameters: { mutations: 2, elite: 0.2 }, islands: 3, migration: 2 });
    const { child, outcome } = startCosmic(folder, ...search, '--out', 'killed');
    await appears(join(folder, 'killed', 'checkpoint.json'));
    child.kill('SIGKILL');
    await outcome;
    await cosmic(folder, 'search', '--resume', 'killed', '--threads', '1');
    const checkpoint = (run: string) => readFileSync(join(folder, run, 'checkpoint.json'), 'utf8');
    expect(checkpoint('killed')).toBe(checkpoint('whole'));
  });

  it.each([
    [['--agent', 'cmaes', '--islands', '2'], 'the agent cmaes keeps no designs that it could send'],
    [['--agent', 'ga'], 'there is one island'],
  ])('says that %j does not migrate', async (options, message) => {
    const search = ['search', 'cosmic-workload', '--evaluations', '100', '--migration', '5', ...options, ...CPU];
    const { code, stderr } = await cosmic(folder, ...search);
    expect(code).toBe(0);
    expect(stderr).toContain(message);
  });

  it('lists the parameters of all agents', async () => {
    const { stdout } = await cosmic(folder, 'search', '--help');
    expect(stdout).toMatch(/\n {2}cmaes\n {4}population {2,}samples/);
    const words = stdout.replaceAll(/\s+/g, ' ');
    expect(words).toContain('genes of a child that mutate, on average (number from 0 to 1,000; default 1)');
    expect(words).toContain('what suits the space (whole number from 0 to 1,048,576; default 0)');
  });

  it.each([
    [['--constraint', 'memory < 3'], "constraint 'memory < 3' is not understood"],
    [['--objective', 'time', '--objective', 'cost'], 'the agent ga has one objective, not 2'],
    [['--islands', '0'], "--islands is '0'"],
    [['--agent-option', 'mutations'], "--agent-option has 'mutations'"],
    [['--agent-option', 'mutation=2'], "the agent ga has no parameter 'mutation'"],
    [['--agent-option', 'elite=2'], 'the agent ga cannot have elite = 2'],
    [['--population', '64', '--agent-option', 'population=64'], 'say the same'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await cosmic(folder, 'search', 'cosmic-workload', '--backend', 'cpu', ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
