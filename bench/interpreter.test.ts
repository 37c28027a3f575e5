/** What the interpreter counts is the simulator: whatever op graphs its shader has, it gives what f64 gives. */
import { describe, expect, it } from 'vitest';
import { createCpuEvaluator } from '../host/backends/cpu/evaluator.js';
import { parseObjective, search } from '../host/index.js';
import { Comparison } from '../host/validate/comparison.js';
import { infeasibleMask, OUTPUT, OUTPUT_COUNT } from '../kernels/outputs.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../psa/index.js';
import { interpretDesigns, interpretWalk } from './operations.js';

const DESIGNS = 8;
/** Dense with and without biases, experts, images, prefill beside decode, and a weighted list of models. */
const MODELS = ['gpt3-175b', 'llama3-70b', 'mixtral-8x7b', 'vit-base', 'gpt3-175b-chat', 'cosmic-ensemble'];

describe.each(MODELS)('the interpreted kernel of %s', (model) => {
  // With room for every model.
  const space = compilePsa(loadPsa('cosmic-full', { model, set: ['compute.memoryCapacityGB=1000'] }));
  const twin = createCpuEvaluator(space, 1);

  it('gives every output and status of random designs that f64 gives', async () => {
    const expected = await twin.evaluate({ kind: 'samples', seed: 1, start: 0n, count: DESIGNS });
    const where = (i: number) => ({
      space: space.name,
      system: space.systemName,
      model,
      held: [],
      ordinal: `sample ${i}`,
    });
    const { outputs, status } = interpretDesigns(space, DESIGNS);
    const comparison = new Comparison();
    const interpreted = { count: DESIGNS, outputs: Float64Array.from(outputs), status };
    comparison.add(interpreted, expected, where, () => new Float64Array());
    expect(comparison.failures).toEqual([]);
  });

  it('gives the times of a walk that f64 gives', async () => {
    const start = await feasibleStart(space);
    const expected = await twin.evaluate({ kind: 'ordinals', start, count: DESIGNS });
    const walked = interpretWalk(space, start, DESIGNS);
    expect([...walked.status]).toEqual([...expected.status]);
    for (let i = 0; i < DESIGNS; i++) {
      if ((expected.status[i]! & infeasibleMask([])) !== 0) continue;
      expect(walked.outputs[i]! / expected.outputs[i * OUTPUT_COUNT + OUTPUT.timeUs]!).toBeCloseTo(1, 4);
    }
  });
});

/** A walk skips what is infeasible; this is an ordinal of a design that is not. */
async function feasibleStart(space: CompiledSpace): Promise<bigint> {
  const { best } = await search(createCpuEvaluator(space, 1), {
    agent: 'random',
    objective: parseObjective('time'),
    evaluations: 200,
    top: 1,
    seed: 1,
  });
  return BigInt(best[0]!.ordinals[0]!);
}
