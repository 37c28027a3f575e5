/** What the designs of a box come to at best, and at worst, under a goal. */
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import { excess } from '../objective/fitness.js';
import type { Goal } from '../objective/goal.js';
import { inverseReward, type Objective, objectiveValue } from '../objective/objective.js';
import { OUTPUT, OUTPUT_COUNT, type OutputName, QUANTITIES, type QuantityDefinition } from '../outputs.js';
import { createBoundDeriver } from '../quantities/deriveBounds.js';
import type { Bounds } from './bounder.js';
import { type Box, createSlotEnds } from './box.js';

const QUANTITY_OF = new Map<OutputName, QuantityDefinition>(QUANTITIES.map((quantity) => [quantity.output, quantity]));

/** Does a bound know an output's least, or its most, where it looks for the least time? */
function hasEnd(output: OutputName, end: 'least' | 'most'): boolean {
  const withTime = QUANTITY_OF.get(output)?.withTime;
  return withTime === 'stays' || withTime === (end === 'least' ? 'grows' : 'falls');
}

function unboundedTerm({ terms }: Objective): Objective['terms'][number] | undefined {
  return terms.find(({ output, exponent }) => !hasEnd(output, exponent > 0 ? 'least' : 'most'));
}

/** Does an objective grow only with what has a bound? */
export function hasBounds(objective: Objective): boolean {
  return unboundedTerm(objective) === undefined;
}

/** @throws CosmicError ARGUMENT where an objective grows with what has no bound, such as time^-1 */
export function requireBounds(objective: Objective): void {
  const unbounded = unboundedTerm(objective);
  if (unbounded === undefined) return;
  throw new CosmicError(
    'ARGUMENT',
    `objective '${objective.label}' has no bound: ${unbounded.output} to the power ${unbounded.exponent}`,
    {
      remedy: 'prove a product with powers of time and memory that are not negative, such as time*cost',
    },
  );
}

/** The least objective of products from this one on: a reward's 1/r falls up to x = 1 and grows behind it. */
export function leastObjective({ reward }: Objective, product: number): number {
  if (!reward) return product;
  return product < 1 ? 1 : inverseReward(product);
}

/** What a box comes to. */
export interface BoxValue {
  /** No design of the box has a smaller objective; infinite where none is feasible. */
  best: number;
  /** None has a larger one; infinite where that is not known, or where one is infeasible. */
  worst: number;
  /** Why none is feasible: the statuses that all have, or the limits that all break, as bits. */
  status: number;
  broken: number;
}

/** Values boxes of a space under a goal, by its first objective. Derived outputs are set in the rows of the bounds. */
export function createBoxValuer(space: CompiledSpace, goal: Goal): (box: Box, bounds: Bounds) => BoxValue {
  const derive = createBoundDeriver(space, goal.outputs);
  const ends = createSlotEnds(space);
  const row = new Float64Array(OUTPUT_COUNT);
  const { terms, scale, reward } = goal.first;
  const result: BoxValue = { best: 0, worst: 0, status: 0, broken: 0 };

  /** The product that is minimised, where each output is at the end that makes it small, or large. */
  const productAt = (small: Float64Array, large: Float64Array): number =>
    terms.reduce((product, { output, factor, exponent }) => {
      const place = OUTPUT[output];
      row[place] = exponent > 0 ? small[place]! : large[place]!;
      return product * (row[place]! * factor) ** exponent;
    }, scale);

  return (box, { status, mixed, least, most }) => {
    if (status === 0) derive?.(ends(box), least, most);
    result.status = status & goal.mask;
    result.broken = 0;
    let kept = true;
    goal.limits.forEach((limit, k) => {
      const [nearest, farthest] = limit.sense === '<=' ? [least, most] : [most, least];
      if (excess(limit, nearest, 0) > 0) result.broken |= 1 << k;
      if (excess(limit, farthest, 0) > 0) kept = false;
    });
    result.best = Number.POSITIVE_INFINITY;
    result.worst = Number.POSITIVE_INFINITY;
    if (result.status !== 0 || result.broken !== 0) return result;
    const product = productAt(least, most);
    const folds = reward && product < 1;
    result.best = leastObjective(goal.first, product);
    if (mixed || folds || !kept || most[OUTPUT.timeUs] === Number.POSITIVE_INFINITY) return result;
    productAt(most, least);
    result.worst = objectiveValue(goal.packed, 0, row, 0);
    return result;
  };
}
