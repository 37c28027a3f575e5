/** Intervals hold what was measured of rows that had no say in them. The files here are a sample; docs/accuracy.md has all rows. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { loadEvidence } from '../../doubt/evidence.js';
import { crossValidate } from './crossValidation.js';
import { allResiduals, coverageOf, evidenceOf, fitsOf } from './evidence.js';
import { prepareFile } from './measured.js';
import { robustRegretOf } from './robustRegret.js';

const folder = join(packageRoot, 'test', 'data', 'measured');
const rows = ['training.csv', 'modern/training.csv'].flatMap((file) => prepareFile({ file: join(folder, file) }));
const before = rows.map(({ design }) => [...design]);
const validation = crossValidate(rows);
const residuals = allResiduals(rows, validation);

describe('90 % intervals', { timeout: 120_000 }, () => {
  it.each(['model', 'source', 'installation'] as const)('hold 85 to 95 %% of rows with one %s kept out', (keptOut) => {
    const together = coverageOf(residuals, keptOut).levels.find(({ validated }) => validated === 'together')!;
    expect(together.steps).toBeGreaterThan(500);
    expect(together.held).toBeGreaterThan(0.85);
    expect(together.held).toBeLessThan(0.95);
  });

  it('of rows predicted as if nobody had measured there hold most, each source counted alike', () => {
    const { levels } = coverageOf(residuals, 'source');
    expect(levels.map(({ validated }) => validated)).toContain('neither');
    for (const { heldBySource } of levels) expect(heldBySource).toBeGreaterThan(0.75);
  });

  it('leave no trace in the rows', () => {
    expect(rows.map(({ design }) => [...design])).toEqual(before);
  });
});

it('evidence is of rows that were kept out, and has what is kept of all rows', () => {
  const evidence = evidenceOf(validation, residuals, ['training.csv'], 'test');
  const { classes, installations, fits } = evidence;
  const known = loadEvidence();
  expect(known.installations).toEqual(expect.arrayContaining(installations));
  const steps = classes.filter(({ validated }) => validated === 'together').reduce((sum, one) => sum + one.steps, 0);
  expect(steps).toBeLessThanOrEqual(validation.cases.length);
  for (const { spread } of [...classes, ...evidence.pairs]) expect(spread).toEqual([...spread].sort((a, b) => a - b));
  expect(fits.length).toBeGreaterThan(20);
});

it(
  'the choice that stays good is no worse than the single best, of jobs of eight runs and more',
  { timeout: 120_000 },
  () => {
    const regret = robustRegretOf(rows, fitsOf(validation))!;
    expect(regret.jobs).toBeGreaterThan(3);
    expect(regret.robust).toBeLessThanOrEqual(regret.single);
  },
);
