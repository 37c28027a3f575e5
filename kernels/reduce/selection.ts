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

  /** The first objective must be below this to be kept for its rank: earlier designs win ties. */
  private threshold(): number {
    return this.best.length < this.capacity ? NO_THRESHOLD : this.best[this.capacity - 1]!.objectives[0]!;
  }

  /** Puts a design behind those that are no worse; of as many as are kept the last falls out. */
  private insertIntoBest(design: Kept): void {
    const { best } = this;
    const first = design.objectives[0]!;
    let place = Math.min(best.length, this.capacity - 1);
    for (; place > 0 && best[place - 1]!.objectives[0]! > first; place--) best[place] = best[place - 1]!;
    best[place] = design;
  }
}
