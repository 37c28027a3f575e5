import { insertIntoFront } from './front.js';
import { LARGEST, NO_THRESHOLD } from './layout.js';
import { keptTop } from './reduce.js';

/** A kept design, by its index in the chunk. */
export interface Kept {
  readonly index: number;
  readonly objectives: readonly number[];
}

/** Which designs of a sweep are kept. */
export interface SelectionOptions {
  readonly objectiveCount: number;
  readonly top: number;
  readonly pareto: boolean;
}

/** Is a design before another by its first objective, or by its index where they are even? */
function isBefore(first: number, index: number, other: Kept): boolean {
  const otherFirst = other.objectives[0]!;
  return first < otherFirst || (first === otherFirst && index < other.index);
}

/** The best designs of a chunk, in whatever order they are offered, and its Pareto front, of designs in the order of their indices. */
export class Selection {
  /** By (first objective, index). */
  readonly best: Kept[] = [];
  /** By index. */
  readonly front: Kept[] = [];
  private readonly capacity: number;

  constructor(private readonly options: SelectionOptions) {
    this.capacity = keptTop(options.top);
  }

  /** Offers a feasible design; `values` holds its objectives from `at` on. */
  consider(index: number, values: Float64Array | Float32Array, at = 0): void {
    const ranked = this.isRanked(values[at]!, index);
    if (!ranked && !this.options.pareto) return;
    const objectives = this.objectivesAt(values, at);
    if (ranked) this.insertIntoBest({ index, objectives });
    if (this.options.pareto) insertIntoFront(this.front, { index, objectives });
  }

  /** A loop, for walks that come nearer to the best take nearly all of their designs. */
  private objectivesAt(values: Float64Array | Float32Array, at: number): number[] {
    const objectives: number[] = [];
    for (let k = 0; k < this.options.objectiveCount; k++) objectives.push(Math.min(values[at + k]!, LARGEST));
    return objectives;
  }

  /** Is there room for it among the best, or is it before the last of them? */
  private isRanked(first: number, index: number): boolean {
    if (this.best.length < this.capacity) return first < NO_THRESHOLD;
    return isBefore(first, index, this.best[this.capacity - 1]!);
  }

  /** Puts a design where it belongs; of as many as are kept the last falls out. */
  private insertIntoBest(design: Kept): void {
    const { best } = this;
    const first = design.objectives[0]!;
    let place = Math.min(best.length, this.capacity - 1);
    for (; place > 0 && isBefore(first, design.index, best[place - 1]!); place--) best[place] = best[place - 1]!;
    best[place] = design;
  }
}
