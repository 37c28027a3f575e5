/** The profiles by their names: here alone it is chosen whose rules are followed. */
import { createDeriver } from '../../kernels/quantities/derive.js';
import type { Simulator } from '../../kernels/simulate.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace, Profile, Workload } from '../../psa/space.js';
import { astraSim } from './astraSim.js';
import type { CollectiveCall, CollectiveRun } from './collectiveRun.js';
import type { GraphTables } from './operationTables.js';
import { physics } from './physics.js';
import type { Rules } from './profile.js';

export const RULES: Readonly<Record<Profile, Rules>> = { default: physics, 'astra-sim': astraSim };

/** The rules that a workload is simulated by. */
export function rulesOf({ profile = 'default' }: Pick<Workload, 'profile'>): Rules {
  return RULES[profile];
}

/**
 * The f64 simulator of a space's designs by the rules of its profile, derived outputs too. One simulator serves one thread.
 *
 * @example
 * const simulator = createSimulator(space);
 * const outputs = new Float64Array(OUTPUT_COUNT);
 * const status = simulator(design, outputs, 0); // 0: feasible
 */
export function createSimulator(space: CompiledSpace): Simulator {
  const { workload, tiers } = space;
  const simulate = rulesOf(workload).createSimulator(workload, tiers);
  const derive = createDeriver(space);
  return (design, outputs, row, changed, skip) => {
    const status = simulate(design, outputs, row, changed, skip);
    derive?.(design, outputs, row);
    return status;
  };
}

/**
 * Where a design's step goes, per phase of the workload: in the default profile on the first pipeline stage (head and
 * embedding: on theirs), in the astra-sim profile on the stage that ends last; empty where ASTRA-sim does not end.
 *
 * @example
 * const [step] = operationTables(space, design);
 * step.operations.filter(({ bound }) => bound === 'memory');
 */
export function operationTables(space: CompiledSpace, design: Float64Array): GraphTables[] {
  return rulesOf(space.workload).operationTables(space, design);
}

/**
 * One collective of the innermost NPUs of a system, whose default design is the space's fixed one.
 *
 * @throws CosmicError ARGUMENT where the system has no groups of so many
 * @example
 * timeCollective(openSystem('dgx-h100'), { collective: 'allReduce', npus: 8, bytes: 2 ** 30 });
 */
export function timeCollective(space: CompiledSpace, call: CollectiveCall): CollectiveRun {
  const { npus } = call;
  if (npus < 2 || npus > space.npus || space.npus % npus !== 0) {
    throw new CosmicError('ARGUMENT', `${space.systemName} has ${space.npus} NPUs, and so no groups of ${npus}`, {
      remedy: `give a number of at least 2 that divides ${space.npus}, or another --set system.npus`,
    });
  }
  return rulesOf(space.workload).collective(space, call);
}

/** @throws CosmicError BACKEND_LIMIT where a backend does not have the workload's profile */
export function requireBackend(workload: Workload, backend: string): void {
  const { name, backends } = rulesOf(workload);
  if (backends === undefined || backends.includes(backend)) return;
  throw new CosmicError('BACKEND_LIMIT', `${backend} does not have the ${name} profile`, {
    remedy: `use --backend ${backends.join(' or ')}`,
  });
}
