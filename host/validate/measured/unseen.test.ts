import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { allUnseen, measuredFolder as folder, judgedUnseen } from '../../../test/unseenFiles.js';
import { type Evidence, loadEvidence } from '../../doubt/evidence.js';
import { LEVELS } from '../../doubt/spread.js';
import { readCsv } from '../csv.js';
import { prepareRows } from './measured.js';
import { trainingRow } from './row.js';
import { predictRows, publicationsOf, unseenOf } from './unseen.js';

const FILES = judgedUnseen;
const parts = FILES.map((file) => prepareRows({ file: join(folder, file) }));
const predicted = predictRows({
  rows: parts.flatMap(({ rows }) => rows),
  refusals: parts.flatMap(({ refusals }) => refusals),
});
const { prepared } = predicted;
const known = loadEvidence();
const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');

const withSpread = (of: (level: number) => number, evidence: Evidence = known): Evidence => ({
  ...evidence,
  publications: [],
  classes: evidence.classes.map((one) => ({ ...one, spread: LEVELS.map(of) })),
});
/** Shares of steps that intervals hold, and with each publication alike. */
function sharesOf(sources: ReturnType<typeof unseenOf>['sources']) {
  const steps = sources.reduce((sum, one) => sum + one.steps, 0);
  const shareOf = (by: 'held' | 'heldByFitted') => sources.reduce((sum, one) => sum + one[by]! * one.steps, 0) / steps;
  const alike = sources.reduce((sum, { held }) => sum + held!, 0) / sources.length;
  return { held: shareOf('held'), heldByFitted: shareOf('heldByFitted'), alike };
}
const heldOf = (evidence: Evidence) => unseenOf(FILES, predicted, evidence).sources.map(({ held }) => held);

it('an interval of any width holds all, one of none nothing, and without classes nothing is said', () => {
  expect(new Set(heldOf(withSpread((level) => (level < 0.5 ? -9 : 9))))).toEqual(new Set([1]));
  // Of frameworks that nobody knows an interval reaches to the slowest host, so none is slow here.
  expect(new Set(heldOf({ ...withSpread(() => 0), slowestLaunchUs: 0 }))).toEqual(new Set([0]));
  expect(new Set(heldOf({ ...known, classes: [] }))).toEqual(new Set([undefined]));
});

it('of a framework that nobody knows the upper end starts from the slowest host', () => {
  const upward = withSpread((level) => (level < 0.5 ? -9 : 0));
  const strangers = { ...upward, installations: [] };
  const mean = (held: readonly (number | undefined)[]) => held.reduce<number>((sum, one) => sum + one!, 0);
  expect(mean(heldOf({ ...strangers, slowestLaunchUs: 1e4 }))).toBeGreaterThan(mean(heldOf(strangers)));
});

it('no publication of them has rows that constants were fitted to', () => {
  const rows = allUnseen.flatMap((file) => readCsv(join(folder, file), trainingRow));
  const sources = new Set(rows.map(({ row }) => row.source));
  for (const file of [
    'training.csv',
    join('modern', 'training.csv'),
    join('modern', 'offload.csv'),
    'zero-bubble.csv',
  ]) {
    const fitted = readFileSync(join(folder, file), 'utf8');
    for (const source of sources) expect(fitted).not.toContain(source);
  }
});

it('publications differ by their medians, as evidence has them but for what constants changed since', () => {
  const found = publicationsOf(predicted, known);
  expect(found.map(({ source, steps }) => [source, steps])).toEqual(
    known.publications.map(({ source, steps }) => [source, steps]),
  );
  const moved = found.map(({ shift }, i) => Math.abs(shift - known.publications[i]!.shift));
  expect(Math.max(...moved)).toBeLessThan(0.03);
});

it('intervals without a publication hold as much of it as README.md says: of all steps 85 % and more, far more than fitted ones alone', () => {
  const { held, heldByFitted, alike } = sharesOf(unseenOf(FILES, predicted, known).sources);
  expect(held).toBeGreaterThan(0.85);
  expect(alike).toBeGreaterThan(0.75);
  expect(heldByFitted).toBeLessThan(held - 0.15);
  const percent = (share: number) => `${(share * 100).toPrecision(2)} %`;
  expect(readme).toContain(`${percent(held)}, where each publication counts alike ${percent(alike)} (`);
});

it('what one publication differs by has no say in its own intervals', () => {
  const heldOf = (shift: number) => {
    const publications = known.publications.map((one, i) => (i === 0 ? { ...one, shift } : one));
    return unseenOf(FILES, predicted, { ...known, publications }).sources.map(({ held }) => held);
  };
  const [small, large] = [heldOf(-9), heldOf(9)];
  expect(small[0]).toBe(large[0]);
  expect(small.slice(1)).not.toEqual(large.slice(1));
});

it.each([
  ['unseen4.csv', /FSDP, intervals hold (\d+) % of the steps, alike (\d+) %/],
])('intervals hold as much as README.md says of steps that have no say in them: %s', (file, sentence) => {
  expect(allUnseen.filter((one) => !FILES.includes(one))).toContain(file);
  const strangers = predictRows(prepareRows({ file: join(folder, file) }));
  const { results, sources } = unseenOf([file], strangers, known);
  const { held, alike } = sharesOf(sources);
  const [, said, saidAlike] = sentence.exec(readme)!.map(Number);
  expect(Math.abs(100 * held - said!)).toBeLessThan(1.5);
  expect(Math.abs(100 * alike - saidAlike!)).toBeLessThan(3);
  const line = readme.split('\n').find((one) => one.includes(`(test/data/measured/${file})`))!;
  const [now, nowAlike] = [...line.matchAll(/(\d+) %/g)].slice(-2).map(([, percent]) => Number(percent));
  expect(Math.abs(100 * results.meanAbsRelError! - now!)).toBeLessThan(1.5);
  expect(Math.abs(100 * results.sourcesAlike!.meanAbsRelError - nowAlike!)).toBeLessThan(1.5);
});

it('docs/accuracy.md has a line of each of them', () => {
  const document = readFileSync(join(packageRoot, 'docs', 'accuracy.md'), 'utf8');
  for (const { row } of prepared.rows) expect(document).toContain(`\n| ${row.source} | `);
});
