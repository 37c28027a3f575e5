/** Where a proof stands: all that it needs to go on. */
import type { Box } from '../../kernels/bound/box.js';

/** Relative difference below which two objectives are the same: their last digits depend on the order of sums. */
export const SAME = 1e-9;

/** A feasible design, by its digits. */
export interface Incumbent {
  readonly digits: Uint32Array;
  readonly value: number;
}

/** A box that is not closed, and what none of its designs is better than. */
export interface OpenBox extends Box {
  readonly bound: number;
}

/** Why a box is closed. */
export type Reason =
  /** All its designs have these statuses (bits) that count. */
  | { readonly kind: 'infeasible'; readonly status: number }
  /** All break these limits (bits). */
  | { readonly kind: 'limits'; readonly broken: number }
  /** None is better than this. */
  | { readonly kind: 'bound'; readonly value: number }
  /** It is one design, with this objective; infinite where it is infeasible. */
  | { readonly kind: 'evaluated'; readonly value: number }
  /** All its designs are the optimum. */
  | { readonly kind: 'optimal'; readonly value: number };

export type ReasonKind = Reason['kind'];
export const REASON_KINDS: readonly ReasonKind[] = ['infeasible', 'limits', 'bound', 'evaluated', 'optimal'];

export interface ClosedBox extends Box {
  readonly reason: Reason;
}

/** How far a proof was after some boxes. */
export interface CoursePoint {
  readonly boxes: number;
  /** Objective of the best design that was known. */
  readonly best: number | undefined;
  /** No design was better than this; 0 while not all roots were bounded. */
  readonly bound: number;
}

export interface ProofState {
  /** The root box that is bounded next. */
  nextRoot: bigint;
  /** Boxes to split; the most promising last. */
  readonly open: OpenBox[];
  /** Boxes that are closed but may hold designs as good as the best: to be counted. */
  readonly tied: OpenBox[];
  incumbent: Incumbent | undefined;
  /** Designs in closed boxes, by the kind of reason. */
  readonly designs: Record<ReasonKind, bigint>;
  /** Are there perhaps more of the best? Then counting them was given up. */
  optimalAtLeast: boolean;
  /** Boxes that were looked at to count the best. */
  counted: number;
  /** Points a twentieth apart or more, and the end. */
  readonly course: CoursePoint[];
  /** Boxes that were closed, boxes that were bounded, designs that were evaluated, and of these the feasible ones. */
  closed: number;
  bounded: number;
  evaluated: number;
  feasible: number;
}

/** Designs in closed boxes. */
export function excludedDesigns({ designs }: ProofState): bigint {
  return REASON_KINDS.reduce((sum, kind) => sum + designs[kind], 0n);
}

/** A proof that has not begun. */
export function newProof(incumbent: Incumbent | undefined): ProofState {
  return {
    nextRoot: 0n,
    open: [],
    tied: [],
    incumbent,
    designs: { infeasible: 0n, limits: 0n, bound: 0n, evaluated: 0n, optimal: 0n },
    optimalAtLeast: false,
    counted: 0,
    course: [],
    closed: 0,
    bounded: 0,
    evaluated: 0,
    feasible: 0,
  };
}
