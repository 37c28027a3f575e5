import { z } from 'zod';
import type { AgentGene, Evaluated } from '../agent.js';
import { areRowsOf, digitRows, numbers } from './savedState.js';

/** One evaluated design. */
export interface Individual {
  readonly digits: Uint32Array;
  /** The first objective. */
  readonly objective: number;
  /** 0 is feasible. */
  readonly violation: number;
}

/**
 * Individuals as plain data, column by column.
 *
 * @param most how many there may be
 */
export function individualsState(genes: readonly AgentGene[], most = Number.POSITIVE_INFINITY) {
  return z
    .strictObject({ digits: digitRows(genes), objectives: numbers, violations: numbers })
    .refine(
      ({ digits, objectives: { length }, violations }) =>
        length <= most && violations.length === length && areRowsOf(length, digits, genes),
      'each design has digits, an objective and a violation',
    );
}

export type IndividualsState = z.infer<ReturnType<typeof individualsState>>;

/** The designs of a batch. Infeasible ones have no objective: it is 0. */
export function readBatch(batch: Evaluated): Individual[] {
  return Array.from(batch.violations, (_, i) => individualOf(batch, i));
}

/** The best design of a batch, the first of equals; undefined where there is none. */
export function bestOfBatch(batch: Evaluated): Individual | undefined {
  const { objectives, violations } = batch;
  const stride = objectives.length / violations.length;
  let best = 0;
  for (let i = 1; i < violations.length; i++) {
    const difference = violations[i]! - violations[best]!;
    const isSmaller = violations[i] === 0 && objectives[i * stride]! < objectives[best * stride]!;
    if (difference < 0 || (difference === 0 && isSmaller)) best = i;
  }
  return violations.length === 0 ? undefined : individualOf(batch, best);
}

function individualOf({ digits, objectives, violations }: Evaluated, i: number): Individual {
  const width = digits.length / violations.length;
  const stride = objectives.length / violations.length;
  return {
    digits: digits.slice(i * width, (i + 1) * width),
    objective: violations[i] === 0 ? objectives[i * stride]! : 0,
    violation: violations[i]!,
  };
}

/** A design as a batch of one. */
export function batchOf({ digits, objective, violation }: Individual): Evaluated {
  return { digits, objectives: Float64Array.of(objective), violations: Float64Array.of(violation) };
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
