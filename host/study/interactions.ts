/** What single-stack searches miss: changes that pay only beside others. */
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator } from '../designs/designs.js';
import { MATTERS, takeBack } from '../report/ablation.js';
import { jointChanges } from '../report/changes.js';

/** A change of the best design, judged from both ends. */
export interface ChangeEffect {
  /** Parameters that change together. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** Objective of the default with this change alone, relative to the default; undefined where it is infeasible. */
  readonly alone: number | undefined;
  readonly aloneReasons: readonly string[];
  /** Objective of the best design without it, relative to the best; undefined where it is infeasible. */
  readonly without: number | undefined;
  readonly withoutReasons: readonly string[];
}

/** Does the change pay only beside others: worthless or worse alone, and yet needed? */
export function paysOnlyTogether({ alone, without }: ChangeEffect): boolean {
  return (alone === undefined || alone >= 1) && (without === undefined || without > MATTERS);
}

/** Each change of a design against the default, alone and taken back; the most needed first. */
export function changeEffects(
  space: CompiledSpace,
  best: Float64Array,
  reference: Float64Array,
  objective: Objective,
): ChangeEffect[] {
  const evaluate = designEvaluator(space);
  const goal = new Goal(space, [objective]);
  const own = goal.valueOf(evaluate(reference).outputs);
  return takeBack(space, best, reference, objective, jointChanges)
    .filter(({ stack }) => !stack)
    .map(({ what, from, to, slots, ratio, reasons }) => {
      const altered = reference.slice();
      for (const slot of slots) altered[slot] = best[slot]!;
      const { outputs, status } = evaluate(altered);
      return {
        what,
        from: to,
        to: from,
        alone: goal.isFeasible(status, outputs) ? goal.valueOf(outputs) / own : undefined,
        aloneReasons: goal.reasonsOf(status),
        without: ratio,
        withoutReasons: reasons,
      };
    });
}

/**
 * The optima of single stacks put together into one design: what one gets without co-design. Its objective; undefined
 * where the design is infeasible.
 */
export function stackedObjective(
  space: CompiledSpace,
  reference: Float64Array,
  optima: readonly { readonly space: CompiledSpace; readonly design: Float64Array }[],
  objective: Objective,
): number | undefined {
  const stacked = reference.slice();
  for (const { space: own, design } of optima) {
    for (const slot of own.genes.flatMap(({ slots }) => slots)) stacked[slot] = design[slot]!;
  }
  const { outputs, status } = designEvaluator(space)(stacked);
  const goal = new Goal(space, [objective]);
  return goal.isFeasible(status, outputs) ? goal.valueOf(outputs) : undefined;
}
