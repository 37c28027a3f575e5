/** One collective by itself: what is asked, and what it comes to by the rules of a profile. */

import type { Collective } from '../../kernels/workload/operation.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { AXES, packAxisOrder } from '../../psa/parameters/axes.js';
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace, Profile } from '../../psa/space.js';

/** A collective of the innermost NPUs of a system. */
export interface CollectiveCall {
  readonly collective: Collective;
  /** At least 2; divides those of the system. */
  readonly npus: number;
  /** The whole buffer, as nccl-tests counts it: input of a reduce-scatter, output of an all-gather. */
  readonly bytes: number;
}

/** What it does in one dimension of the network. */
export interface CollectivePhase {
  /** Undefined where one ring goes over all of them. */
  readonly dimension: number | undefined;
  readonly collective: Collective;
  readonly npus: number;
  readonly algorithm: string;
  /** For how long all chunks together keep it busy, us; undefined where NPUs differ. */
  readonly busyUs: number | undefined;
}

/** Its time, or why it has none. */
export type CollectiveRun =
  | { readonly timeUs: number; readonly phases: readonly CollectivePhase[] }
  | { readonly stop: string };

/** A collective looks at no model and no degree of parallelism: any will do. */
const ANY_MODEL = 'gpt3-175b';
const ANY_DEGREES = ['workload.tp=1', 'workload.sp=1', 'workload.ep=1', 'workload.pp=1'];

/**
 * A system by itself, to time collectives on.
 *
 * @param system preset name or path
 * @param set overrides, as `applyOverrides` takes them
 * @throws CosmicError as `loadDefault` and `compileDesign`
 */
export function openSystem(system: string, set: readonly string[] = [], profile?: Profile): CompiledSpace {
  const { npus } = loadDefault(system, ANY_MODEL, set, profile).system;
  return compileDesign(loadDefault(system, ANY_MODEL, [...ANY_DEGREES, `workload.dp=${npus}`, ...set], profile));
}

/** A design whose tensor-parallel groups are the innermost NPUs, so many each. */
export function groupDesign({ fixed, npus: all }: CompiledSpace, npus: number): Float64Array {
  const design = fixed.slice();
  const { tp, sp, ep, pp, dp, axisOrder } = SLOT.workload;
  for (const slot of [sp, ep, pp]) design[slot] = 1;
  design[tp] = npus;
  design[dp] = all / npus;
  design[axisOrder] = packAxisOrder(['tp', ...AXES.filter((axis) => axis !== 'tp')]);
  return design;
}

/**
 * Bus bandwidth over algorithm bandwidth, for n NPUs: so much of the buffer each sends at least, whatever the algorithm
 * (nccl-tests, doc/PERFORMANCE.md).
 */
export function busFactor(collective: Collective, n: number): number {
  return ((collective === 'allReduce' ? 2 : 1) * (n - 1)) / n;
}
