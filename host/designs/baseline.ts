import { type Objective, objectiveValue, packObjectives, usesCost } from '../../kernels/objective/objective.js';
import { infeasibleMask } from '../../kernels/outputs.js';
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
  const feasible = (evaluated.status & infeasibleMask(usesCost(objectives))) === 0;
  const values = objectives.map((objective) => objectiveValue(packObjectives([objective]), 0, evaluated.outputs, 0));
  return { ...evaluated, objectives: feasible ? values : undefined };
}

function compileDefault(psa: Psa) {
  try {
    return compileDesign(defaultPsa(psa));
  } catch (error) {
    if (error instanceof CosmicError) return undefined;
    throw error;
  }
}
