/** How close the calibrated systems are to measured clusters. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import type { CaseFailure } from '../cases.js';
import { crossValidate } from './crossValidation.js';
import { prepareFile, validateMeasured } from './measured.js';

const folder = join(packageRoot, 'test', 'data', 'measured');
const file = join(folder, 'training.csv');
const report = validateMeasured({ file, by: ['tp'] });

function group(...parts: string[]) {
  return report.groups.find((one) => parts.every((part) => one.group.includes(part)))!;
}

/** Absolute errors of the rows whose ids begin so. */
function errorsOf(...starts: string[]): number[] {
  const rows = report.failures.filter(({ id }) => starts.some((start) => id.startsWith(start)));
  return rows.map(({ relError }: CaseFailure) => Math.abs(relError));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('step times', () => {
  it('of every row are predicted', () => {
    expect(report.cases).toBe(453);
    expect(report.failures.every(({ got }) => typeof got === 'number' && got > 0)).toBe(true);
  });

  it.each([
    ['Megatron-LM on A100 without sharded weights', ['sc21-t1', 'sc21-t2-PTD', 'selene'], 12, 0.03, 0.06],
    ['ZeRO-3 on A100', ['sc21-t2-ZeRO-3'], 3, 0.05, 0.1],
    ['Megatron-LM on H100', ['mlm24'], 5, 0.05, 0.08],
  ] as const)('%s', (_, starts, rows, meanError, worst) => {
    const errors = errorsOf(...starts);
    expect(errors).toHaveLength(rows);
    expect(mean(errors)).toBeLessThan(meanError);
    expect(Math.max(...errors)).toBeLessThan(worst);
  });

  it.each([
    ['3.6 billion parameters on 64 GPUs', ['vTrain', '3072 × 30'], 0.09, 0.06, 0.95],
    ['39.1 billion parameters on 512 GPUs', ['vTrain', '8192 × 48'], 0.09, 0.06, 0.6],
    ['39.1 billion parameters, tp 8', ['vTrain', '8192 × 48', 'tp 8'], 0.04, 0.04, 0.95],
    ['single nodes', ['vTrain', 'one node'], 0.07, 0.06, 0.98],
  ] as const)('vTrain, %s', (_, parts, meanError, median, ranks) => {
    const { meanAbsRelError, medianRelError, spearman } = group(...parts);
    expect(meanAbsRelError).toBeLessThan(meanError);
    expect(medianRelError).toBeLessThan(median);
    expect(spearman).toBeGreaterThan(ranks);
  });

  it('single nodes are at most 35 % off', () => {
    expect(Math.max(...errorsOf('vtrain-single'))).toBeLessThan(0.35);
  });

  it.each(['3072 × 30', '8192 × 48'])('the predicted best of %s is within 5 %% of the measured best', (model) => {
    expect(group('vTrain', model).best!.regret).toBeLessThan(0.05);
  });

  it('assumptions are told: of machines, and of what a row leaves open', () => {
    expect(report.assumptions['VIA-Research/vTrain ground truth']).toContain('4 × 200 Gb/s InfiniBand a node');
    expect(report.notes).toHaveLength(5);
    expect(report.notes[0]!.note).toMatch(/^micro-batch \d+, recomputation (none|selective|full), virtual stages \d+$/);
  });
});

it('constants fitted to two sources predict a third, and leave no trace', () => {
  const rows = prepareFile({ file }).filter(
    ({ row }) => !row.source.startsWith('VIA') && row.weight_sharding === 'none',
  );
  const before = rows.map(({ design }) => [...design]);
  const folds = crossValidate(rows).folds.filter(({ leftOut }) => leftOut.startsWith('source'));
  expect(folds.map(({ cases }) => cases)).toEqual([5, 3, 4]);
  for (const { meanAbsRelError } of folds) expect(meanAbsRelError).toBeLessThan(0.08);
  expect(rows.map(({ design }) => [...design])).toEqual(before);
});

describe("today's rows", () => {
  const modern = validateMeasured({ file: join(folder, 'modern', 'training.csv') });
  it('are expressed, or counted with a reason', () => {
    expect(modern.cases + modern.inexpressible.rows).toBe(226);
    expect(modern.inexpressible.rows).toBeLessThan(0.04 * 226);
    expect(modern.failures.every(({ got }) => typeof got === 'number' && got > 0)).toBe(true);
  });

  it('are of hybrids, too, with no constant of theirs', () => {
    const hybrids = modern.by.model!.filter(({ group }) => /nemotron-3/i.test(group));
    expect(hybrids.reduce((all, { cases }) => all + cases, 0)).toBeGreaterThan(4);
    for (const { meanAbsRelError } of hybrids) expect(meanAbsRelError).toBeLessThan(0.3);
  });

  it('are told by source, with what each cannot express, and by machine, precision and model', () => {
    const sources = modern.groups.filter(({ depth }) => depth === 0);
    const sum = (of: (one: (typeof sources)[number]) => number) => sources.reduce((all, one) => all + of(one), 0);
    expect(sum(({ cases }) => cases)).toBe(modern.cases);
    expect(sum(({ inexpressible }) => inexpressible.rows)).toBe(modern.inexpressible.rows);
    for (const groups of Object.values(modern.by)) {
      expect(groups.reduce((all, { cases }) => all + cases, 0)).toBe(modern.cases);
    }
    expect(modern.regret).toBeGreaterThanOrEqual(0);
  });

  it('say what was assumed', () => {
    const internevo = modern.assumptions['InternEvo training performance']!;
    expect(internevo).toContain('software internevo');
    expect(internevo).toContain('network cards of a node as the notes say');
  });

  it('take a machine and a framework of the catalogues instead', () => {
    const file = join(folder, 'modern', 'training.csv');
    const slower = validateMeasured({ file, system: 'a100-80gb', software: 'megatron-lm-2021' });
    const llama = modern.failures.find(({ id }) => id.startsWith('torchtitan-llama3-8b'))!;
    expect(slower.failures.find(({ id }) => id === llama.id)!.got).toBeGreaterThan(llama.got as number);
  });
});
