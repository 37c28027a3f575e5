/** How close memory and verdicts are to runs whose outcome was published. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { temporaryFolder } from '../../../test/temporaryFolder.js';
import { validateMemory } from './memory.js';
import type { MemoryResults } from './memoryCases.js';

const folder = join(packageRoot, 'test', 'data', 'measured');

it('memory is within 5 % of the published formulas', () => {
  const { cases, maxRelError } = validateMemory(join(folder, 'memory.csv'));
  expect(cases).toBe(8);
  expect(maxRelError).toBeLessThan(0.05);
});

it('runs with their outcome: every one is counted once, those that failed otherwise have no verdict', () => {
  const results = validateMemory(join(folder, 'modern', 'memory.csv')) as MemoryResults;
  const { verdicts, groups } = results;
  expect(verdicts.cases).toBe(173);
  expect(verdicts.right + verdicts.falseFits + verdicts.falseAlarms).toBe(verdicts.cases);
  expect(results.cases).toBe(73);
  expect(groups.map(({ group }) => group)).toContain('HF nanotron bench, Llama-like-8.86B');
  const sources = groups.filter(({ group }) => !group.includes(','));
  expect(sources.reduce((sum, group) => sum + group.verdicts.cases, 0)).toBe(verdicts.cases);
  expect(verdicts.right / verdicts.cases).toBeGreaterThan(0.96);
  expect(verdicts.falseFits / verdicts.cases).toBeLessThan(0.02);
  expect(results.meanAbsRelError).toBeLessThan(0.03);
});

it('runs by stage', () => {
  const results = validateMemory(join(folder, 'modern', 'b200-memory.csv')) as MemoryResults;
  expect(results.cases).toBe(7);
  expect(results.meanAbsRelError).toBeLessThan(0.03);
  expect(results.maxRelError).toBeLessThan(0.02);
  expect(results.verdicts).toEqual({ cases: 5, right: 5, falseFits: 0, falseAlarms: 0 });
});

it('training steps of programs that are known: those that ran out of memory, and those that ran, with what their notes print', () => {
  const failed = validateMemory(join(folder, 'unseen-oom.csv')) as MemoryResults;
  expect(failed.verdicts).toMatchObject({ cases: 30, falseAlarms: 0 });
  expect(failed.verdicts.falseFits).toBeLessThanOrEqual(13);
  const ran = validateMemory(join(folder, 'unseen.csv')) as MemoryResults;
  expect(ran.verdicts).toMatchObject({ cases: 250, falseFits: 0, falseAlarms: 4 });
  expect(ran.cases).toBe(11);
  expect(ran.reserved.cases).toBeGreaterThan(100);
});

it('training steps and failures that have no say in the chance to fit', () => {
  const { verdicts } = validateMemory(join(folder, 'unseen4-oom.csv')) as MemoryResults;
  expect(verdicts).toMatchObject({ cases: 15, falseAlarms: 0 });
  expect(verdicts.falseFits).toBeLessThanOrEqual(9);
  const ran = validateMemory(join(folder, 'unseen4.csv')) as MemoryResults;
  expect(ran.verdicts).toMatchObject({ cases: 114, falseFits: 0 });
  expect(ran.verdicts.falseAlarms).toBeLessThanOrEqual(5);
});

it('nearly all steps that were published are said to fit, and all of llm-foundry and NeMo AutoModel', () => {
  const { verdicts, groups } = validateMemory(join(folder, 'modern', 'training.csv')) as MemoryResults;
  expect(verdicts.cases).toBe(226);
  expect(verdicts.falseAlarms).toBeLessThanOrEqual(11);
  for (const source of ['MosaicML llm-foundry', 'NVIDIA NeMo AutoModel']) {
    for (const group of groups.filter((one) => one.group.startsWith(source))) {
      expect(group.verdicts.falseAlarms, group.group).toBe(0);
    }
  }
});

it('a row without a time says how it ended', () => {
  const file = join(temporaryFolder('rows'), 'rows.csv');
  writeFileSync(file, 'id,source,gpu,gpus,seq,tp,pp,dp,global_batch,iteration_s\na,b,a100-80g,8,2048,8,1,1,8,\n');
  expect(() => validateMemory(file)).toThrow(/cannot be/);
});
