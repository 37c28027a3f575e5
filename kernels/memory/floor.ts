/** What a design needs of memory whatever it keeps and recomputes: most designs that do not fit are known by that alone. */
import type { Workload } from '../../psa/space.js';
import { layAxes, readNetwork } from '../network/network.js';
import { createStates } from '../state.js';
import { readGraph } from '../workload/graph.js';
import { parametersMB, usableMB } from './memory.js';

/** Is a design known to need more memory than an NPU has? */
export type Overfull = (design: Float64Array) => boolean;

/**
 * Finds designs that the simulator gives STATUS.MEMORY or another status, most of them and none else: those whose weights, gradients and
 * optimiser state alone are more than fits. No step is planned for it.
 *
 * @param tiers price tier of each network dimension
 * @example
 * const isOverfull = createMemoryFloor(space.workload, space.tiers);
 * const mayFit = designs.filter((design) => !isOverfull(design));
 */
export function createMemoryFloor(workload: Workload, tiers: readonly number[]): Overfull {
  const states = createStates(workload, tiers);
  return (design) => {
    for (const s of states) s.design = design;
    const network = states[0]!;
    readNetwork(network);
    layAxes(network);
    const limitMB = usableMB(design);
    return states.some((s) => {
      readGraph(s);
      return parametersMB(s) > limitMB;
    });
  };
}
