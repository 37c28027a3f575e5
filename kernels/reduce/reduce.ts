import { CosmicError } from '../../psa/errors.js';
import { STATUSES } from '../outputs.js';
import { insertIntoFront } from './front.js';
import { HISTOGRAM_BINS } from './layout.js';

/** One design that a sweep keeps. */
export interface Candidate {
  /** Place in the sweep: the ordinal, or the sample's number. Ties go to the smaller one. */
  readonly position: bigint;
  readonly ordinal: bigint;
  /** One value per objective, smaller is better. */
  readonly objectives: readonly number[];
}

/** What is left of a range of designs: small, and mergeable in any grouping with the same result. */
export interface SweepPart {
  /** Positions evaluated: [start, start + evaluated). */
  readonly start: bigint;
  readonly evaluated: bigint;
  readonly feasible: bigint;
  /** Designs with each status bit, in the order of STATUSES. */
  readonly byReason: readonly bigint[];
  /** Designs that break each of the sweep's limits, in their order. */
  readonly byLimit: readonly bigint[];
  /** Feasible designs by ⌊4·log2(first objective)⌋ − HISTOGRAM_LOW, clamped to the ends. */
  readonly histogram: readonly bigint[];
  /** Best by (first objective, position), at most {@link keptTop} of what was asked for. */
  readonly top: readonly Candidate[];
  /** Designs that no other dominates, by position; of equal ones the first. Empty unless asked for. */
  readonly pareto: readonly Candidate[];
}

/** Candidates that a sweep keeps to show `top` designs: with this reserve, f32 may err in their order and lose none. */
export function keptTop(top: number): number {
  return 2 * top + 16;
}

/** The part of a sweep that begins at `start`, before any design; `limits` is how many the sweep has. */
export function emptyPart(start: bigint, limits = 0): SweepPart {
  return {
    start,
    evaluated: 0n,
    feasible: 0n,
    byReason: STATUSES.map(() => 0n),
    byLimit: new Array<bigint>(limits).fill(0n),
    histogram: new Array<bigint>(HISTOGRAM_BINS).fill(0n),
    top: [],
    pareto: [],
  };
}

/** Orders candidates by (first objective, position). */
export function compareCandidates(a: Candidate, b: Candidate): number {
  const difference = a.objectives[0]! - b.objectives[0]!;
  if (difference !== 0) return difference;
  return a.position < b.position ? -1 : a.position > b.position ? 1 : 0;
}

function mergeFronts(first: readonly Candidate[], second: readonly Candidate[]): readonly Candidate[] {
  if (second.length === 0) return first;
  const front = [...first];
  for (const candidate of second) insertIntoFront(front, candidate);
  return front;
}

function add(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((count, i) => count + b[i]!);
}

/** An empty part comes before the one that starts at the same place. */
function isBefore(a: SweepPart, b: SweepPart): boolean {
  return a.start < b.start || (a.start === b.start && a.evaluated === 0n);
}

/**
 * Joins two neighbouring parts of the same sweep, in either order. Pure and associative, so workers, shards and resumed
 * runs give what one run would.
 *
 * @param top best designs that were asked for
 * @throws CosmicError RUN_MISMATCH if the parts overlap or leave a gap
 * @example
 * const whole = parts.reduce((a, b) => mergeParts(a, b, 10));
 */
export function mergeParts(a: SweepPart, b: SweepPart, top: number): SweepPart {
  const [first, second] = isBefore(a, b) ? [a, b] : [b, a];
  const end = first.start + first.evaluated;
  if (end !== second.start) {
    throw new CosmicError(
      'RUN_MISMATCH',
      `parts do not meet: one ends before position ${end}, the next begins at ${second.start}`,
      { remedy: 'merge all parts of one sweep, each once' },
    );
  }
  return {
    start: first.start,
    evaluated: first.evaluated + second.evaluated,
    feasible: first.feasible + second.feasible,
    byReason: add(first.byReason, second.byReason),
    byLimit: add(first.byLimit, second.byLimit),
    histogram: add(first.histogram, second.histogram),
    top: [...first.top, ...second.top].sort(compareCandidates).slice(0, keptTop(top)),
    pareto: mergeFronts(first.pareto, second.pareto),
  };
}
