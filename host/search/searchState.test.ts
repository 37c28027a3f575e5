import { expect, it } from 'vitest';
import { isAtEnd } from './searchState.js';

const DONE = { evaluations: 100, sinceGain: 20, smallest: 36.5 };

it.each([
  ['its budget', { evaluations: 100 }, true],
  ['a budget that is not spent', { evaluations: 101 }, false],
  ['no gain for so long', { evaluations: 1000, patience: 20 }, true],
  ['a gain not so long ago', { evaluations: 1000, patience: 21 }, false],
  ['its target', { evaluations: 1000, target: 36.5 }, true],
  ['a target that is not reached', { evaluations: 1000, target: 36.4 }, false],
])('a search ends, or not, by %s', (_, request, ends) => {
  expect(isAtEnd(request, DONE)).toBe(ends);
});

it('a target is not reached without a feasible design', () => {
  expect(isAtEnd({ evaluations: 1000, target: 1e9 }, { ...DONE, smallest: undefined })).toBe(false);
});
