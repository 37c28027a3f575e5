import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { compileDesign, defaultPsa } from '../../psa/defaults.js';
import { CosmicError } from '../../psa/errors.js';
import type { Psa } from '../../psa/psa.js';
import { designEvaluator, type EvaluatedDesign } from './designs.js';

/** The system's own default for what a PsA varies: what a search is to beat. */
export interface Baseline extends EvaluatedDesign {
  /** Undefined where the default is infeasible. */
  readonly objectives: readonly number[] | undefined;
}

/** @returns undefined where the fixed values of the PsA leave no default, or several */
export function baselineOf(psa: Psa, objectives: readonly Objective[]): Baseline | undefined {
  const space = compileDefault(psa);
  if (space === undefined) return undefined;
  const evaluated = designEvaluator(space)(space.fixed);
  const goal = new Goal(space, objectives);
  const { status, outputs } = evaluated;
  return { ...evaluated, objectives: goal.isFeasible(status, outputs) ? goal.valuesOf(outputs) : undefined };
}

function compileDefault(psa: Psa) {
  try {
    return compileDesign(defaultPsa(psa));
  } catch (error) {
    if (error instanceof CosmicError) return undefined;
    throw error;
  }
}
