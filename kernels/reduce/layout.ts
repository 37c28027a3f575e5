import { MAX_LIMITS } from '../objective/limits.js';
import { STATUSES } from '../outputs.js';

/** Objectives of one sweep: a candidate carries four values on the GPU. */
export const MAX_OBJECTIVES = 4;

/** u32s of a candidate on the GPU: index of its thread, then the bits of its objectives. */
export const CANDIDATE_STRIDE = 1 + MAX_OBJECTIVES;

/** Members of the Pareto front that the GPU filters by; the host's merge is exact with any number. */
export const FRONT_CAPACITY = 1024;

/** No objective is above this, so that f32 never meets an infinity. */
export const LARGEST = Math.fround(3e38);

/** Above all objectives: the threshold while there are too few candidates to have one. */
export const NO_THRESHOLD = Math.fround(3.4e38);

/** Below it f32 loses its leading bit, and a GPU may take a number for 0. */
export const SMALLEST_NORMAL = 2 ** -126;

/** Where the quarters of an octave begin. */
export const QUARTERS: readonly number[] = [2 ** 0.25, 2 ** 0.5, 2 ** 0.75].map(Math.fround);

/** Bins of a quarter octave, from 2^-32 to 2^64. */
export const HISTOGRAM_BINS = 384;
/** 4·log2 of the lowest bin's lower end. */
export const HISTOGRAM_LOW = -128;

/** Places of a chunk's counters. */
export const COUNTER = {
  candidates: 0,
  feasible: 1,
  reasons: 2,
  limits: 2 + STATUSES.length,
  histogram: 2 + STATUSES.length + MAX_LIMITS,
} as const;

export const COUNTER_COUNT = COUNTER.histogram + HISTOGRAM_BINS;
