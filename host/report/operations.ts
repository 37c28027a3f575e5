/** A step as a table of operations and one of collectives: how often each runs, and what that sums to. */
import type { CompiledSpace } from '../../psa/space.js';
import { profileOf } from '../designs/designs.js';
import { astraTables } from './astraOperations.js';
import { defaultTables } from './defaultOperations.js';
import type { GraphTables } from './operationTables.js';

/**
 * Where a design's step goes, per phase of the workload: in the default profile on the first pipeline stage (head and
 * embedding: on theirs), in the astra-sim profile on the stage that ends last; empty where ASTRA-sim does not end.
 *
 * @example
 * const [step] = operationTables(space, design);
 * step.operations.filter(({ bound }) => bound === 'memory');
 */
export function operationTables(space: CompiledSpace, design: Float64Array): GraphTables[] {
  return profileOf(space) === 'astra-sim' ? astraTables(space, design) : defaultTables(space, design);
}
