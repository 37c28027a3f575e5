import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder('results');
beforeAll(async () => {
  await cosmic(folder, 'sweep', 'cosmic-workload', '--backend', 'cpu', '--threads', '1', '--out', 'run');
});

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await cosmic(folder, ...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('explain', () => {
  it('explains a design of a run by its rank, of a space by its ordinal, and a default', async () => {
    const second = await json('explain', 'run', '--rank', '2');
    const same = await json('explain', 'cosmic-workload', '--ordinal', second.ordinal as string);
    expect(same).toEqual(second);
    const usual = await json('explain', '--system', 'dgx-a100', '--model', 'mixtral-8x7b');
    expect(usual.ordinal).toBeNull();
    const astra = await json('explain', '--profile', 'astra-sim');
    for (const { sentences } of [second, usual, astra] as { sentences: string[] }[]) {
      expect(sentences.length).toBeGreaterThan(2);
      expect(sentences.join(' ')).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it.each([
    ['a rank that the run does not have', ['run', '--rank', '999'], /rank 999/],
    ['an ordinal without a space', ['--ordinal', '3'], /--ordinal/],
    ['a rank of a space', ['cosmic-workload', '--rank', '1'], /--rank/],
    ['a change of a run', ['run', '--set', 'workload.dp=8'], /--set/],
    ['a space without a design', ['cosmic-workload'], /--ordinal 0/],
  ])('refuses %s', async (_, args, message) => {
    const { code, stderr } = await cosmic(folder, 'explain', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

it('simulates a design of a run in full, and says where its timeline is', async () => {
  const { outputs } = await json('explain', 'run', '--rank', '2');
  expect((await json('simulate', 'run', '--rank', '2')).outputs).toEqual(outputs);
  const { stdout } = await cosmic(folder, 'simulate', 'run', '--trace', 'step.json');
  expect(stdout).toContain('timeline written to step.json');
});

it('shows every operation and collective of a simulated step', async () => {
  const { stdout } = await cosmic(folder, 'simulate', '--operations');
  for (const heading of [
    'GFLOP',
    'bound by',
    'per step',
    'dimension: NPUs, algorithm',
    'payload (MB)',
    'sums: compute',
  ]) {
    expect(stdout).toContain(heading);
  }
  const { operations } = await json('simulate', '--operations');
  expect((operations as { operations: object[] }[])[0]!.operations.length).toBeGreaterThan(20);
});

it('exports a run to ASTRA-sim, for whose own time validation waits, and imports the system again', async () => {
  const { files, timeNs } = await json('export', 'run', '--format', 'astra-sim', '--out', 'astra');
  for (const file of files as string[]) expect(existsSync(join(folder, 'astra', file))).toBe(true);
  expect(timeNs).toBeGreaterThan(0);
  const validation = join(folder, 'astra', 'validation.json');
  const check = () => cosmic(folder, 'validate', 'workloads', validation, '--max-error', '0');
  // Nothing is compared with itself: the time is the program's, which a run fills in.
  expect((await check()).code).toBe(1);
  writeFileSync(validation, readFileSync(validation, 'utf8').replace('"time_ns": null', `"time_ns": ${timeNs}`));
  expect((await check()).code).toBe(0);
  await json('import', 'astra/network.yml', 'astra/system.json', '--out', 'mine.yaml', '--memory-capacity', '24');
  expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toContain('memoryCapacityGB: 24');
  const degrees = ['dp=8', 'tp=4', 'sp=8', 'pp=4'].flatMap((degree) => ['--set', `workload.${degree}`]);
  const [own, imported] = await Promise.all(
    ['cosmic-1024', 'mine.yaml'].map((system) => json('simulate', '--system', system, ...degrees)),
  );
  const network = ({ outputs }: Record<string, unknown>) => (outputs as Record<string, number>).costUsd;
  expect(network(imported!)).toBe(network(own!));
});

describe('searches of one space', () => {
  const search = ['search', 'cosmic-full', '--evaluations', '600', '--backend', 'cpu', '--threads', '1'];
  const runs = [
    ['ga', '0'],
    ['ga', '1'],
    ['random', '0'],
  ] as const;

  beforeAll(async () => {
    const started = runs.map(([agent, seed]) => [
      ...search,
      '--agent',
      agent,
      '--seed',
      seed,
      '--out',
      `${agent}${seed}`,
    ]);
    await Promise.all(started.map((args) => cosmic(folder, ...args)));
  });

  it('merge into a run that knows all of them, and merges on', async () => {
    const two = await json('merge', 'ga0', 'ga1', '--out', 'two');
    const all = await json('merge', 'two', 'random0', '--out', 'all');
    expect(two.evaluations).toBe(1200);
    expect(all.evaluations).toBe(1800);
    expect((all.searches as { agent: string; seed: number }[]).map(({ agent, seed }) => [agent, String(seed)])).toEqual(
      runs,
    );
    const single = await Promise.all(runs.map(([agent, seed]) => json('explain', `${agent}${seed}`)));
    const time = ({ outputs }: Record<string, unknown>) => (outputs as { timeUs: number }).timeUs;
    const best = Math.min(...single.map(time));
    expect(time(await json('explain', 'all'))).toBeCloseTo(best, -Math.log10(best) + 5);
    expect(JSON.parse(readFileSync(join(folder, 'all', 'best.json'), 'utf8'))).toEqual((all.best as object[])[0]);
  });

  it('are gone on with where they are merged: those at their end stay as they are', async () => {
    const merged = await json('merge', 'ga0', 'ga1', '--out', 'both');
    expect(await json('search', '--resume', 'both')).toEqual(merged);
  });

  it.each([
    ['a search twice', ['merge', 'ga0', 'ga0'], /there twice/],
    ['one search', ['merge', 'ga0'], /nothing to merge/],
    ['a search and a sweep of another space', ['merge', 'ga0', 'run'], /same space/],
    ['a sweep and a search', ['merge', 'run', 'ga0'], /not a sweep/],
    ['searches of other things', ['report', 'ga0', 'other'], /same space and objective/],
  ])('refuse %s', async (_, args, message) => {
    if (args.includes('other')) await cosmic(folder, ...search, '--objective', 'cost', '--out', 'other');
    const { code, stderr } = await cosmic(folder, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

it("writes Megatron-LM's arguments, to stdout or a file", async () => {
  const dgx = ['export', '--system', 'dgx-h100', '--model', 'llama3-70b', '--format', 'megatron'];
  const { stdout } = await cosmic(folder, ...dgx);
  const { stdout: said } = await cosmic(folder, ...dgx, '--out', 'megatron.txt');
  expect(said).toBe('written to megatron.txt\n');
  const written = await json(...dgx, '--out', 'again.txt');
  for (const file of ['megatron.txt', 'again.txt']) expect(readFileSync(join(folder, file), 'utf8')).toBe(stdout);
  expect(written).toEqual({ file: 'again.txt', ...(await json(...dgx)) });
  expect(written.arguments).toContain('--num-query-groups 8');
});

it.each(['megatron', 'astra-sim'])('refuses to write an infeasible design for %s, unless asked', async (format) => {
  const set = ['compute.memoryCapacityGB=1', 'workload.axisOrder=tp-sp-ep-dp-pp'].flatMap((one) => ['--set', one]);
  const full = ['export', ...set, '--format', format, '--out', `full-${format}`];
  const refused = await cosmic(folder, ...full);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('the design is infeasible: needs more memory');
  expect(existsSync(join(folder, `full-${format}`))).toBe(false);
  const asked = await cosmic(folder, ...full, '--infeasible', '--set', 'model.layers=4');
  expect(asked.code).toBe(0);
  expect(asked.stderr).toContain('warning: the design is infeasible');
});

it('compares the stacks from the command line, and says what it cannot compare', async () => {
  const fixed = ['200', '200', '50'].flatMap((value, d) => ['--set', `network.bandwidthGBps[${d + 1}]=${value}`]);
  const small = ['--system', 'cosmic-512', '--model', 'vit-base', ...fixed];
  const options = ['--evaluations', '2000', '--backend', 'cpu', '--threads', '1'];
  const { optima } = await json('compare', ...small, ...options);
  expect((optima as { stack: string; method: string }[]).map(({ stack, method }) => [stack, method])).toEqual([
    ['workload', 'proof'],
    ['collective', 'proof'],
    ['network', 'proof'],
    ['full', 'proof'],
  ]);
  const astra = await json('compare', ...small, ...options, '--profile', 'astra-sim');
  expect(astra.profile).toBe('astra-sim');
  const network = (astra.optima as { stack: string; designs: string; evaluated: string }[])[2]!;
  expect(Number(network.evaluated)).toBeLessThan(Number(network.designs) / 10);
  expect((astra.optima as { method: string }[]).map(({ method }) => method)).toEqual([
    'proof',
    'proof',
    'proof',
    'search',
  ]);
  const inference = await cosmic(folder, 'compare', '--model', 'gpt3-175b-qa', '--profile', 'astra-sim');
  expect([inference.code, inference.stderr]).toEqual([2, expect.stringContaining('does not cover gpt3-175b-qa')]);
  const { code, stderr } = await cosmic(folder, 'compare', '--set', 'system.npus=24', ...options);
  expect(code).toBe(2);
  expect(stderr).toContain('space is empty');
});

it('says what money is counted with and where that is from, and which machine is cheaper', async () => {
  const layouts =
    'workload: { batch: 512, tp: { values: [4, 8] }, microBatch: 1, weightSharding: zero1, recomputation: full }';
  writeFileSync(join(folder, 'buy.yaml'), `version: 1\nname: buy\nsystem: h200-sxm\nmodel: llama3-70b\n${layouts}\n`);
  const sweep = (...args: string[]) =>
    cosmic(folder, 'sweep', 'buy.yaml', '--tokens', '2T', '--objective', 'dollars', '--backend', 'cpu', ...args);
  const { stdout, stderr } = await sweep('--out', 'h200');
  expect(stdout, stderr).toMatch(
    /^with job\.tokens 2,000,000,000,000 tokens, prices\.npuHourUsd 5\.410 \$\/h \(AWS .*, 2024-12\)$/m,
  );
  expect(stdout).toContain('job.tokens=2e12');
  const own = await sweep('--system', 'b200', '--set', 'prices.npuHourUsd=2', '--out', 'b200');
  expect(own.stdout).toMatch(/prices\.npuHourUsd 2 \$\/h$/m);
  const search = await cosmic(folder, 'search', 'buy.yaml', '--evaluations', '20', '--backend', 'cpu');
  expect(search.stdout).toContain('Best designs by');
  expect(search.stdout, 'nothing ties').not.toContain('ties');
  await cosmic(folder, 'report', 'h200', '--beside', 'b200', '--out', 'beside.html');
  const cells = (heading: string) =>
    new RegExp(`<th scope="row">${heading}</th>(.*?)</tr>`).exec(
      readFileSync(join(folder, 'beside.html'), 'utf8'),
    )?.[1];
  expect(cells('best objective')).toMatch(/× the least<.*, the least</);
  expect(cells('memory of the best')).toMatch(/>fits: .*>fits: /);
  expect(cells('facts')).toMatch(/AWS.*\$\/h</);
});

it('refuses a study of nothing', async () => {
  const { code, stderr } = await cosmic(folder, 'study', 'paper', '--models', 'bert');
  expect(code).toBe(2);
  expect(stderr).toContain('--models');
});
