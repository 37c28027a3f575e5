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
/** What enumerations may cost in all, in steps of constraints: some seconds' work. */
const MOST_STEPS = 2 ** 27;

/** What is left of the work that a compilation, or a recount, may take. */
export class Budget {
  #left = MOST_STEPS;

  /** Takes so many steps; false where they are no longer there. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }
}

/** The places of the values of a group's variables. A space may have a million: typed arrays would take four times the room. */
export type Tuple = readonly number[];

/** One step of the enumeration: try each value of a variable, and check what is then decided. */
interface Step {
  readonly place: number;
  readonly variable: Variable;
  readonly checks: readonly Constraint[];
  /** Steps that a value takes. */
  readonly cost: number;
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
  const decided = group.constraints.map(decidedAt);
  return order.map((variable, i) => {
    const checks = group.constraints.filter((_, c) => decided[c] === i);
    const cost = checks.reduce((steps, constraint) => steps + constraint.steps, 1);
    return { variable, place: group.variables.indexOf(variable), checks, cost };
  });
}

/** Variables in a message. */
export function listed(variables: readonly Variable[]): string {
  const names = variables.map(({ name }) => name);
  return names.length <= 6 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

function tooLarge(group: Group, what: string): never {
  const product = group.variables.reduce((tuples, { values }) => tuples * values.length, 1);
  const widest = [...group.variables].sort((a, b) => b.values.length - a.values.length).slice(0, 3);
  const widths = widest.map(({ name, values }) => `${name} (${values.length} values)`).join(', ');
  throw new CosmicError(
    'CONSTRAINT_TOO_LARGE',
    `constraints tie ${listed(group.variables)} together, ${product.toPrecision(3)} combinations: ${what}`,
    {
      ...group.constraints[0]?.place,
      remedy: `narrow ${widths}, or drop a constraint that ties them (the simulator rejects what is infeasible)`,
    },
  );
}

/**
 * The feasible tuples of a group, each as the places of its values, in lexicographic order.
 *
 * @param fixed the design's other values, which constraints may read
 * @param budget what it may cost
 * @param most stop after so many tuples
 * @throws CosmicError CONSTRAINT_TOO_LARGE
 */
export function feasibleTuples(group: Group, fixed: Float64Array, budget: Budget, most = Infinity): Tuple[] {
  const steps = planned(group);
  const design = fixed.slice();
  const digits = new Array<number>(steps.length).fill(0);
  const tuples: Tuple[] = [];
  const descend = (depth: number): void => {
    const step = steps[depth];
    if (step === undefined) {
      if (tuples.length === MOST_TUPLES) tooLarge(group, `more than ${MOST_TUPLES} of them are feasible`);
      tuples.push(digits.slice());
      return;
    }
    const { place, variable, checks, cost } = step;
    for (let digit = 0; digit < variable.values.length && tuples.length < most; digit++) {
      if (!budget.spend(cost)) tooLarge(group, 'to try them takes too long');
      digits[place] = digit;
      for (const slot of variable.slots) design[slot] = variable.values[digit]!;
      if (checks.every((constraint) => constraint.holds(design))) descend(depth + 1);
    }
  };
  descend(0);
  // They come in order where variables are decided in theirs.
  return steps.every(({ place }, depth) => place === depth) ? tuples : tuples.sort(lexicographically);
}

function lexicographically(a: Tuple, b: Tuple): number {
  for (let place = 0; place < a.length; place++) {
    if (a[place] !== b[place]) return a[place]! - b[place]!;
  }
  return 0;
}
