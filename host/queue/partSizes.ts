/** How many designs a part of a sweep has: so many that a worker takes half a second. */

import { median } from '../statistics/statistics.js';

/** Time of a part on a worker; so its loss is no matter, and what it costs to pass it on is little beside it. */
const TARGET_MS = 500;
/** A part costs a driver about a millisecond. So many workers take a twentieth of a core for it; where there are more, parts are larger. */
const WORKERS_AT_TARGET = 25;

/** Designs of the first parts. Small: where a worker does its first, it starts threads and compiles code. */
const FIRST_SIZE = 4096;
const LEAST_SIZE = 256;
const LARGEST_SIZE = 2 ** 40;

/** A size follows from the median time of so many parts, or one of each worker: single ones tell of other work on a machine. */
const SAMPLES = 5;
/** While sizes are far from what they should be, so many are enough. */
const FIRST_SAMPLES = 2;
/** Sizes change by no more at a time, */
const MOST_GROWTH = 8;
/** and not for less: parts of a run keep their names when a driver goes on with it. */
const LEAST_GROWTH = 2;

/** From which design on parts have which size. */
export type SizeSteps = ReadonlyMap<bigint, number>;

/** The sizes of a sweep's parts; what times teach changes them from a design on, and never before it. */
export class PartSizes {
  private readonly steps: { readonly start: bigint; readonly size: number }[];
  private times: number[] = [];
  /** Sizes are no longer far from what they should be. */
  isSettled: boolean;

  /**
   * @param asked the size of all parts, where the user gives it
   * @param known what an earlier driver of the run came to
   */
  constructor(
    private readonly asked: number | undefined,
    known: SizeSteps = new Map(),
  ) {
    const steps = asked === undefined ? [...known] : [];
    this.steps = steps
      .map(([start, size]) => ({ start, size: clamped(size) }))
      .sort((a, b) => (a.start < b.start ? -1 : 1));
    this.isSettled = asked !== undefined || steps.length > 0;
  }

  /** Of a part that begins there. */
  at(start: bigint): number {
    return this.asked ?? this.steps.findLast((step) => step.start <= start)?.size ?? FIRST_SIZE;
  }

  /**
   * Takes the time of a part into account.
   *
   * @param next where the next part begins
   * @returns the size from there on, where it is another one than before
   */
  learn(designs: number, ms: number, workers: number, next: bigint): number | undefined {
    const size = this.at(next);
    if (this.asked !== undefined || designs !== size) return undefined;
    this.times.push(ms);
    if (this.times.length < Math.max(this.isSettled ? SAMPLES : FIRST_SAMPLES, workers)) return undefined;
    // At first the fastest tells how far it is at least: workers that do their first part are slow.
    const typicalMs = this.isSettled ? median(this.times) : Math.min(...this.times);
    this.times = [];
    const targetMs = TARGET_MS * Math.max(1, workers / WORKERS_AT_TARGET);
    const ratio = Math.min(Math.max(targetMs / Math.max(typicalMs, 1), 1 / MOST_GROWTH), MOST_GROWTH);
    const wanted = clamped(Math.round(size * ratio));
    this.isSettled ||= ratio < MOST_GROWTH || wanted === size;
    if (Math.max(wanted / size, size / wanted) < LEAST_GROWTH) return undefined;
    this.steps.push({ start: next, size: wanted });
    return wanted;
  }
}

function clamped(size: number): number {
  return Math.min(Math.max(size, LEAST_SIZE), LARGEST_SIZE);
}
