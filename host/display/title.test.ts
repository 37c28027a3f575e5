import { expect, it } from 'vitest';
import { compilePsa, loadPsa } from '../../psa/index.js';
import { titleOf } from './title.js';

it.each([
  [{}, 'gpt3-175b on cosmic-1024, 1,024 NPUs'],
  [{ system: 'dgx-h100', model: 'llama3-70b', set: ['system.npus=512'] }, 'llama3-70b on dgx-h100, 512 NPUs'],
  [
    { set: ['workload.batch=512', 'model.layers=48', 'workload.batch = 256'] },
    'gpt3-175b on cosmic-1024, 1,024 NPUs, workload.batch=256, model.layers=48',
  ],
] as const)('a title says all that was asked for: %o', (options, title) => {
  expect(
    titleOf(compilePsa(loadPsa('cosmic-workload', { ...options, set: [...('set' in options ? options.set : [])] }))),
  ).toBe(title);
});
