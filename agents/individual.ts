import type { Evaluated } from './agent.js';

/** One evaluated design. */
export interface Individual {
  readonly digits: Uint32Array;
  /** The first objective. */
  readonly objective: number;
  /** 0 is feasible. */
  readonly violation: number;
}

/** Individuals as plain data, column by column. */
export interface IndividualsState {
  readonly digits: readonly number[];
  readonly objectives: readonly number[];
  readonly violations: readonly number[];
}

/** The designs of a batch. Infeasible ones have no objective: it is 0. */
export function readBatch({ digits, objectives, violations }: Evaluated): Individual[] {
  const count = violations.length;
  if (count === 0) return [];
  const width = digits.length / count;
  const stride = objectives.length / count;
  return Array.from({ length: count }, (_, i) => ({
    digits: digits.slice(i * width, (i + 1) * width),
    objective: violations[i] === 0 ? objectives[i * stride]! : 0,
    violation: violations[i]!,
  }));
}

/**
 * Orders designs by Deb's rules ("An efficient constraint handling method for genetic algorithms", CMAME 186, 2000):
 * feasible before infeasible, then the smaller violation, then the smaller objective.
 */
export function compare(a: Individual, b: Individual): number {
  return a.violation - b.violation || a.objective - b.objective;
}

/** Is `a` strictly better, or is there no other? */
export function isBetter(a: Individual, b: Individual | undefined): boolean {
  return b === undefined || compare(a, b) < 0;
}

/** The first of each design. */
export function distinct<T extends { readonly digits: Uint32Array }>(designs: readonly T[]): T[] {
  const seen = new Set<string>();
  return designs.filter(({ digits }) => {
    const before = seen.size;
    return seen.add(digits.join()).size > before;
  });
}

export function individualsToPlain(individuals: readonly Individual[]): IndividualsState {
  return {
    digits: individuals.flatMap(({ digits }) => [...digits]),
    objectives: individuals.map(({ objective }) => objective),
    violations: individuals.map(({ violation }) => violation),
  };
}

export function individualsFromPlain(state: IndividualsState): Individual[] {
  const width = state.digits.length / Math.max(1, state.objectives.length);
  return state.objectives.map((objective, i) => ({
    digits: Uint32Array.from(state.digits.slice(i * width, (i + 1) * width)),
    objective,
    violation: state.violations[i]!,
  }));
}
