import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { type Evidence, loadEvidence } from '../../doubt/evidence.js';
import { LEVELS } from '../../doubt/spread.js';
import { prepareRows } from './measured.js';
import { unseenOf } from './unseen.js';

const folder = join(packageRoot, 'test', 'data', 'measured');
const prepared = prepareRows({ file: join(folder, 'unseen.csv') });
const known = loadEvidence();

const withSpread = (of: (level: number) => number, evidence: Evidence = known): Evidence => ({
  ...evidence,
  classes: evidence.classes.map((one) => ({ ...one, spread: LEVELS.map(of) })),
});
const heldOf = (evidence: Evidence) => unseenOf('unseen.csv', prepared, evidence).sources.map(({ held }) => held);

it('an interval of any width holds all, one of none nothing, and without classes nothing is said', () => {
  expect(new Set(heldOf(withSpread((level) => (level < 0.5 ? -9 : 9))))).toEqual(new Set([1]));
  expect(new Set(heldOf(withSpread(() => 0)))).toEqual(new Set([0]));
  expect(new Set(heldOf({ ...known, classes: [] }))).toEqual(new Set([undefined]));
});

it('of a framework that nobody knows the upper end starts from the slowest host', () => {
  const upward = withSpread((level) => (level < 0.5 ? -9 : 0));
  const strangers = { ...upward, installations: [] };
  const mean = (held: readonly (number | undefined)[]) => held.reduce<number>((sum, one) => sum + one!, 0);
  expect(mean(heldOf({ ...strangers, slowestLaunchUs: 1e4 }))).toBeGreaterThan(mean(heldOf(strangers)));
});

it('no publication of them has rows that constants were fitted to', () => {
  const sources = new Set(prepared.rows.map(({ row }) => row.source));
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

it('docs/accuracy.md has a line of each of them', () => {
  const document = readFileSync(join(packageRoot, 'docs', 'accuracy.md'), 'utf8');
  for (const { row } of prepared.rows) expect(document).toContain(`\n| ${row.source} | `);
});
