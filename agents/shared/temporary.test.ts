import { expect, it } from 'vitest';
import { temporarily, temporaryFloats, temporaryNumbers, temporaryWords } from './temporary.js';

it('gives arrays that do not overlap, also those from before it grew', () => {
  temporarily(() => {
    const arrays = [3, 1, 0, 1000, 5, 100_000, 7].flatMap((length) => [
      temporaryWords(length),
      temporaryFloats(length),
      temporarily(() => temporaryNumbers(length)),
    ]);
    arrays.forEach((array, i) => {
      array.fill(i);
    });
    arrays.forEach((array, i) => {
      expect(array.every((value) => value === i)).toBe(true);
    });
  });
});

it('uses memory again when all is done, also after an error', () => {
  const bufferOf = () => temporarily(() => temporaryWords(10).buffer);
  const buffer = bufferOf();
  expect(() =>
    temporarily(() => {
      temporaryWords(10);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(bufferOf()).toBe(buffer);
  expect(temporarily(() => temporaryWords(10).byteOffset)).toBe(0);
});

it('gives arrays of their own where nothing is done temporarily', () => {
  const words = temporaryWords(4).fill(1);
  temporarily(() => temporaryWords(4).fill(2));
  expect([...words]).toEqual([1, 1, 1, 1]);
});
