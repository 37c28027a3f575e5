/** What a run tells of its work: while it goes on, and at its end. */
import type { PlainData } from '../../agents/agent.js';
import type { Checkpoints } from './checkpoints.js';
import type { Findings } from './findings.js';

/** How far a run is. */
export interface RunProgress {
  /** Designs, those of earlier goes included. */
  readonly evaluated: number;
  readonly total: number;
  /** Smallest first objective; undefined before the first feasible design. */
  readonly best: number | undefined;
  /** Of the designs so far; undefined where a sweep has none yet. */
  readonly feasibleShare: number | undefined;
  /** Of a proof: no design is better than this, boxes that are open, and boxes that were bounded. */
  readonly proof?: { readonly bound: number; readonly open: number; readonly bounded: number };
}

/** What the work tells while it goes on. */
export interface Watch {
  readonly checkpoints: Checkpoints;
  readonly onProgress: (progress: RunProgress) => void;
}

/** What the work comes to, and its last checkpoint. */
export interface Done {
  readonly findings: Findings;
  readonly checkpoint: PlainData;
}
