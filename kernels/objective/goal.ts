import { infeasibleMask, OUTPUTS, type OutputName, reasonsOf } from '../outputs.js';
import { type SpaceFacts, spaceFormulas, withSources } from '../quantities/formula.js';
import { brokenLimits } from './fitness.js';
import type { Limit } from './limits.js';
import { OBJECTIVE_STRIDE, type Objective, objectiveValue, packObjectives } from './objective.js';

/**
 * What is looked for: objectives to minimise among the designs that keep to limits and to the statuses that count. It is made
 * where it is used, of objectives and limits, which are plain data and travel to threads and files.
 *
 * @example
 * const goal = new Goal(space, [parseObjective('time*cost')], [parseLimit('memory <= 24e9')]);
 * if (goal.isFeasible(status, outputs)) console.log(goal.valueOf(outputs), goal.first.unit);
 */
export class Goal {
  /** Statuses that make a design infeasible, as a bit mask. */
  readonly mask: number;
  /** The outputs that it names. */
  readonly named: ReadonlySet<OutputName>;
  /** These, and all that they derive from. */
  readonly outputs: ReadonlySet<OutputName>;
  /** The objectives as the kernels read them. */
  readonly packed: Float64Array;

  /**
   * @param space whose facts say what an objective derives from: dollars of machines that are rented need no price of a network
   * @param objectives at least one; the first ranks, all of them span the Pareto front
   * @param limits at most {@link MAX_LIMITS}
   */
  constructor(
    space: SpaceFacts,
    readonly objectives: readonly Objective[],
    readonly limits: readonly Limit[] = [],
  ) {
    const valued = objectives.flatMap(({ terms }) => terms.map(({ output }) => output));
    // A limit holds of what a design has: one without a price keeps to none.
    this.named = new Set([...valued, ...limits.map(({ output }) => OUTPUTS[output]!.name)]);
    this.outputs = withSources(this.named, spaceFormulas(space));
    this.mask = infeasibleMask(this.outputs);
    this.packed = packObjectives(objectives);
  }

  /** The objective that ranks. */
  get first(): Objective {
    return this.objectives[0]!;
  }

  /** Does a design count? `row` is where its outputs begin. */
  isFeasible(status: number, outputs: Float64Array, row = 0): boolean {
    return (status & this.mask) === 0 && brokenLimits(this.limits, outputs, row) === 0;
  }

  /** The reasons of a status that count, in words. */
  reasonsOf(status: number): string[] {
    return reasonsOf(status & this.mask);
  }

  /** The first objective of a design; smaller is better. */
  valueOf(outputs: Float64Array, row = 0): number {
    return objectiveValue(this.packed, 0, outputs, row);
  }

  /** All objectives of a design. */
  valuesOf(outputs: Float64Array, row = 0): number[] {
    return this.objectives.map((_, k) => objectiveValue(this.packed, k * OBJECTIVE_STRIDE, outputs, row));
  }

  /** Writes all objectives of a design into `values`, from `at` on. */
  writeValues(values: Float64Array, at: number, outputs: Float64Array, row = 0): void {
    for (let k = 0; k < this.objectives.length; k++) {
      values[at + k] = objectiveValue(this.packed, k * OBJECTIVE_STRIDE, outputs, row);
    }
  }
}
