import { STATUSES } from '../outputs.js';

/** Objectives of one sweep: a candidate carries four values on the GPU. */
export const MAX_OBJECTIVES = 4;

/** Members of the Pareto front that the GPU filters by; the host's merge is exact with any number. */
export const FRONT_CAPACITY = 1024;

/** Quarter octaves of the first objective, from 2^-32 to 2^64. */
export const HISTOGRAM_BINS = 384;
export const HISTOGRAM_LOW = -128;

/** Places of a chunk's counters. */
export const COUNTER = {
  candidates: 0,
  feasible: 1,
  reasons: 2,
  histogram: 2 + STATUSES.length,
} as const;

export const COUNTER_COUNT = COUNTER.histogram + HISTOGRAM_BINS;
