import type { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { insertIntoFront } from '../../kernels/reduce/front.js';
import { designOf } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import { tierOf } from './scoreboard.js';
import type { SearchState } from './searchState.js';

/** A design worth showing, evaluated in f64. */
export interface Winner extends EvaluatedDesign {
  readonly ordinal: bigint;
  /** One value per objective, smaller is better. */
  readonly objectives: readonly number[];
  /** Designs found that score the same, this one included; a search counts at most 100. */
  readonly ties: number;
}

/** Evaluates designs by their ordinals; undefined where a design is infeasible under the goal. */
export function winnerEvaluator(
  space: CompiledSpace,
  goal: Goal,
): (ordinal: bigint, ties: number) => Winner | undefined {
  const evaluate = designEvaluator(space);
  return (ordinal, ties) => {
    const evaluated = evaluate(designOf(space, ordinal));
    if (!goal.isFeasible(evaluated.status, evaluated.outputs)) return undefined;
    return { ...evaluated, ordinal, objectives: goal.valuesOf(evaluated.outputs), ties };
  };
}

/**
 * What a search found, re-evaluated in f64: the best designs of distinct tiers, best first. Of a tier, the design with the
 * cheapest network stands for all.
 */
export function searchWinners(
  space: CompiledSpace,
  state: Pick<SearchState, 'best'>,
  goal: Goal,
  top: number,
): Winner[] {
  const evaluate = winnerEvaluator(space, goal);
  const tiers = new Map<number, Winner>();
  for (const winner of state.best.flatMap(({ ordinals }) => ordinals.flatMap((o) => evaluate(BigInt(o), 1) ?? []))) {
    const tier = tierOf(winner.objectives[0]!);
    const other = tiers.get(tier);
    if (other === undefined) tiers.set(tier, winner);
    else tiers.set(tier, { ...(isPreferred(winner, other) ? winner : other), ties: other.ties + 1 });
  }
  return [...tiers.values()].sort((a, b) => a.objectives[0]! - b.objectives[0]!).slice(0, top);
}

/** The Pareto front that a search found, re-evaluated in f64, by the first objective. */
export function frontWinners(space: CompiledSpace, state: Pick<SearchState, 'front'>, goal: Goal): Winner[] {
  const evaluate = winnerEvaluator(space, goal);
  const front: Winner[] = [];
  for (const { ordinal } of state.front) {
    const winner = evaluate(BigInt(ordinal), 1);
    if (winner !== undefined) insertIntoFront(front, winner);
  }
  return front.sort((a, b) => a.objectives[0]! - b.objectives[0]!);
}

/** Among equals, the cheaper network (none without a price), then the smaller objective, then the smaller ordinal. */
function isPreferred(a: Winner, b: Winner): boolean {
  const price = ({ outputs }: Winner) => outputs[OUTPUT.costUsd] || Number.POSITIVE_INFINITY;
  if (price(a) !== price(b)) return price(a) < price(b);
  if (a.objectives[0] !== b.objectives[0]) return a.objectives[0]! < b.objectives[0]!;
  return a.ordinal < b.ordinal;
}

/** Joins neighbours with the same objectives into the first of them. */
export function mergeTies(sorted: readonly Winner[]): Winner[] {
  const merged: Winner[] = [];
  for (const winner of sorted) {
    const last = merged.at(-1);
    if (last?.objectives.every((value, i) => value === winner.objectives[i])) {
      merged[merged.length - 1] = { ...last, ties: last.ties + winner.ties };
    } else {
      merged.push(winner);
    }
  }
  return merged;
}
