import fc from 'fast-check';
import { expect, it } from 'vitest';
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { fillWords } from '../words.js';
import { RandomStream } from './stream.js';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const COUNTERS = 32;
const block = fc.oneof(fc.nat(), fc.integer({ min: 2 ** 27 - 2, max: 2 ** 27 + 2 }), fc.nat(2 ** 46));

it('fills an array as the counters do one by one', () => {
  fc.assert(
    fc.property(word, word, block, (key0, key1, block) => {
      const words = new Uint32Array(2 * COUNTERS);
      fillWords(key0, key1, block * words.length, words);
      const expected = new Uint32Array(2 * COUNTERS);
      for (let k = 0; k < COUNTERS; k++) {
        const counter = block * COUNTERS + k;
        threefry2x32(key0, key1, counter % 2 ** 32, Math.floor(counter / 2 ** 32), expected, 2 * k);
      }
      expect(words).toEqual(expected);
    }),
  );
});

it('draws many words as one by one, from any place', () => {
  fc.assert(
    fc.property(fc.nat(600), fc.nat(600), (drawn, count) => {
      const together = new RandomStream(7, drawn);
      const single = new RandomStream(7, drawn);
      const words = new Uint32Array(count);
      together.words(words);
      expect([...words]).toEqual(Array.from({ length: count }, () => single.word()));
      expect(together.drawn).toBe(single.drawn);
      expect(together.word()).toBe(single.word());
    }),
  );
});
