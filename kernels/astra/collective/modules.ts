import { ALGORITHM } from '../../collective/phase.js';
import { TOPOLOGY } from '../../network/network.js';
import { constantLines, namedConstants } from '../../wgslText.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { GROUP_ENDPOINT_NS } from './message.js';
import { WINDOWED } from './phase.js';
import { DIMENSION_WORD, DIMENSION_WORDS, PHASE_WORD, PHASE_WORDS, PLAN, PLAN_WORDS } from './planLayout.js';

/** What runs a plan; needs `plans` and `scratch`. */
export const planModules: readonly string[] = [
  'kernels/astra/whole.wgsl',
  'kernels/astra/double.wgsl',
  'kernels/astra/schedule/priorityQueue.wgsl',
  'kernels/astra/collective/message.wgsl',
  'kernels/astra/collective/phase.wgsl',
  'kernels/astra/collective/tree.wgsl',
  'kernels/astra/collective/flowShop.wgsl',
  'kernels/astra/collective/flatRing.wgsl',
  'kernels/astra/collective/replay.wgsl',
];

/** The WGSL files of the shader that runs collectives of the astra-sim profile, relative to the package root. */
export const collectiveModules: readonly string[] = ['kernels/astra/collective/entry.wgsl', ...planModules];

/** Threads that share a workgroup; each runs a plan of its own length. */
export const COLLECTIVES_WORKGROUP_SIZE = 16;

/** Their constants, from the TypeScript tables. */
export function collectivePrelude(): string {
  return constantLines([
    ...namedConstants('PLAN', PLAN),
    ...namedConstants('PHASE', PHASE_WORD),
    ...namedConstants('DIMENSION', DIMENSION_WORD),
    ...namedConstants('COLLECTIVE', COLLECTIVE),
    ...namedConstants('ALGORITHM', ALGORITHM),
    ...namedConstants('NETWORK_TOPOLOGY', TOPOLOGY),
    ...Object.entries({
      PLAN_WORDS,
      PHASE_WORDS,
      DIMENSION_WORDS,
      WINDOWED,
      GROUP_ENDPOINT_NS,
      COLLECTIVES_WORKGROUP_SIZE,
    }),
  ]);
}
