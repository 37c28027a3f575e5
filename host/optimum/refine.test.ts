import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import type { Candidate } from '../../kernels/reduce/reduce.js';
import { smallSpace } from '../../test/smallSpace.js';
import { createEngine } from '../backends/cpu/engine.js';
import type { SweepRequest } from '../backends/evaluator.js';
import { refine } from './refine.js';

const space = smallSpace();
const request: SweepRequest = {
  source: { kind: 'ordinals' },
  start: 0n,
  count: 5000n,
  objectives: [parseObjective('time'), parseObjective('bandwidth')],
  top: 4,
  pareto: true,
};
const exact = createEngine(space).sweep(request, 0n, 5000);

/** A candidate as f32 might have it: off by a little. */
function blur(candidate: Candidate, i: number): Candidate {
  const factor = 1 + (i % 2 === 0 ? 1e-6 : -1e-6);
  return { ...candidate, objectives: candidate.objectives.map((value) => value * factor) };
}

describe('refine', () => {
  it('restores exact values and order from blurred ones', () => {
    const blurred = { ...exact, top: exact.top.map(blur).reverse(), pareto: exact.pareto.map(blur) };
    const refined = refine(space, request, blurred);
    expect(refined.top).toEqual(exact.top.slice(0, request.top));
    expect(refined.pareto).toEqual(exact.pareto);
  });

  it('drops candidates that are infeasible in f64', () => {
    const results = createEngine(space).evaluate({ kind: 'ordinals', start: 0n, count: 5000 });
    const infeasible = BigInt(results.status.findIndex((status) => status !== 0));
    const intruder = { position: infeasible, ordinal: infeasible, objectives: [0, 0] };
    const refined = refine(space, request, { ...exact, top: [intruder, ...exact.top], pareto: [intruder] });
    expect(refined.top).toEqual(exact.top.slice(0, request.top));
    expect(refined.pareto).toEqual([]);
  });
});
