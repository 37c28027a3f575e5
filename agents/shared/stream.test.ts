import fc from 'fast-check';
import { expect, it } from 'vitest';
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { RandomStream } from './stream.js';

/** Keys of the streams of all agents. */
const AGENT_STREAM = 0x61676e74;

it('draws the words of the counters one after another, beyond 32 bits of them too', () => {
  const place = fc.oneof(fc.nat(2000), fc.integer({ min: 2 ** 33 - 600, max: 2 ** 33 + 600 }), fc.nat(2 ** 46));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), place, (seed, drawn) => {
      const counter = Math.floor(drawn / 2);
      const expected = new Uint32Array(2);
      threefry2x32(seed, AGENT_STREAM, counter % 2 ** 32, Math.floor(counter / 2 ** 32), expected);
      expect(new RandomStream(seed, drawn).word()).toBe(expected[drawn % 2]);
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
