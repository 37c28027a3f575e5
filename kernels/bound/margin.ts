/** How far a bound in f32 may be from the same bound in f64: what rounding can come to, counted. */

/** Rows of a section of an op graph at most; lowered models are held against it. */
export const SECTION_ROWS = 192;

/**
 * Roundings on the longest path from the tables of a space to the time of a step, 2⁻²⁴ each; WGSL lets a division be 2.5 ulp
 * off, five of these. To the time of an operation or a collective 64: coefficient, scale and rate of a row, or links, share,
 * size, chunks and stations of a collective, with at most eight divisions. Through a section of the graph one for each of its
 * rows, at most {@link SECTION_ROWS}. From there to the step 64: layers, stages, micro-batches, sends, gradients, graphs.
 */
const ROUNDINGS = 64 + SECTION_ROWS + 64;

/**
 * Sums and maxima of durations pass relative errors on. A step also has six differences: the stages without the slowest; what
 * sends, a gather of updated weights, and gradients exceed what hides them by; the traffic of gradients but for its longest
 * station; the last backward pass beside the others. All are parts of the step, so the sides of each come to five steps at most,
 * and bring as many times the relative error.
 */
const MAGNIFICATION = 1 + 6 * 5;

/** Relative, of a single output. */
export const BOUND_MARGIN = ROUNDINGS * MAGNIFICATION * 2 ** -24;

/** Set beside the statuses of a box where rounding may have decided one of them, or a limit. */
export const BOUND_DOUBTFUL = 2 ** 31;
