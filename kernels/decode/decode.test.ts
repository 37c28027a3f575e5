import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchSource } from '../../host/backends/source.js';
import { digitsToDesign, digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { smallSpace } from '../../test/smallSpace.js';
import { decodeDesign, decodeDigits } from './decode.js';
import { packGenes } from './genes.js';

const space = smallSpace();
const packed = packGenes(space);

/** A space of about 10^40 designs: far beyond 64 bits. */
const vast: CompiledSpace = {
  ...space,
  genes: Array.from({ length: 6 }, () => space.genes).flat(),
  count: space.count ** 6n,
};

describe('decodeDigits', () => {
  it('adds an index to an ordinal of any size', () => {
    const vastPacked = packGenes(vast);
    const digits = new Uint32Array(vastPacked.count);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: vast.count - 2n ** 32n }), fc.nat(2 ** 31 - 1), (start, index) => {
        decodeDigits(vastPacked, batchSource(vast, { kind: 'ordinals', start, count: 1 }), index, digits);
        expect(digitsToOrdinal(vast, digits)).toBe(start + BigInt(index));
      }),
    );
  });

  it('draws the same sample wherever a run starts, also across 32 bits', () => {
    const [a, b] = [new Uint32Array(packed.count), new Uint32Array(packed.count)];
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.bigInt({ min: 0n, max: 2n ** 50n }), fc.nat(1000), (seed, start, index) => {
        decodeDigits(packed, batchSource(space, { kind: 'samples', seed, start, count: 1 }), index, a);
        const moved = start + BigInt(index);
        decodeDigits(packed, batchSource(space, { kind: 'samples', seed, start: moved, count: 1 }), 0, b);
        expect(a).toEqual(b);
      }),
      { examples: [[1, 2n ** 32n - 1n, 1]] },
    );
  });

  it('draws every digit about equally often', () => {
    const SAMPLES = 20000;
    const digits = new Uint32Array(packed.count);
    const source = batchSource(space, { kind: 'samples', seed: 1, start: 0n, count: SAMPLES });
    const counts = space.genes.map(({ size }) => new Array<number>(size).fill(0));
    for (let i = 0; i < SAMPLES; i++) {
      decodeDigits(packed, source, i, digits);
      for (let g = 0; g < digits.length; g++) counts[g]![digits[g]!]!++;
    }
    for (const [g, { size }] of space.genes.entries()) {
      const expected = SAMPLES / size;
      const chiSquared = counts[g]!.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // Six standard deviations above the mean of a chi-squared variable with size − 1 degrees of freedom.
      expect(chiSquared).toBeLessThan(size - 1 + 6 * Math.sqrt(2 * (size - 1)));
    }
  });
});

describe('decodeDesign', () => {
  it('agrees with the design of the ordinal', () => {
    const design = new Float64Array(SLOT_COUNT);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: space.count - 1n }), (ordinal) => {
        const digits = ordinalToDigits(space, ordinal);
        decodeDesign(packed, digits, design);
        expect(design).toEqual(digitsToDesign(space, digits));
      }),
    );
  });
});
