import type { Constraint } from './constraints.js';
import { CosmicError } from './errors.js';
import type { Variable } from './variables.js';

/** Variables that constraints tie together, and those constraints. */
export interface Group {
  readonly variables: readonly Variable[];
  readonly constraints: readonly Constraint[];
}

/** Most feasible tuples of a group: a gene's table has a row for each. */
const MOST_TUPLES = 2 ** 20;
/** Most partial tuples looked at in a group: about a second's work. */
const MOST_STEPS = 2 ** 24;

/** One step of the enumeration: try each value of a variable, and check what is then decided. */
interface Step {
  readonly place: number;
  readonly variable: Variable;
  readonly checks: readonly Constraint[];
}

function reads(constraint: Constraint, variable: Variable): boolean {
  return variable.slots.some((slot) => constraint.slots.has(slot));
}

/** The constraint that is cheapest to decide next: the one with the fewest tuples of undecided variables. */
function cheapest(constraints: readonly Constraint[], undecided: readonly Variable[]): Constraint {
  const cost = (constraint: Constraint) =>
    undecided
      .filter((variable) => reads(constraint, variable))
      .reduce((tuples, { values }) => tuples * values.length, 1);
  return constraints.reduce((best, constraint) => (cost(constraint) < cost(best) ? constraint : best));
}

function decisionOrder({ variables, constraints }: Group): Variable[] {
  const order: Variable[] = [];
  let waiting = [...constraints];
  let undecided = [...variables];
  while (waiting.length > 0) {
    const next = cheapest(waiting, undecided);
    order.push(...undecided.filter((variable) => reads(next, variable)));
    undecided = undecided.filter((variable) => !reads(next, variable));
    waiting = waiting.filter((constraint) => constraint !== next);
  }
  return [...order, ...undecided];
}

/** Each constraint is checked as soon as the last variable that it reads has a value. */
function planned(group: Group): Step[] {
  const order = decisionOrder(group);
  const decidedAt = (constraint: Constraint) => order.findLastIndex((variable) => reads(constraint, variable));
  return order.map((variable, i) => ({
    variable,
    place: group.variables.indexOf(variable),
    checks: group.constraints.filter((constraint) => decidedAt(constraint) === i),
  }));
}

function tooLarge(group: Group, what: string): never {
  const names = group.variables.map(({ name }) => name).join(', ');
  const constraint = group.constraints[0];
  throw new CosmicError('CONSTRAINT_TOO_LARGE', `constraints tie ${names} together: ${what}`, {
    ...constraint?.place,
    remedy:
      'give these parameters fewer values, or drop a constraint that ties them (the simulator rejects what is infeasible)',
  });
}

/**
 * The feasible tuples of a group, each as the places of its values, in lexicographic order.
 *
 * @param fixed the design's other values, which constraints may read
 * @param most stop after so many tuples
 * @throws CosmicError CONSTRAINT_TOO_LARGE
 */
export function feasibleTuples(group: Group, fixed: Float64Array, most = Infinity): Uint32Array[] {
  const steps = planned(group);
  const design = fixed.slice();
  const digits = new Uint32Array(steps.length);
  const tuples: Uint32Array[] = [];
  let visited = 0;
  const descend = (depth: number): void => {
    const step = steps[depth];
    if (step === undefined) {
      if (tuples.length === MOST_TUPLES) tooLarge(group, `more than ${MOST_TUPLES} combinations are feasible`);
      tuples.push(digits.slice());
      return;
    }
    const { place, variable, checks } = step;
    for (let digit = 0; digit < variable.values.length && tuples.length < most; digit++) {
      if (++visited > MOST_STEPS) tooLarge(group, `more than ${MOST_STEPS} combinations would have to be tried`);
      digits[place] = digit;
      for (const slot of variable.slots) design[slot] = variable.values[digit]!;
      if (checks.every((constraint) => constraint.holds(design))) descend(depth + 1);
    }
  };
  descend(0);
  return tuples.sort(lexicographically);
}

function lexicographically(a: Uint32Array, b: Uint32Array): number {
  const place = a.findIndex((digit, i) => digit !== b[i]);
  return place < 0 ? 0 : a[place]! - b[place]!;
}
