import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CosmicError } from '../../psa/errors.js';
import { STATUS } from '../outputs.js';
import { COUNTER_COUNT, HISTOGRAM_BINS, HISTOGRAM_LOW } from './layout.js';
import { emptyPart, keptTop, mergeParts, type SweepPart } from './reduce.js';
import { chunkPart, histogramBin, Reducer } from './reducer.js';
import { Selection } from './selection.js';

const TOP = 2;

interface Design {
  readonly status: number;
  readonly values: readonly [number, number];
}

/** Few distinct values, so that ties are common. */
const designs = fc.array(
  fc.record({
    status: fc.constantFrom(0, 0, 0, STATUS.MEMORY, STATUS.MEMORY | STATUS.PRICE),
    values: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
  }),
  { maxLength: 120 },
);

function reduceRange(all: readonly Design[], from: number, to: number): SweepPart {
  const selection = new Selection({ objectiveCount: 2, top: TOP, pareto: true });
  const reducer = new Reducer(selection, { mask: STATUS.MEMORY });
  for (let i = from; i < to; i++) {
    reducer.reduceDesign(i - from, all[i]!.status, 0, Float64Array.from(all[i]!.values));
  }
  return chunkPart(BigInt(from), to - from, 0, reducer.counters, selection, (i) => BigInt(from + i));
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, k) => value <= b[k]!) && a.some((value, k) => value < b[k]!);
}

describe('the reducer', () => {
  it('keeps the best by value and position, and counts, as sorting everything does', () => {
    fc.assert(
      fc.property(designs, (all) => {
        const part = reduceRange(all, 0, all.length);
        const feasible = all.flatMap(({ status, values }, i) =>
          (status & STATUS.MEMORY) === 0 ? [{ i, values }] : [],
        );
        const sorted = [...feasible].sort((a, b) => a.values[0] - b.values[0] || a.i - b.i);
        expect(part.top.map(({ position }) => Number(position))).toEqual(
          sorted.slice(0, keptTop(TOP)).map(({ i }) => i),
        );
        expect(part.feasible).toBe(BigInt(feasible.length));
        expect(part.byReason[0]).toBe(BigInt(all.length - feasible.length));
        expect(part.histogram.reduce((a, b) => a + b)).toBe(part.feasible);
      }),
    );
  });

  it('keeps the same best in whatever order they are offered', () => {
    const offered = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 120 }).chain((values) =>
      fc.record({
        values: fc.constant(values),
        order: fc.shuffledSubarray([...values.keys()], { minLength: values.length }),
      }),
    );
    fc.assert(
      fc.property(offered, ({ values, order }) => {
        const kept = (indices: Iterable<number>) => {
          const selection = new Selection({ objectiveCount: 1, top: TOP, pareto: false });
          for (const index of indices) selection.consider(index, Float64Array.of(values[index]!));
          return selection.best;
        };
        expect(kept(order)).toEqual(kept(values.keys()));
      }),
    );
  });

  it('keeps exactly the designs that none dominates, and of equal ones the first', () => {
    fc.assert(
      fc.property(designs, (all) => {
        const feasible = all.flatMap(({ status, values }, i) =>
          (status & STATUS.MEMORY) === 0 ? [{ i, values }] : [],
        );
        const front = feasible.filter(
          (one) =>
            !feasible.some(
              (other) =>
                dominates(other.values, one.values) ||
                (other.i < one.i && other.values.every((value, k) => value === one.values[k])),
            ),
        );
        expect(reduceRange(all, 0, all.length).pareto.map(({ position }) => Number(position))).toEqual(
          front.map(({ i }) => i),
        );
      }),
    );
  });
});

describe('mergeParts', () => {
  it('gives the same whole for any cut and any grouping', () => {
    fc.assert(
      fc.property(designs, fc.array(fc.nat(120), { maxLength: 5 }), fc.boolean(), (all, cuts, fromRight) => {
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
        const parts = bounds.slice(1).map((to, i) => reduceRange(all, bounds[i]!, to));
        const join = (a: SweepPart, b: SweepPart) => mergeParts(a, b, TOP);
        const merged = fromRight ? parts.reduceRight((right, left) => join(right, left)) : parts.reduce(join);
        expect(merged).toEqual(reduceRange(all, 0, all.length));
      }),
    );
  });

  it('has the empty part as its neutral element', () => {
    const part = reduceRange([{ status: 0, values: [1, 2] }], 0, 1);
    expect(mergeParts(emptyPart(0n), part, TOP)).toEqual(part);
    expect(mergeParts(part, emptyPart(1n), TOP)).toEqual(part);
  });

  it('refuses parts with a gap or an overlap', () => {
    const part = reduceRange([{ status: 0, values: [1, 2] }], 0, 1);
    for (const start of [0n, 2n]) {
      expect(() => mergeParts(part, { ...part, start }, TOP)).toThrowError(CosmicError);
    }
  });
});

describe('histogramBin', () => {
  it('is the quarter octave', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e19, noNaN: true }), (value) => {
        const exact = 4 * Math.log2(value) - HISTOGRAM_LOW;
        // Rounding to f32 may carry a value over the edge of its bin.
        const bin = histogramBin(value);
        expect(exact - bin).toBeGreaterThan(-1e-6);
        expect(exact - bin).toBeLessThan(1 + 1e-6);
      }),
    );
  });

  it('clamps what lies outside to the ends', () => {
    expect([0, 1e-30, 1e30, 3e38].map(histogramBin)).toEqual([0, 0, HISTOGRAM_BINS - 1, HISTOGRAM_BINS - 1]);
    expect(new Reducer(new Selection({ objectiveCount: 1, top: 1, pareto: false }), { mask: 0 }).counters.length).toBe(
      COUNTER_COUNT,
    );
  });
});
