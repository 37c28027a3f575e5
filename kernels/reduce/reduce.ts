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
  /** Feasible designs by ⌊4·log2(first objective)⌋ − HISTOGRAM_LOW, clamped to the ends. */
  readonly histogram: readonly bigint[];
  /** Best by (first objective, position), at most `top` of the request. */
  readonly top: readonly Candidate[];
  /** Designs that no other dominates, by position; of equal ones the first. Empty unless asked for. */
  readonly pareto: readonly Candidate[];
}
