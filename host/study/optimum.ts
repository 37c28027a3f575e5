import type { Objective } from '../../kernels/objective/objective.js';
import { CosmicError } from '../../psa/errors.js';
import type { Evaluator, SweepControl } from '../evaluator.js';
import { refine } from '../refine.js';
import { wholeSweep } from '../requests.js';
import { fingerprint } from '../runs/manifest.js';
import { winnerEvaluator } from '../winners.js';

/** The optimum of a space, certified by the evaluation of all its designs. */
export interface Optimum {
  /** Of the space. */
  readonly fingerprint: string;
  /** Label of what is smallest there. */
  readonly objective: string;
  readonly ordinal: string;
  /** In f64. */
  readonly value: number;
  readonly designs: string;
  readonly feasible: string;
}

/**
 * Evaluates all designs of a space.
 *
 * @throws CosmicError SPACE_EMPTY where none is feasible
 */
export async function certify(
  evaluator: Evaluator,
  objective: Objective,
  control: SweepControl = {},
): Promise<Optimum | undefined> {
  const { space } = evaluator;
  const request = wholeSweep(space, [objective]);
  const part = await evaluator.sweep(request, control);
  if (part.evaluated < space.count) return undefined;
  const best = refine(space, request, part).top[0];
  if (best === undefined) {
    throw new CosmicError('SPACE_EMPTY', `no design of ${space.name} is feasible`, { remedy: 'study another space' });
  }
  return {
    fingerprint: fingerprint(space),
    objective: objective.label,
    ordinal: best.ordinal.toString(),
    value: best.objectives[0]!,
    designs: space.count.toString(),
    feasible: part.feasible.toString(),
  };
}

/** Is an optimum of earlier about this space and objective, and does its design still score the same? */
export function stillHolds({ space }: Evaluator, objective: Objective, optimum: Optimum): boolean {
  if (optimum.fingerprint !== fingerprint(space) || optimum.objective !== objective.label) return false;
  return winnerEvaluator(space, [objective])(BigInt(optimum.ordinal), 1)?.objectives[0] === optimum.value;
}
