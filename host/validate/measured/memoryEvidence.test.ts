/** How often runs fitted that were said to with a chance, each judged by other publications than its own. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../psa/packageRoot.js';
import { chanceToFit } from '../../doubt/memoryFit.js';
import { mean } from '../../statistics/statistics.js';
import { memoryEvidence } from './memoryEvidence.js';
import { stepCases } from './memorySteps.js';

const file = (name: string) => join(packageRoot, 'test', 'data', 'measured', name);

it('a job that needs more is less sure to fit', () => {
  const evidence = { command: '', publications: [{ source: 'a', ratios: [0.9, 1.1, 1.3] }] };
  expect([0.5, 0.8, 1, 1.2].map((share) => chanceToFit(share, evidence))).toEqual([0.875, 0.625, 0.375, 0.125]);
});

it('chances of publications that had no say are nearer to what happened than a yes or no', () => {
  const evidence = memoryEvidence(file('unseen.csv'), '');
  const judged = ['unseen.csv', 'unseen-oom.csv'].flatMap((name) =>
    stepCases(file(name)).map(({ source, fits, predicted, room }) => {
      const share = (predicted.reserved + room!.reserve) / room!.capacity;
      return { ran: fits ? 1 : 0, said: predicted.fits ? 1 : 0, chance: chanceToFit(share, evidence, source) };
    }),
  );
  expect(judged.length).toBe(280);
  const lost = (kind: 'said' | 'chance') => mean(judged.map((one) => (one[kind] - one.ran) ** 2));
  expect(lost('chance')).toBeLessThan(0.06);
  expect(lost('said')).toBeGreaterThan(0.07);
  const sure = judged.filter(({ chance }) => chance > 0.75);
  const doubtful = judged.filter(({ chance }) => chance < 0.5);
  expect(mean(sure.map(({ ran }) => ran))).toBeGreaterThan(0.95);
  expect(mean(doubtful.map(({ ran }) => ran))).toBeLessThan(0.4);
});
