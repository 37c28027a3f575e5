/** How far a bound in f32 may be from the same bound in f64: what rounding can come to, counted. */
import type { Workload } from '../../psa/space.js';
import { lower, rowsOf } from '../workload/lowering.js';

/** Roundings of 2⁻²⁴ on the longest path of a step but for the rows of its graph; WGSL lets a division be 2.5 ulp off, five of these. */
const ROUNDINGS = {
  /**
   * From the tables of a space to the time of an operation or a collective: coefficient, scale and rate of a row, or links, share,
   * size, chunks and stations of a collective, with at most eight divisions. Roots, of what a collective takes and of its size, halve
   * the error of what is under them, and bring ten each.
   */
  operation: 64,
  /** From the sections of a graph to an output: layers, stages, micro-batches, sends, gradients. */
  step: 64,
};

/**
 * Sums and maxima of durations pass relative errors on. A step also has seven differences: the stages without the slowest; what
 * sends, a gather of updated weights, and gradients exceed what hides them by; the traffic of gradients but for its longest
 * station; the last backward pass, and a first forward pass that gathers weights, beside the others. All are parts of the step, so the sides of each come to five steps at most,
 * and bring as many times the relative error.
 */
const MAGNIFICATION = 1 + 7 * 5;

/** Rows of the longest section of a graph: an addition each. */
function sectionRows(phase: Workload['phases'][number]): number {
  return Math.max(...Object.values(lower(phase).steps).map((steps) => steps.flatMap(rowsOf).length));
}

/** Relative error of a single output of a workload, at most; graphs are added up, too. */
export function boundMargin({ phases }: Workload): number {
  const rows = Math.max(0, ...phases.map(sectionRows));
  return (ROUNDINGS.operation + rows + ROUNDINGS.step + phases.length) * MAGNIFICATION * 2 ** -24;
}

/** Set beside the statuses of a box where rounding may have decided one of them, or a limit. */
export const BOUND_DOUBTFUL = 2 ** 31;
