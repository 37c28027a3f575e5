/** How often runs fitted that were said to with a chance, each judged by other publications than its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { chanceToFit, loadMemoryEvidence } from '../../doubt/memoryFit.js';
import { mean } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import type { MemoryCase } from './memoryCases.js';
import { memoryEvidence } from './memoryEvidence.js';
import { stepCases } from './memorySteps.js';

const file = (name: string) => join(packageRoot, 'test', 'data', 'measured', name);

const step = (source: string, predicted: number, rest: Partial<MemoryCase>): MemoryCase => ({
  ...{ id: '', source, model: '', allocated: undefined, reserved: undefined, fits: true },
  predicted: { allocated: predicted, reserved: predicted, fits: true },
  room: { reserve: 0, capacity: 1 },
  ...rest,
});

it('a job that needs more is less sure to fit, and never wholly sure', () => {
  const peaks = [0.9, 1.1, 1.3].map((reserved) => step('a', 1, { reserved }));
  const evidence = memoryEvidence(peaks, '');
  expect(evidence.publications).toEqual([{ source: 'a', printed: 3, ran: 0, failed: 0 }]);
  const chances = [0.5, 0.8, 1, 1.2].map((share) => chanceToFit(share, evidence));
  for (const [i, share] of [3, 2, 1, 0].entries()) expect(chances[i]).toBeCloseTo((share / 3 + 0.5) / 2, 2);
});

it('a publication counts as the root of its runs', () => {
  const many = Array.from({ length: 16 }, () => step('a', 1, { reserved: 1.2 }));
  const evidence = memoryEvidence([...many, step('b', 1, { reserved: 0.8 })], '');
  expect(evidence.ratios).toEqual([0.8, 1.2]);
  expect(evidence.weights).toEqual([0.2, 0.8]);
});

it('a run that prints nothing says what its peak was not: of printed ones, those that agree with it are as likelier', () => {
  const printed = ['a', 'b', 'c', 'd'].map((source, i) => step(source, 1, { reserved: 0.8 + 0.2 * i }));
  const withOne = (one: MemoryCase) => memoryEvidence([...printed, one], '').weights;
  // It filled no more than 1 of the 0.9 that was predicted: at most 1.11 times as much.
  for (const [i, share] of [0.3, 0.3, 0.2, 0.2].entries()) {
    expect(withOne(step('e', 0.9, {}))[i]).toBeCloseTo(share, 2);
    expect(withOne(step('e', 0.9, { fits: false }))[i]).toBeCloseTo(0.5 - share, 2);
  }
  // Of what filled less than all that is printed, its limit is what is known.
  expect(memoryEvidence([...printed, step('e', 2, {})], '').ratios[0]).toBe(0.5);
});

const firstSet = ['unseen.csv', 'unseen-oom.csv'].flatMap((name) => stepCases(file(name)));
const cases = [...firstSet, ...['unseen2.csv', 'unseen3.csv'].flatMap((name) => stepCases(file(name)))];

it('evidence is of all runs that nobody fitted, but for what memory changed since', () => {
  const known = loadMemoryEvidence();
  const counted = memoryEvidence(cases, '');
  expect(counted.publications).toEqual(known.publications);
  for (const share of [0.5, 0.7, 0.9, 1.1]) {
    expect(Math.abs(chanceToFit(share, counted) - chanceToFit(share, known))).toBeLessThan(0.05);
  }
});

it('chances of publications that had no say are nearer to what happened than a yes or no', () => {
  const judged = [...partsOf(cases, ({ source }) => source)].flatMap(([source, own]) => {
    const others = memoryEvidence(
      cases.filter((one) => one.source !== source),
      '',
    );
    return own.map((one) => {
      const chance = chanceToFit((one.predicted.reserved + one.room!.reserve) / one.room!.capacity, others);
      return { one, source, ran: one.fits ? 1 : 0, said: one.predicted.fits ? 1 : 0, chance };
    });
  });
  type Judged = (typeof judged)[number];
  const lost = (some: readonly Judged[], kind: 'said' | 'chance') =>
    mean(some.map((all) => (all[kind] - all.ran) ** 2));
  const lostBySource = (kind: 'said' | 'chance') =>
    mean([...partsOf(judged, ({ source }) => source).values()].map((own) => lost(own, kind)));
  const ofFirst = new Set(firstSet);
  const first = judged.filter(({ one }) => ofFirst.has(one));
  expect([first.length, judged.length]).toEqual([280, 462]);
  expect(lost(first, 'chance')).toBeLessThan(0.05);
  expect(lost(first, 'chance')).toBeLessThan(lost(first, 'said') - 0.01);
  expect(lost(judged, 'chance')).toBeLessThan(lost(judged, 'said') - 0.01);
  // Of publications with a run or two most are said to fit, and ran: where all count alike a yes is nearly as near.
  expect(lostBySource('chance')).toBeLessThan(lostBySource('said'));
  expect(lostBySource('chance')).toBeLessThan(0.11);
  const sharesOf = (some: readonly Judged[]) =>
    [some.filter(({ chance }) => chance > 0.75), some.filter(({ chance }) => chance < 0.5)].map(
      (own) => 100 * mean(own.map(({ ran }) => ran)),
    );
  const [likely, unlikely] = sharesOf(first);
  expect(likely).toBeGreaterThan(95);
  expect(unlikely).toBeLessThan(40);
  const document = readFileSync(join(packageRoot, 'docs', 'check.md'), 'utf8').replaceAll('\n', ' ');
  const said =
    /Of 462 runs, each judged without its own publication, (\d+) % ran of those that were given more than 75 %, and (\d+) % of those/.exec(
      document,
    )!;
  // Few are given less than half, so that each counts for some points of their share.
  for (const [i, share] of sharesOf(judged).entries()) {
    expect(Math.abs(share - Number(said[i + 1]))).toBeLessThan([3, 20][i]!);
  }
});
