import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { psa, values } from './builder.js';
import { compilePsa } from './compile.js';
import { loadPsa } from './load.js';
import {
  describeDesign,
  designFromParameters,
  designOf,
  digitsToOrdinal,
  ordinalOfDesign,
  ordinalToDigits,
} from './ordinals.js';
import { PARAMETERS, SLOT, slotOf } from './parameters.js';

const extended = compilePsa(loadPsa('cosmic-extended'));
const full = compilePsa(loadPsa('cosmic-full'));

describe('ordinals', () => {
  it.each([
    ['cosmic-full', full],
    ['cosmic-extended', extended],
  ])('of %s make the round trip through digits, design and description', (_, space) => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: space.count - 1n }), (ordinal) => {
        const digits = ordinalToDigits(space, ordinal);
        expect(digitsToOrdinal(space, digits)).toBe(ordinal);
        const design = designOf(space, ordinal);
        expect(ordinalOfDesign(space, design)).toBe(ordinal);
        expect(designFromParameters(space, describeDesign(space, ordinal))).toEqual(design);
      }),
    );
  });

  it('are all structurally valid', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: extended.count - 1n }), (ordinal) => {
        const design = designOf(extended, ordinal);
        const [dp, tp, sp, pp] = ['dp', 'tp', 'sp', 'pp'].map((axis) => design[slotOf(`workload.${axis}`)]!);
        expect(dp! * tp! * sp! * pp!).toBe(1024);
        const npus = SLOT.network.npus;
        expect(design.slice(npus, npus + 4).reduce((product, n) => product * n)).toBe(1024);
        for (const { name, slot, min, max, integer } of PARAMETERS) {
          expect(design[slot], name).toBeGreaterThanOrEqual(min);
          expect(design[slot], name).toBeLessThanOrEqual(max);
          if (integer) expect(Number.isInteger(design[slot]), name).toBe(true);
        }
      }),
    );
  });

  it('count the last gene fastest', () => {
    const last = full.genes.at(-1)!.size;
    expect([...ordinalToDigits(full, BigInt(last) + 3n)].slice(-3)).toEqual([0, 1, 3]);
    expect(digitsToOrdinal(full, [9, 9, ...new Array(full.genes.length).fill(0)], 2)).toBe(0n);
  });

  it('outside of the space are refused', () => {
    expect(() => designOf(full, full.count)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    expect(() => designOf(full, -1n)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
  });
});

describe('descriptions', () => {
  const space = psa('small').vary('workload.ep', values(1, 2)).compile();

  it('name categories, units, dimensions and what varies', () => {
    const entries = describeDesign(space, 1n);
    expect(entries.find(({ parameter }) => parameter === 'workload.ep')).toEqual({
      parameter: 'workload.ep',
      dimension: undefined,
      value: 2,
      unit: 'NPUs',
      open: true,
    });
    const value = (parameter: string, dimension?: number) =>
      entries.find((entry) => entry.parameter === parameter && entry.dimension === dimension)?.value;
    expect(value('workload.microBatch')).toBe('all');
    expect(value('workload.axisOrder')).toBe('ep-dp-tp-sp-pp');
    expect(value('network.topology', 1)).toBe('FullyConnected');
    expect(value('workload.batch')).toBe('model');
  });

  it('of designs outside the space have no ordinal', () => {
    const design = designFromParameters(space, [{ parameter: 'workload.ep', dimension: undefined, value: 4 }]);
    expect(ordinalOfDesign(space, design)).toBeUndefined();
    const other = designFromParameters(space, [{ parameter: 'workload.dp', dimension: undefined, value: 4 }]);
    expect(ordinalOfDesign(space, other)).toBeUndefined();
  });

  it('with unknown names, dimensions or values are refused', () => {
    const from = (parameter: string, value: number | string, dimension?: number) => () =>
      designFromParameters(space, [{ parameter, dimension, value }]);
    expect(from('workload.dq', 1)).toThrow(expect.objectContaining({ code: 'UNKNOWN_PARAMETER' }));
    expect(from('workload.dp', 0)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    expect(from('workload.dp', 1, 1)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    expect(from('network.topology', 'Torus', 0)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
  });
});
