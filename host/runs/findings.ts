/** What runs come to, whatever wrote them. */
import type { Goal } from '../../kernels/objective/goal.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import type { Baseline } from '../designs/baseline.js';
import type { Robustness } from '../doubt/robust.js';
import type { NearMiss } from '../optimum/nearest.js';
import type { ProofState } from '../proof/proofState.js';
import type { SearchState } from '../search/searchState.js';
import type { Winner } from '../search/winners.js';
import type { BackendRecord, ProofSettings, SearchSettings, SweepSettings } from './manifest.js';

/** One search of a run: a run that was merged has several. */
export interface RunSearch {
  readonly settings: SearchSettings;
  readonly backend: BackendRecord;
  readonly state: SearchState;
}

/** The sweep of a run. */
export interface RunSweep {
  /** The run's folder. */
  readonly path: string;
  readonly settings: SweepSettings;
  readonly backend: BackendRecord;
  readonly part: SweepPart;
}

/** The proof of a run. */
export interface RunProof {
  readonly settings: ProofSettings;
  readonly state: ProofState;
  /** Root boxes of the space. */
  readonly roots: bigint;
}

/** What searches or sweeps of one space and goal found together; all designs are evaluated in f64. */
export interface Findings {
  readonly goal: Goal;
  /** Best first. */
  readonly winners: readonly Winner[];
  /** Designs that were kept, as they were found: a winner may stand for one of them without the changes that gain nothing. */
  readonly kept: readonly Winner[];
  /** Where it was asked for: designs that none beats in all objectives, by the first of these. */
  readonly pareto: readonly Winner[];
  /** Where it was asked for and designs were found: of each winner what becomes of it under plausible constants. */
  readonly robust?: Robustness;
  /** None of sweeps. */
  readonly searches: readonly RunSearch[];
  /** None of searches. */
  readonly sweeps: readonly RunSweep[];
  /** Of proofs alone, which have neither. */
  readonly proof?: RunProof;
  /** Designs, as often as they were evaluated. */
  readonly evaluated: bigint;
  readonly feasible: bigint;
  /** Designs with each status bit, in the order of STATUSES. */
  readonly byReason: readonly bigint[];
  /** Designs that break each limit. */
  readonly byLimit: readonly number[];
  /** Where nothing is feasible: the design of the space that comes nearest. */
  readonly nearest: NearMiss | undefined;
  /** False where any was ended early: `advanceRun` goes on with it. */
  readonly finished: boolean;
  readonly baseline: Baseline | undefined;
}
