/** Guards of the kernel's speed that need neither a GPU nor a clock. */
import { describe, expect, it } from 'vitest';
import { createCpuEvaluator } from '../host/backends/cpu/evaluator.js';
import { OUTPUT, OUTPUT_COUNT } from '../kernels/outputs.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../psa/index.js';
import { FACTS, PRICED_START } from './money.js';
import { interpretDesigns, interpretWalk } from './operations.js';
import { FEASIBLE_START } from './walks.js';

const DESIGNS = 24;
/** Two turns of the last gene of cosmic-full, all feasible. */
const WALKED = 20;

/**
 * Operations of a random design that vary with it. Fewer or more: measure, and write down here what is true now. Some hundred of
 * them are arguments of `row_us` that a space without shapes and formats does not read: a compiler leaves them out.
 */
const EXPECTED = { f32: 4283.1, f32Divisions: 149.71, integer: 1358.9 };
/** Of a design behind its neighbour, mean over a thread's walk with its begin. */
const EXPECTED_WALK = { f32: 1517.6, f32Divisions: 23.1, integer: 430.6 };
/** What a walk for dollars of machines that are bought computes more of a design than one for time. */
const EXPECTED_FOR_DOLLARS = { f32: 33, f32Divisions: 1, integer: 0 };
const TOLERANCE = 0.01;
/** Of all private variables that the kernel names. What is needed at a time is less, and the driver's to find out. */
const PRIVATE_BYTES = 6196;

const space: CompiledSpace = compilePsa(loadPsa('cosmic-full'));
/** With genes for the order of axes, the pipeline and attention, which are fixed in the other. */
const wider = compilePsa(loadPsa('cosmic-extended'));
const twin = createCpuEvaluator(space, 1);
const kinds = ['f32', 'f32Divisions', 'integer'] as const;

describe('the WGSL kernel, interpreted', () => {
  const { operations, indexed, outputs, status } = interpretDesigns(space, DESIGNS);

  it.each(kinds)('takes as many operations of %s as is written down', (kind) => {
    expect(Math.abs(operations[kind] / EXPECTED[kind] - 1), `${operations[kind]} a design`).toBeLessThan(TOLERANCE);
  });

  it('declares as many bytes of private variables as are written down', () => {
    expect(operations.privateBytes).toBe(PRIVATE_BYTES);
  });

  it('finds all that it keeps at constant places, so that it may live in registers', () => {
    expect(indexed).toEqual([]);
    expect(interpretDesigns(wider, 4).indexed).toEqual([]);
  });

  it('gives what its twin gives', async () => {
    const expected = await twin.evaluate({ kind: 'samples', seed: 1, start: 0n, count: DESIGNS });
    expect([...status]).toEqual([...expected.status]);
    for (let i = 0; i < DESIGNS; i++) {
      const timeUs = i * OUTPUT_COUNT + OUTPUT.timeUs;
      expect(outputs[timeUs]! / expected.outputs[timeUs]!).toBeCloseTo(1, 5);
    }
  });
});

describe('a walk over ordinals, interpreted', () => {
  const { operations, indexed, outputs, status } = interpretWalk(space, FEASIBLE_START, WALKED);

  it.each(kinds)('takes as many operations of %s as is written down', (kind) => {
    expect(Math.abs(operations[kind] / EXPECTED_WALK[kind] - 1), `${operations[kind]} a design`).toBeLessThan(
      TOLERANCE,
    );
  });

  it('takes little more for dollars than for time: their formulas, whose constants are folded', () => {
    const bought = compilePsa(loadPsa('cosmic-full', { set: FACTS }));
    const [time, dollars] = ['time', 'dollars'].map(
      (objective) => interpretWalk(bought, PRICED_START, WALKED, objective).operations,
    );
    for (const kind of kinds) {
      expect(dollars![kind] - time![kind], kind).toBeCloseTo(EXPECTED_FOR_DOLLARS[kind], 5);
    }
  });

  it('finds all that it keeps at constant places', () => {
    expect(indexed).toEqual([]);
    expect(interpretWalk(wider, 0n, 4).indexed).toEqual([]);
  });

  it('gives what its twin gives', async () => {
    const expected = await twin.evaluate({ kind: 'ordinals', start: FEASIBLE_START, count: WALKED });
    expect([...status]).toEqual([...expected.status]);
    for (let i = 0; i < WALKED; i++) {
      expect(outputs[i]! / expected.outputs[i * OUTPUT_COUNT + OUTPUT.timeUs]!).toBeCloseTo(1, 5);
    }
  });
});
