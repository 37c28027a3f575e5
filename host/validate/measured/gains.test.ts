/** Gains hold what is promised of them, on publications that had no say in the promise. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { judgedUnseen, measuredFolder } from '../../../test/unseenFiles.js';
import { loadEvidence } from '../../doubt/evidence.js';
import { mean } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import type { CrossedCase } from './crossValidation.js';
import { type GainPair, gainPairs, gainsOf, heldGains } from './gains.js';
import { prepareRows } from './measured.js';
import { predictRows, unseenPairs } from './unseen.js';

const pairs = unseenPairs(
  predictRows({
    rows: judgedUnseen.flatMap((name) => prepareRows({ file: join(measuredFolder, name) }).rows),
    refusals: [],
  }),
);
const held = heldGains(pairs, pairs)!;

describe('runs that nobody fitted, each publication kept out of its own intervals', () => {
  it('80 % intervals hold about 80 %, however runs count', () => {
    expect(held.pairs).toBeGreaterThan(1000);
    expect(held.jobs).toBeGreaterThan(25);
    const { pairs: ofPairs, byJob, bySource } = held.held;
    for (const share of [ofPairs, byJob]) expect(share).toBeGreaterThan(0.78);
    // Publications differ, and a share in which they count alike is known to the standard error of their mean.
    const shares = [...partsOf(pairs, ({ source }) => source).values()].map((own) => heldGains(own, pairs)!.held.pairs);
    expect(mean(shares)).toBeCloseTo(bySource, 9);
    const standardError = Math.sqrt(mean(shares.map((share) => (share - bySource) ** 2)) / (shares.length - 1));
    expect(standardError).toBeLessThan(0.08);
    expect(bySource).toBeGreaterThan(0.8 - standardError);
    for (const share of [byJob, bySource]) expect(share).toBeLessThan(0.92);
    // More than half of all pairs are of one job, whose ratios lie nearer to the predicted ones than others' do.
    expect(ofPairs).toBeLessThan(0.95);
  });

  it('a chance is true as often as it is told: where each job counts alike a little more often', () => {
    for (const { said, faster } of held.chances) {
      expect(faster.byJob).toBeGreaterThan(said.byJob - 0.05);
      expect(Math.abs(faster.pairs - said.pairs)).toBeLessThan(0.08);
    }
    // Most jobs have a few pairs whose chance is between two, so that one such share tells little, and all together what is promised.
    const jobs = held.chances.reduce((sum, chance) => sum + chance.jobs, 0);
    const excess = held.chances.reduce((sum, one) => sum + (one.jobs / jobs) * (one.faster.byJob - one.said.byJob), 0);
    expect(excess).toBeGreaterThan(0);
    expect(excess).toBeLessThan(0.1);
    const [coin, most] = [held.chances[0]!, held.chances.at(-1)!];
    expect(coin.to).toBe(0.6);
    expect(coin.jobs).toBeGreaterThan(10);
    expect(coin.faster.pairs).toBeLessThan(0.6);
    expect(most.faster.byJob).toBeGreaterThan(0.9);
  });

  it('a chance is nearer to what came true than a coin, and than the share of others that lost less than the gain', () => {
    // Where gains of all sizes shift alike, small ones are told at less than a half: Brier scores of 0.210 and 0.158 of predictions as they were.
    expect(held.brier.pairs).toBeLessThan(0.2);
    expect(held.brier.byJob).toBeLessThan(0.13);
    expect(held.logScore.pairs).toBeLessThan(0.58);
    expect(held.logScore.byJob).toBeLessThan(0.4);
  });

  it('are what evidence has, but for what constants changed since', () => {
    const [counted, known] = [gainsOf(pairs)!, loadEvidence().gains!];
    expect(Math.abs(counted.pairs - known.pairs)).toBeLessThan(50);
    expect(counted.publications).toBe(known.publications);
    expect(Math.abs(counted.half - known.half)).toBeLessThan(0.02);
    for (const end of [0, 1] as const) expect(Math.abs(counted.middle[end] - known.middle[end])).toBeLessThan(0.05);
  });

  it('docs/doubt.md says how often, but for what constants changed since', () => {
    const document = readFileSync(join(packageRoot, 'docs', 'doubt.md'), 'utf8').replaceAll('\n', ' ');
    const said =
      /these hold (\d+) % of the pairs, where each job counts alike (\d+) %, where each publication does (\d+) %/.exec(
        document,
      )!;
    const { pairs: all, byJob, bySource } = held.held;
    for (const [i, share] of [all, byJob, bySource].entries()) {
      expect(Math.abs(100 * share - Number(said[i + 1]))).toBeLessThan(5);
    }
  });
});

describe('pairs', () => {
  const run = (source: string, got: number, expected: number, global_batch = 8) =>
    ({
      ...{ id: '', group: source, of: 'here', got, expected },
      row: { source, gpus: 8, layers: 4, seq: 512, global_batch, iteration_s: expected },
    }) as CrossedCase;

  it('are of runs of one source that are predicted to differ, per token', () => {
    const [pair, ...others] = gainPairs([run('a', 1, 1), run('a', 3, 4, 16), run('b', 9, 9)]);
    expect(others).toEqual([]);
    expect(pair!.predicted).toBeCloseTo(Math.log(1.5), 9);
    expect(pair!.measured).toBeCloseTo(Math.log(2), 9);
    expect(gainPairs([run('a', 1, 1), run('a', 1.004, 4)])).toEqual([]);
  });

  it('have no say in intervals of their own publication', () => {
    const pair = (source: string, off: number): GainPair => ({ unit: source, source, predicted: 1, measured: 1 + off });
    const some = [pair('a', 0), pair('a', 0.5), pair('b', 0), pair('b', 0.5)];
    expect(heldGains(some, some)!.held.pairs).toBe(1);
    const own = [...some, pair('c', 5)];
    expect(heldGains(own, own)!.held.bySource).toBeCloseTo(2 / 3, 9);
    expect(heldGains(some, [])).toBeUndefined();
  });
});
