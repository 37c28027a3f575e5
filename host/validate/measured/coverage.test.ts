import { describe, expect, it } from 'vitest';
import { coverageOf, type Residual } from './evidence.js';

describe('coverage', () => {
  /** 200 models of four rows each, whose errors are shifted by what the model has and spread by what a row has. */
  const made = (shift: (unit: number) => number): Residual[] =>
    Array.from({ length: 800 }, (_, i) => {
      const unit = Math.floor(i / 4);
      return {
        validated: 'together' as const,
        model: 'dense' as const,
        format: 'sixteenBit' as const,
        installation: `installation ${unit % 20}`,
        modelName: `model ${unit}`,
        unit: `model ${unit}`,
        source: `source ${unit % 10}`,
        value: shift(unit) + 0.01 * (i % 4),
        above: shift(unit) + 0.01 * (i % 4),
      };
    });

  const alike = made((unit) => ((unit * 73) % 200) / 200);

  it('is 90 % of what is alike', () => {
    const { held: share, heldBySource } = coverageOf(alike, 'model', []).levels[0]!;
    expect(share).toBeCloseTo(0.9, 1);
    expect(heldBySource).toBeCloseTo(0.9, 1);
  });

  it('is more where publications that nobody fitted differ', () => {
    const publications = [-0.3, 0, 0.3].map((shift, i) => ({ source: `publication ${i}`, steps: 1, shift }));
    expect(coverageOf(alike, 'model', publications).levels[0]!.held).toBeGreaterThan(0.99);
  });

  it('is less where what is kept out is unlike the others', () => {
    const apart = made((unit) => (unit % 10 === 0 ? 5 : ((unit * 73) % 200) / 200));
    expect(coverageOf(apart, 'source', []).levels[0]!.held).toBeLessThan(0.87);
  });
});
