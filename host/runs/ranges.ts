/** Whole numbers that settings take, from and to. */
export const RANGES = {
  top: [1, 10_000],
  seed: [0, 2 ** 32 - 1],
  evaluations: [1, Number.MAX_SAFE_INTEGER],
  population: [2, 2 ** 20],
  islands: [1, 65_536],
  migration: [0, 1_000_000],
  patience: [1, Number.MAX_SAFE_INTEGER],
} as const;

/** Best designs to show. */
export const TOP = 10;

/** Best designs that are ranked under sets of constants. */
export const ROBUST_TOP = 1000;
