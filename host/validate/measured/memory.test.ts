/** How close memory and verdicts are to runs whose outcome was published. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
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
