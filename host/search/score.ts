import { fillableMB } from '../../kernels/memory/memory.js';
import { brokenLimits, violation } from '../../kernels/objective/fitness.js';
import type { Goal } from '../../kernels/objective/goal.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Results } from '../backends/evaluator.js';

/** Evaluated designs as agents and counters see them. */
export interface Scored {
  /** One row per design, one value per objective. */
  readonly objectives: Float64Array;
  /** The bits that make a design infeasible under the objectives. */
  readonly status: Uint32Array;
  /** Per design, the limits that it breaks, one bit each in their order. */
  readonly broken: Uint32Array;
  /** 0 is feasible; else one for each reason, and more the further a design is from a limit that has a distance. */
  readonly violations: Float64Array;
}

/** Scores batches of a space. */
export function createScorer(space: CompiledSpace, goal: Goal): (digits: Uint32Array, results: Results) => Scored {
  const { objectives, limits, mask } = goal;
  const usableOf = usableMemory(space);
  const width = space.genes.length;

  return (digits, { count, outputs, status: all }) => {
    const status = all.map((word) => word & mask);
    const values = new Float64Array(count * objectives.length);
    const broken = new Uint32Array(count);
    const violations = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const row = i * OUTPUT_COUNT;
      goal.writeValues(values, i * objectives.length, outputs, row);
      broken[i] = brokenLimits(limits, outputs, row);
      violations[i] = violation(status[i]!, usableOf(digits, i * width), limits, outputs, row);
    }
    return { objectives: values, status, broken, violations };
  };
}

/** Memory that the designs of rows of digits may fill, MB. */
function usableMemory(space: CompiledSpace): (digits: Uint32Array, row: number) => number {
  const capacityGB = slotReader(space, SLOT.compute.memoryCapacityGB);
  const reserveGB = slotReader(space, SLOT.compute.reserveGB);
  const programShare = slotReader(space, SLOT.compute.programShare);
  return (digits, row) => fillableMB(capacityGB(digits, row), reserveGB(digits, row), programShare(digits, row));
}

/** What rows of digits have in a slot: a gene's value, or the same for all. */
function slotReader({ genes, fixed }: CompiledSpace, slot: number): (digits: Uint32Array, row: number) => number {
  const g = genes.findIndex(({ slots }) => slots.includes(slot));
  if (g < 0) return () => fixed[slot]!;
  const { slots, table } = genes[g]!;
  const column = slots.indexOf(slot);
  return (digits, row) => table[digits[row + g]! * slots.length + column]!;
}
