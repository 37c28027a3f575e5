import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRows, populationWords, rowLayout, unpackRow, unpackRows } from './rows.js';

const size = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
const sizeLists = fc.array(size, { maxLength: 70 });

/** All sizes with the largest digits, zeros, and digits between. */
function digitsOf(sizes: readonly number[], slots: number): Uint32Array {
  return Uint32Array.from({ length: slots * sizes.length }, (_, i) => {
    const last = sizes[i % sizes.length]! - 1;
    return [last, 0, Math.floor(last / 3)][Math.floor(i / sizes.length) % 3]!;
  });
}

describe('the layout of rows', () => {
  it('has room for each digit, and none for two in one place', () => {
    fc.assert(
      fc.property(sizeLists, (sizes) => {
        const { words, fields } = rowLayout(sizes);
        const taken = new Set<number>();
        fields.forEach(({ word, shift, bits }, g) => {
          expect(2 ** bits).toBeGreaterThanOrEqual(sizes[g]!);
          expect(2 ** bits).toBeLessThan(2 * sizes[g]!);
          expect(shift + bits).toBeLessThanOrEqual(32);
          expect(word).toBeLessThan(words);
          for (let bit = shift; bit < shift + bits; bit++) {
            expect(taken.has(32 * word + bit)).toBe(false);
            taken.add(32 * word + bit);
          }
        });
        expect(words).toBeLessThanOrEqual(Math.max(1, sizes.length));
      }),
    );
  });

  it('is dense', () => {
    expect(rowLayout([6, 1, 2])).toEqual({
      words: 1,
      fields: [
        { word: 0, shift: 0, bits: 3 },
        { word: 0, shift: 0, bits: 0 },
        { word: 0, shift: 3, bits: 1 },
      ],
    });
    expect(rowLayout(new Array<number>(32).fill(2)).words).toBe(1);
    expect(rowLayout(new Array<number>(33).fill(2)).words).toBe(2);
    expect(rowLayout([]).words).toBe(1);
  });
});

describe('rows', () => {
  it('hold digits and fitness', () => {
    fc.assert(
      fc.property(sizeLists, fc.integer({ min: 1, max: 7 }), (sizes, slots) => {
        const layout = rowLayout(sizes);
        const digits = digitsOf(sizes, slots);
        const fitness = Float64Array.from({ length: slots }, (_, slot) => slot / 4);
        const packed = packRows(layout, { digits, fitness }, 1e38);
        expect(packed.length).toBe(populationWords(layout, slots));
        expect(unpackRows(layout, packed.buffer)).toEqual({ digits, fitness });
      }),
    );
  });

  it('lie in columns, fitness first', () => {
    const fitness = Float64Array.of(0.5, Number.MAX_VALUE);
    const packed = packRows(rowLayout([6, 2 ** 30]), { digits: Uint32Array.of(5, 7, 4, 9), fitness }, 2);
    expect([...new Float32Array(packed.buffer, 0, 2)]).toEqual([0.5, 2]);
    expect([...packed.subarray(2)]).toEqual([5, 4, 7, 9]);
  });

  it('are read one by one', () => {
    expect([...unpackRow(rowLayout([6, 2]), Uint32Array.of(0, 5 + (1 << 3)), 1)]).toEqual([5, 1]);
  });
});
