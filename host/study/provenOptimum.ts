import { hasBounds } from '../../kernels/bound/goalBound.js';
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { rulesOf } from '../profiles/profiles.js';
import { withBounds } from '../proof/bounding.js';
import { excludedDesigns, newProof } from '../proof/proofState.js';
import { isProven, prove } from '../proof/prove.js';
import { rootsOf } from '../proof/roots.js';
import { type Winner, winnerEvaluator } from '../search/winners.js';

/** The best of a whole space by one objective, and what its proof took. */
export interface ProvenOptimum {
  /** Undefined where no design is feasible. */
  readonly best: Winner | undefined;
  /** Designs that have its objective. */
  readonly optimal: bigint;
  /** Boxes that were bounded, and designs that were evaluated. */
  readonly boxes: number;
  readonly evaluated: bigint;
}

export interface ProvenControl {
  /** Told how many designs are excluded, and the best objective so far. */
  readonly onProgress?: (excluded: number, best: number | undefined) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Proofs with more root boxes would take hours. */
const MOST_ROOTS = 2n ** 22n;

const rootCount = (space: CompiledSpace): bigint => rootsOf(space, rulesOf(space.workload).singleGenes(space)).count;

/** Does an objective have bounds, and a space few enough boxes to begin with? */
export function isProvable(space: CompiledSpace, objective: Objective): boolean {
  return hasBounds(objective) && rootCount(space) <= MOST_ROOTS;
}

/**
 * Proves which design is the best of a space.
 *
 * @param start a good design to begin with
 * @returns undefined where the signal ended it
 */
export async function provenOptimum(
  evaluator: Evaluator,
  objective: Objective,
  start: Winner | undefined,
  { onProgress, signal }: ProvenControl = {},
): Promise<ProvenOptimum | undefined> {
  const { space } = evaluator;
  const goal = new Goal(space, [objective]);
  const state = newProof(start && { digits: ordinalToDigits(space, start.ordinal), value: start.objectives[0]! });
  await withBounds(evaluator, (bounding) =>
    prove(space, goal, bounding, state, {
      onWave: () => onProgress?.(Number(excludedDesigns(state)), state.incumbent?.value),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  if (!isProven(state, rootCount(space))) return undefined;
  const { incumbent, designs, bounded, evaluated } = state;
  return {
    best: incumbent && winnerEvaluator(space, goal)(digitsToOrdinal(space, incumbent.digits), 1),
    optimal: designs.optimal,
    boxes: bounded,
    evaluated: BigInt(evaluated),
  };
}
