import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AgentGene } from '../agent.js';
import { Packing } from './packing.js';
import { randomDigits } from './randomDigits.js';
import { RandomStream } from './stream.js';

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 31 }), fc.constant(2 ** 16));
const space = fc.array(
  size.map((size): AgentGene => ({ size, scale: 'linear' })),
  { maxLength: 70 },
);

it('gives back the digits that it packed', () => {
  fc.assert(
    fc.property(space, fc.nat(), (genes, seed) => {
      const packing = new Packing(genes);
      const digits = randomDigits(genes, 5, new RandomStream(seed));
      const rows = packing.pack(digits);
      expect(rows).toHaveLength(5 * packing.width);
      expect(packing.unpack(rows)).toEqual(digits);
    }),
  );
});

it('crosses two rows gene by gene, each as its bit of a random word says', () => {
  fc.assert(
    fc.property(space, fc.nat(), (genes, seed) => {
      const packing = new Packing(genes);
      const parents = randomDigits(genes, 2, new RandomStream(seed));
      const child = new Uint32Array(genes.length);
      packing.cross(packing.pack(parents), 0, packing.width, child, 0, new RandomStream(seed + 1));
      const words = new RandomStream(seed + 1);
      const expected: number[] = [];
      for (let g = 0, word = 0; g < genes.length; g++) {
        if (g % 32 === 0) word = words.word();
        expected.push(parents[(Math.floor(word / 2 ** (g % 32)) % 2) * genes.length + g]!);
      }
      expect([...child]).toEqual(expected);
    }),
  );
});

it('needs as few words as the digits have bits, none across two', () => {
  const widthOf = (sizes: readonly number[]) => new Packing(sizes.map((size) => ({ size, scale: 'linear' }))).width;
  expect(widthOf([])).toBe(0);
  expect(widthOf([1, 1])).toBe(1);
  expect(widthOf([2 ** 16, 2 ** 16])).toBe(1);
  expect(widthOf([2 ** 16, 2 ** 16, 1])).toBe(1);
  expect(widthOf([2 ** 16, 2 ** 17])).toBe(2);
});
