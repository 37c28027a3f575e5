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

/** The best designs of a chunk, and its Pareto front; designs are offered in the order of their indices. */
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
    const ranked = values[at]! < this.threshold();
    if (!ranked && !this.options.pareto) return;
    const objectives = Array.from(values.subarray(at, at + this.options.objectiveCount), clampToLargest);
    if (ranked) this.insertIntoBest({ index, objectives });
    if (this.options.pareto) insertIntoFront(this.front, { index, objectives });
  }

  /** The first objective must be below this to be kept for its rank: earlier designs win ties. */
  private threshold(): number {
    return this.best.length < this.capacity ? NO_THRESHOLD : this.best[this.capacity - 1]!.objectives[0]!;
  }

  private insertIntoBest(design: Kept): void {
    let place = this.best.length;
    while (place > 0 && this.best[place - 1]!.objectives[0]! > design.objectives[0]!) place--;
    this.best.splice(place, 0, design);
    if (this.best.length > this.capacity) this.best.pop();
  }
}

function clampToLargest(value: number): number {
  return Math.min(value, LARGEST);
}
