/** Guards of the kernel's speed that need neither a GPU nor a clock. */
import { describe, expect, it } from 'vitest';
import { createCpuEvaluator } from '../host/cpu/evaluator.js';
import { OUTPUT, OUTPUT_COUNT } from '../kernels/outputs.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../psa/index.js';
import { interpretDesigns } from './operations.js';

const DESIGNS = 24;

/** Operations of a random design. Fewer or more: measure, and write down here and in docs/performance.md what is true now. */
const EXPECTED = { f32: 2277, f32Divisions: 209, integer: 6599 };
const TOLERANCE = 0.01;

describe('the WGSL kernel, interpreted', () => {
  const space: CompiledSpace = compilePsa(loadPsa('cosmic-full'));
  const { operations, outputs, status } = interpretDesigns(space, DESIGNS);

  it.each(['f32', 'f32Divisions', 'integer'] as const)('takes as many operations of %s as is written down', (kind) => {
    expect(Math.abs(operations[kind] / EXPECTED[kind] - 1), `${operations[kind]} a design`).toBeLessThan(TOLERANCE);
  });

  it('gives what its twin gives', async () => {
    const twin = createCpuEvaluator(space, 1);
    const expected = await twin.evaluate({ kind: 'samples', seed: 1, start: 0n, count: DESIGNS });
    expect([...status]).toEqual([...expected.status]);
    for (let i = 0; i < DESIGNS; i++) {
      const timeUs = i * OUTPUT_COUNT + OUTPUT.timeUs;
      expect(outputs[timeUs]! / expected.outputs[timeUs]!).toBeCloseTo(1, 5);
    }
  });
});
