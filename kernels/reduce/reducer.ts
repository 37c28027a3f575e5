import { lowestBit } from '../bits.js';
import type { Goal } from '../objective/goal.js';
import { STATUSES } from '../outputs.js';
import { COUNTER, COUNTER_COUNT, HISTOGRAM_BINS, HISTOGRAM_LOW, QUARTERS, SMALLEST_NORMAL } from './layout.js';
import type { Candidate, SweepPart } from './reduce.js';
import type { Kept, Selection } from './selection.js';

const real = new Float32Array(1);
const bits = new Uint32Array(real.buffer);

/** Quarter octave of an objective, twin of histogram_bin in reduce.wgsl; rounds to f32 first, as the GPU has it. */
export function histogramBin(value: number): number {
  real[0] = Math.max(value, SMALLEST_NORMAL);
  const octave = (bits[0]! >>> 23) - 127;
  bits[0] = (bits[0]! & 0x007fffff) | 0x3f800000;
  const mantissa = real[0]!;
  let quarter = 0;
  while (quarter < QUARTERS.length && mantissa >= QUARTERS[quarter]!) quarter++;
  return Math.min(Math.max(4 * octave + quarter - HISTOGRAM_LOW, 0), HISTOGRAM_BINS - 1);
}

/**
 * Reduces the designs of one chunk, in the order of their indices: twin of reduce.wgsl, but that the selection is exact
 * where the GPU's candidates are a filtered superset of it.
 */
export class Reducer {
  /** Places as in {@link COUNTER}. */
  readonly counters = new Uint32Array(COUNTER_COUNT);

  /**
   * @param selection receives the feasible designs
   * @param goal what makes a design infeasible
   */
  constructor(
    private readonly selection: Selection,
    private readonly goal: Pick<Goal, 'mask'>,
  ) {}

  /** Takes one simulated design into account: its status, the limits that it breaks, as bits, and its objectives, from `at` on. */
  reduceDesign(index: number, status: number, broken: number, values: Float64Array, at = 0): void {
    this.countBits(status, COUNTER.reasons);
    this.countBits(broken, COUNTER.limits);
    if ((status & this.goal.mask) !== 0 || broken !== 0) return;
    this.counters[COUNTER.feasible]!++;
    this.counters[COUNTER.histogram + histogramBin(values[at]!)]!++;
    this.selection.consider(index, values, at);
  }

  private countBits(word: number, place: number): void {
    for (let rest = word; rest !== 0; rest &= rest - 1) {
      this.counters[place + lowestBit(rest)]!++;
    }
  }
}

/**
 * What is left of a chunk.
 *
 * @param limits how many the sweep has
 * @param counters as a {@link Reducer} or the GPU counts them
 * @param ordinalOf ordinal of the design at an index
 */
export function chunkPart(
  start: bigint,
  evaluated: number,
  limits: number,
  counters: Uint32Array,
  selection: Selection,
  ordinalOf: (index: number) => bigint,
): SweepPart {
  const candidate = ({ index, objectives }: Kept): Candidate => ({
    position: start + BigInt(index),
    ordinal: ordinalOf(index),
    objectives,
  });
  const slice = (from: number, length: number) => Array.from(counters.subarray(from, from + length), BigInt);
  return {
    start,
    evaluated: BigInt(evaluated),
    feasible: BigInt(counters[COUNTER.feasible]!),
    byReason: slice(COUNTER.reasons, STATUSES.length),
    byLimit: slice(COUNTER.limits, limits),
    histogram: slice(COUNTER.histogram, HISTOGRAM_BINS),
    top: selection.best.map(candidate),
    pareto: selection.front.map(candidate),
  };
}
