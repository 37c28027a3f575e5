/** Proofs as a user makes them: the command, its certificate, kills. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { chance } from './chance.js';
import { cosmic, type Outcome, startCosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

/** Kills of one proof at random moments: COSMIC_KILLS=50 for as many as the documents claim. */
const KILLS = Number(process.env.COSMIC_KILLS ?? 4);

const folder = temporaryFolder('prove');
const random = chance();

/** Waits for a file of a run. */
async function written(run: string, file: string): Promise<void> {
  while (!existsSync(join(folder, run, file))) await setTimeout(20);
}

/** A run that several tests look at: the first of them makes it, so that each test may be run alone. */
function madeOnce(...args: string[]): () => Promise<Outcome> {
  let outcome: Promise<Outcome> | undefined;
  return () => {
    outcome ??= cosmic(folder, ...args);
    return outcome;
  };
}

const certificate = (run: string) => readFileSync(join(folder, run, 'certificate.jsonl'), 'utf8');

/** Two objectives in turns of a space that a proof takes a second or two for. */
const FULL = ['prove', 'cosmic-full', '--objective', 'time*cost', '--backend', 'cpu', '--threads', '1'];
const HARD = [...FULL, '--system', 'cosmic-2048', '--model', 'gpt3-13b'];

describe('cosmic prove', () => {
  const full = madeOnce(...FULL, '--out', 'full');

  it('proves the best of 18,977,587,200,000 designs, and its certificate holds', async () => {
    const { code, stdout } = await full();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^proved: none of 18,977,587,200,000 designs is better$/m);
    // Nothing below 540.7 million can exist: every workload computes for 593.3 s, the least network costs $ 911,360.
    expect(stdout).toMatch(/^best time × cost: 546,924,564 s × \$/m);
    const check = await cosmic(folder, 'prove', '--check', 'full', '--json');
    expect(check.code, check.stdout).toBe(0);
    expect(JSON.parse(check.stdout)).toMatchObject({
      passed: true,
      designs: '18977587200000',
      optimal: '24',
      faults: [],
    });
    const result = JSON.parse(readFileSync(join(folder, 'full', 'result.json'), 'utf8'));
    expect(result).toMatchObject({ proved: true, finished: true, optimal: '24' });
  });

  it('refuses a certificate that was changed, and an unfinished one', async () => {
    await full();
    const lines = certificate('full').trimEnd().split('\n');
    const better = JSON.parse(lines.at(-1)!) as { claim: { best: { value: number } } };
    better.claim.best.value *= 1.0001;
    for (const [name, changed, exit, message] of [
      ['missing', lines.toSpliced(5000, 1), 1, /do not cover/],
      ['claim', [...lines.slice(0, -1), JSON.stringify(better)], 1, /has the objective/],
      ['cut', lines.slice(0, -1), 2, /is no claim/],
      ['box', lines.with(7, '{"box":"0 0 0","bound":1}'), 2, /no box of the space/],
      ['space', lines.with(0, lines[0]!.replace('layers: 96', 'layers: 95')), 2, /no longer/],
    ] as const) {
      writeFileSync(join(folder, `${name}.jsonl`), `${changed.join('\n')}\n`);
      const { code, stdout, stderr } = await cosmic(folder, 'prove', '--check', `${name}.jsonl`);
      expect(code, name).toBe(exit);
      expect(stdout + stderr).toMatch(message);
    }
  });

  it('killed at random moments it resumes to the same certificate', { timeout: 600_000 }, async () => {
    await cosmic(folder, ...HARD, '--out', 'whole');
    const begun = startCosmic(folder, ...HARD, '--out', 'killed');
    await written('killed', 'manifest.json');
    await setTimeout(1000 * random());
    begun.child.kill('SIGKILL');
    await begun.outcome;
    for (let kill = 1; kill < KILLS; kill++) {
      const { child, outcome } = startCosmic(folder, 'prove', '--resume', 'killed');
      await setTimeout(600 + 1500 * random());
      child.kill('SIGKILL');
      await outcome;
    }
    const { code, stdout, stderr } = await cosmic(folder, 'prove', '--resume', 'killed');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^proved: /m);
    expect(certificate('killed') === certificate('whole')).toBe(true);
  });

  it('ends within a gap, or in time, and says how far it is', async () => {
    const gap = await cosmic(folder, ...HARD, '--gap', '0.05', '--out', 'gap');
    expect(gap.stdout).toMatch(/^proved: none of [\d,]+ designs is more than 5 % better$/m);
    for (const option of ['--timeout', '--time']) {
      const ended = await cosmic(folder, ...HARD, option, '0.01', '--out', `ended${option}`, '--json');
      const { proved, bound, best } = JSON.parse(ended.stdout);
      expect(proved).toBe(false);
      expect(bound).toBeLessThanOrEqual(best[0]?.objectives[0] ?? Infinity);
    }
  });

  it.each([
    [['prove'], /no space is named/],
    [['search', 'cosmic-full', '--prove', '--objective', 'time^-1'], /has no bound/],
    [
      ['search', 'cosmic-full', '--prove', '--agent', 'nsga2', '--objective', 'time', '--objective', 'cost'],
      /one objective/,
    ],
    [['prove', 'cosmic-full', '--objective', 'time^-1'], /has no bound/],
    [['prove', 'cosmic-full', '--gap', '1'], /--gap is 1/],
    [['prove', 'cosmic-extended'], /root boxes/],
    [['prove', 'cosmic-full', '--profile', 'astra-sim'], /root boxes/],
    [['prove', 'cosmic-full', '--timeout', '0'], /--timeout/],
    [['prove', 'cosmic-full', '--time', '0'], /--time/],
    [['prove', '--check', 'nowhere'], /nowhere/],
  ])('%j is one clear error', async (args, message) => {
    const { code, stderr } = await cosmic(folder, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('cosmic search --prove', () => {
  /** A search that is far too short, of a space that a proof takes a second for. */
  const SHORT = ['--system', 'cosmic-2048', '--model', 'gpt3-13b', '--objective', 'time*cost', '--evaluations', '300'];
  const search = (...args: string[]) => ['search', 'cosmic-full', '--prove', ...SHORT, ...args, '--backend', 'cpu'];
  const short = madeOnce(...search('--out', 'short'));

  it('goes on to a design that the search has missed, and keeps the certificate', async () => {
    const { code, stdout } = await short();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^proved: none of 38,645,268,480,000 designs is better$/m);
    const result = JSON.parse(readFileSync(join(folder, 'short', 'result.json'), 'utf8'));
    const proven = JSON.parse((await cosmic(folder, 'prove', '--check', 'short', '--json')).stdout);
    expect(result).toMatchObject({ finished: true, proof: { proved: true, optimal: proven.optimal } });
    expect(proven).toMatchObject({ passed: true, designs: '38645268480000' });
    const [best, second] = result.best;
    expect(best.objectives[0]).toBeCloseTo(proven.best.value, 6);
    expect(best.objectives[0]).toBeLessThan(result.history.at(-1)[1] * 0.999);
    expect(second.objectives[0]).toBeCloseTo(result.history.at(-1)[1], -1);
    expect((await cosmic(folder, 'explain', 'short')).code).toBe(0);
  });

  it('goes on after a kill in the midst of its proof, to the same certificate', async () => {
    const { child, outcome } = startCosmic(folder, ...search('--out', 'cut'));
    await written('cut', 'certificate.jsonl');
    await setTimeout(500);
    child.kill('SIGKILL');
    await outcome;
    const { code, stdout, stderr } = await cosmic(folder, 'search', '--resume', 'cut');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^proved: /m);
    await short();
    expect(certificate('cut') === certificate('short')).toBe(true);
  });
});
