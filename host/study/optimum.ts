import { z } from 'zod';
import { splitFitness } from '../../agents/shared/population.js';
import { requireBounds } from '../../kernels/bound/goalBound.js';
import { Goal } from '../../kernels/objective/goal.js';
import type { Objective } from '../../kernels/objective/objective.js';
import { CosmicError } from '../../psa/errors.js';
import { digitsToOrdinal } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { fingerprint } from '../runs/fingerprint.js';
import { winnerEvaluator } from '../search/winners.js';
import { type ProvenControl, provenOptimum } from './provenOptimum.js';
import { digitsFrom, type ScoreTable } from './scores.js';

/** The optimum of a space, certified by the evaluation of all its designs, or by proof. */
export interface Optimum {
  /** Of the space. */
  readonly fingerprint: string;
  /** Label of what is smallest there. */
  readonly objective: string;
  readonly ordinal: string;
  /** In f64. */
  readonly value: number;
  readonly designs: string;
  /** Known where all were evaluated. */
  readonly feasible?: string | undefined;
}

/** An optimum as plain data. */
export const optimumSchema = z.object({
  fingerprint: z.string().max(100),
  objective: z.string().max(200),
  ordinal: z.string().regex(/^\d{1,40}$/),
  value: z.number(),
  designs: z.string().regex(/^\d{1,40}$/),
  feasible: z
    .string()
    .regex(/^\d{1,40}$/)
    .optional(),
});

/**
 * The optimum of a space by proof.
 *
 * @returns undefined where the signal ended it
 * @throws CosmicError SPACE_EMPTY where none is feasible, ARGUMENT where the objective has no bound
 */
export async function certify(
  evaluator: Evaluator,
  objective: Objective,
  control: ProvenControl = {},
): Promise<Optimum | undefined> {
  const { space } = evaluator;
  requireBounds(objective);
  const proven = await provenOptimum(evaluator, objective, undefined, control);
  if (proven === undefined) return undefined;
  if (proven.best === undefined) throw emptySpace(space);
  return {
    fingerprint: fingerprint(space),
    objective: objective.label,
    ordinal: proven.best.ordinal.toString(),
    value: proven.best.objectives[0]!,
    designs: space.count.toString(),
  };
}

/**
 * The optimum of a space whose designs are all in a table.
 *
 * @throws CosmicError SPACE_EMPTY where none is feasible
 */
export function optimumOf(space: CompiledSpace, objective: Objective, table: ScoreTable): Optimum {
  let best = 0;
  let feasible = 0;
  for (let i = 0; i < table.length; i++) {
    if (table[i]! < table[best]!) best = i;
    if (splitFitness(table[i]!)[1] === 0) feasible++;
  }
  if (feasible === 0) throw emptySpace(space);
  return {
    fingerprint: fingerprint(space),
    objective: objective.label,
    ordinal: digitsToOrdinal(space, digitsFrom(space, best, 1), 0).toString(),
    value: table[best]!,
    designs: space.count.toString(),
    feasible: feasible.toString(),
  };
}

function emptySpace({ name }: CompiledSpace): CosmicError {
  return new CosmicError('SPACE_EMPTY', `no design of ${name} is feasible`, { remedy: 'study another space' });
}

/** Is an optimum of earlier about this space and objective, and does its design still score the same? */
export function stillHolds(space: CompiledSpace, objective: Objective, optimum: Optimum): boolean {
  if (optimum.fingerprint !== fingerprint(space) || optimum.objective !== objective.label) return false;
  return (
    winnerEvaluator(space, new Goal(space, [objective]))(BigInt(optimum.ordinal), 1)?.objectives[0] === optimum.value
  );
}
