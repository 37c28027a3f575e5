import type { AgentName } from '../../agents/agents.js';
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { digitsToOrdinal, rowOf } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { descend } from '../optimum/neighbourhood.js';
import { search } from '../search/search.js';
import { searchWinners, type Winner, winnerEvaluator } from '../search/winners.js';

export interface FullStackRequest {
  readonly agent: AgentName;
  readonly evaluations: number;
  readonly population: number;
  readonly seed: number;
}

export interface FullStackFound {
  /** Of the search. */
  readonly evaluated: bigint;
  readonly feasible: bigint;
  readonly best: Winner | undefined;
}

/** The design of a space that has the values of another wherever the space offers them. */
function nearest(space: CompiledSpace, design: Float64Array): bigint {
  return digitsToOrdinal(
    space,
    space.genes.map((gene) => Math.max(rowOf(gene, design), 0)),
  );
}

/**
 * The best that a search of the full stack finds. What it found is improved gene by gene until no single change helps, and so are
 * the optima of single stacks: a search may miss a valley that one of them lies in.
 *
 * @param singles designs of the other spaces
 */
export async function searchFullStack(
  evaluator: Evaluator,
  objective: Objective,
  singles: readonly Winner[],
  request: FullStackRequest,
  onProgress: (done: number, best: number | undefined) => void = () => {},
): Promise<FullStackFound> {
  const { space } = evaluator;
  const { agent, evaluations, population, seed } = request;
  const settings = { agent, evaluations, population, seed, objective, top: 1 };
  const state = await search(evaluator, settings, { onGeneration: (s) => onProgress(s.evaluations, s.best) });
  const goal = new Goal(space, [objective]);
  const evaluate = winnerEvaluator(space, goal);
  const starts = [
    ...searchWinners(space, state, goal, 1),
    ...singles.flatMap(({ design }) => evaluate(nearest(space, design), 1) ?? []),
  ];
  const best = starts
    .map((start) => descend(space, start, objective))
    .reduce<Winner | undefined>((a, b) => (a && a.objectives[0]! <= b.objectives[0]! ? a : b), undefined);
  return { evaluated: BigInt(state.evaluations), feasible: BigInt(state.feasible), best };
}
