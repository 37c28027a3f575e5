import { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { insertIntoFront } from '../../kernels/reduce/front.js';
import { type Candidate, compareCandidates, type SweepPart } from '../../kernels/reduce/reduce.js';
import { designOf } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { SweepRequest } from '../backends/evaluator.js';
import { createSimulator } from '../profiles/profiles.js';

/** Computes a candidate's objectives in f64; undefined if it is infeasible there. */
function reevaluator(space: CompiledSpace, goal: Goal): (candidate: Candidate) => Candidate | undefined {
  const simulate = createSimulator(space);
  const outputs = new Float64Array(OUTPUT_COUNT);
  return (candidate) => {
    const status = simulate(designOf(space, candidate.ordinal), outputs, 0);
    return goal.isFeasible(status, outputs) ? { ...candidate, objectives: goal.valuesOf(outputs) } : undefined;
  };
}

/**
 * A finished sweep as it may be shown: the kept designs are evaluated again in f64, infeasible ones dropped, the best put
 * in order and cut to `top`, the Pareto front filtered again. The counters stay as they were counted.
 *
 * @example
 * const { top } = refine(space, request, await evaluator.sweep(request));
 */
export function refine(
  space: CompiledSpace,
  { objectives, limits, top }: Pick<SweepRequest, 'objectives' | 'limits' | 'top'>,
  part: SweepPart,
): SweepPart {
  const reevaluate = reevaluator(space, new Goal(space, objectives, limits));
  const again = (candidates: readonly Candidate[]) => candidates.flatMap((candidate) => reevaluate(candidate) ?? []);
  const pareto: Candidate[] = [];
  for (const candidate of again(part.pareto)) insertIntoFront(pareto, candidate);
  return { ...part, top: again(part.top).sort(compareCandidates).slice(0, top), pareto };
}
