import { expect, it } from 'vitest';
import { nestedGroups } from './groups.js';

it('groups within groups keep their own names, whatever stands in them', () => {
  const items = [
    ['h100', 'fp8, bf16 out', 2],
    ['a100', 'bf16', 1],
    ['h100', 'bf16', 5],
  ] as const;
  const groups = nestedGroups(items, [([gpu]) => gpu, ([, format]) => format], (part) => ({
    most: Math.max(...part.map(([, , size]) => size)),
  }));
  expect(groups).toEqual([
    { group: 'h100', name: 'h100', depth: 0, most: 5 },
    { group: 'h100, fp8, bf16 out', name: 'fp8, bf16 out', depth: 1, most: 2 },
    { group: 'h100, bf16', name: 'bf16', depth: 1, most: 5 },
    { group: 'a100', name: 'a100', depth: 0, most: 1 },
    { group: 'a100, bf16', name: 'bf16', depth: 1, most: 1 },
  ]);
});
