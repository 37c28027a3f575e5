import { describe, expect, it } from 'vitest';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../../kernels/outputs.js';
import { SLOT, SLOT_COUNT } from '../../psa/parameters.js';
import type { Results } from '../backends/evaluator.js';
import { Comparison } from './comparison.js';

const where = (i: number) => ({ space: 's', system: 'y', model: 'm', held: [], ordinal: String(i) });

function designOf(): Float64Array {
  const design = new Float64Array(SLOT_COUNT);
  design[SLOT.compute.memoryCapacityGB] = 24;
  design[SLOT.compute.programShare] = 1;
  return design;
}

/** Results of one design with some outputs; the others are 0. */
function results(status: number, outputs: Partial<Record<keyof typeof OUTPUT, number>>): Results {
  const row = new Float64Array(OUTPUT_COUNT);
  for (const [name, value] of Object.entries(outputs)) row[OUTPUT[name as keyof typeof OUTPUT]] = value;
  return { count: 1, outputs: row, status: Uint32Array.of(status) };
}

function compare(tested: Results, reference: Results): Comparison {
  const comparison = new Comparison();
  comparison.add(tested, reference, where, designOf);
  return comparison;
}

describe('Comparison', () => {
  it('takes parts relative to their whole', () => {
    const comparison = compare(
      results(0, { timeUs: 1000, bubbleUs: 0.02 }),
      results(0, { timeUs: 1000, bubbleUs: 0.01 }),
    );
    expect(comparison.groups()[OUTPUT.bubbleUs]!.maxRelError).toBeCloseTo(1e-5, 12);
    expect(comparison.failureCount).toBe(0);
  });

  it('fails above the tolerance, and on values that are no numbers', () => {
    expect(compare(results(0, { mfu: 0.5001 }), results(0, { mfu: 0.5 })).failures).toMatchObject([
      { output: 'mfu', tested: 0.5001, reference: 0.5, ordinal: '0' },
    ]);
    expect(compare(results(0, { mfu: Number.NaN }), results(0, { mfu: 0.5 })).failureCount).toBe(1);
  });

  it('forgives a different status at the limit of memory only', () => {
    const near = compare(results(STATUS.MEMORY, {}), results(0, { reservedMB: 23999 }));
    expect(near.statuses).toEqual({ different: 1, nearLimit: 1 });
    expect(near.failureCount).toBe(0);
    const far = compare(results(STATUS.MEMORY, {}), results(0, { reservedMB: 20000 }));
    expect(far.statuses).toEqual({ different: 1, nearLimit: 0 });
    expect(far.failureCount).toBe(1);
    expect(compare(results(STATUS.HEADS, {}), results(0, { reservedMB: 24000 })).failureCount).toBe(1);
  });

  it('has the mean, median and largest of all values', () => {
    const comparison = new Comparison();
    for (const mfu of [0.5, 0.50001, 0.50002]) {
      comparison.add(results(0, { mfu }), results(0, { mfu: 0.5 }), where, designOf);
    }
    const { cases, exact, meanAbsRelError, medianRelError, maxRelError } = comparison.groups()[OUTPUT.mfu]!;
    expect([cases, exact]).toEqual([3, 1]);
    expect(meanAbsRelError).toBeCloseTo((2e-5 + 4e-5) / 3, 8);
    expect(medianRelError).toBeCloseTo(2e-5, 8);
    expect(maxRelError).toBeCloseTo(4e-5, 8);
  });
});
