import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { Mutator, neighbourhood } from './neighbours.js';
import { RandomStream } from './stream.js';

it('moves a factor of two from one parallel degree to another', () => {
  const gene = compilePsa(loadPsa('cosmic-full')).genes[0]!;
  const columns = gene.slots.length;
  const rowOf = (digit: number) => [...gene.table.subarray(digit * columns, (digit + 1) * columns)];
  for (const digit of [0, 100, 285]) {
    const near = neighbourhood(gene).of(digit);
    expect(near.length).toBeGreaterThan(0);
    for (const other of near) {
      const ratios = rowOf(other).map((value, c) => value / rowOf(digit)[c]!);
      expect(ratios.filter((ratio) => ratio !== 1).sort()).toEqual([0.5, 2]);
    }
  }
});

it('knows the neighbours of orders and categories', () => {
  expect(neighbourhood({ size: 4, scale: 'linear' }).of(0)).toEqual([1]);
  expect(neighbourhood({ size: 4, scale: 'log' }).of(2)).toEqual([1, 3]);
  expect(neighbourhood({ size: 4, scale: 'category' }).of(2)).toEqual([0, 1, 3]);
  expect(neighbourhood({ size: 1, scale: 'category' }).of(0)).toEqual([]);
});

it('steps to another value of the gene, always', () => {
  const scale = fc.constantFrom('category' as const, 'linear' as const, 'log' as const, 'tuple' as const);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1000 }), scale, fc.nat(1000), (size, kind, seed) => {
      const mutator = new Mutator([{ size, scale: kind }], new RandomStream(seed));
      const digit = seed % size;
      const there = mutator.step(0, digit);
      expect(there).not.toBe(digit);
      expect(there).toBeGreaterThanOrEqual(0);
      expect(there).toBeLessThan(size);
    }),
  );
});
