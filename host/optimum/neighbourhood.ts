import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { designOf, digitsToOrdinal, ordinalToDigits, rowOf } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import type { Winner } from '../search/winners.js';

/** A design that differs in one gene from another. */
export interface Neighbour extends EvaluatedDesign {
  readonly ordinal: bigint;
  /** Index of the gene, and the row of its table that the neighbour has. */
  readonly gene: number;
  readonly row: number;
  /** Undefined where the neighbour is infeasible. */
  readonly objective: number | undefined;
}

/** Two objectives closer than this are the same: the last digits depend on the order of sums. */
const SAME = 1e-9;

/** Evaluates designs of a space by their ordinals in f64: objective, or undefined where infeasible. */
function scorer(space: CompiledSpace, objective: Objective) {
  const evaluate = designEvaluator(space);
  const goal = new Goal(space, [objective]);
  return (ordinal: bigint) => {
    const evaluated = evaluate(designOf(space, ordinal));
    const { status, outputs } = evaluated;
    return { ...evaluated, objective: goal.isFeasible(status, outputs) ? goal.valueOf(outputs) : undefined };
  };
}

/**
 * Every design that differs from one in a single gene, evaluated in f64: how much each choice matters. Parameters that a
 * constraint ties together form one gene, and change together.
 *
 * @example
 * neighbourhood(space, best.ordinal, parseObjective('time')).filter(({ objective }) => objective === undefined);
 */
export function neighbourhood(space: CompiledSpace, ordinal: bigint, objective: Objective): Neighbour[] {
  const score = scorer(space, objective);
  const digits = ordinalToDigits(space, ordinal);
  return space.genes.flatMap(({ size }, gene) =>
    Array.from({ length: size }, (_, row) => row)
      .filter((row) => row !== digits[gene])
      .map((row) => {
        const other = digitsToOrdinal(space, digits.with(gene, row));
        return { ordinal: other, gene, row, ...score(other) };
      }),
  );
}

/** A winner moved to another ordinal that was evaluated. */
function moved(
  winner: Winner,
  { ordinal, design, outputs, status, objective }: Omit<Neighbour, 'gene' | 'row'>,
): Winner {
  return { ...winner, ordinal, design, outputs, status, objectives: [objective!] };
}

/**
 * Goes from a design to the best one that differs in one gene, as long as that is better: what a search left to gain.
 *
 * @returns a design that no change of a single gene improves
 */
export function descend(space: CompiledSpace, from: Winner, objective: Objective): Winner {
  let best = from;
  for (;;) {
    const limit = best.objectives[0]! * (1 - SAME);
    const better = neighbourhood(space, best.ordinal, objective)
      .filter((neighbour) => neighbour.objective !== undefined && neighbour.objective < limit)
      .sort((a, b) => a.objective! - b.objective!)[0];
    if (better === undefined) return best;
    best = moved(best, better);
  }
}

/**
 * Takes back every change against another design that gains nothing: what then still differs is what matters.
 *
 * @param reference SLOT_COUNT numbers, such as the system's default
 */
export function withoutIdleChanges(
  space: CompiledSpace,
  winner: Winner,
  reference: Float64Array,
  objective: Objective,
): Winner {
  const score = scorer(space, objective);
  return space.genes.reduce((best, of, gene) => {
    const own = rowOf(of, reference);
    if (own < 0) return best;
    const ordinal = digitsToOrdinal(space, ordinalToDigits(space, best.ordinal).with(gene, own));
    const scored = score(ordinal);
    const same = scored.objective !== undefined && scored.objective <= best.objectives[0]! * (1 + SAME);
    return same ? moved(best, { ordinal, ...scored }) : best;
  }, winner);
}
