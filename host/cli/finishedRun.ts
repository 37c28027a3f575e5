import type { PlainData } from '../../agents/agent.js';
import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import { CosmicError } from '../../psa/errors.js';
import { type Baseline, baselineOf } from '../baseline.js';
import type { Manifest, SearchSettings, SweepSettings } from '../runs/manifest.js';
import { RunFolder } from '../runs/runFolder.js';
import { searchFromPlain } from '../runs/searchCheckpoint.js';
import { partFromPlain } from '../runs/sweepCheckpoint.js';
import { type Winner, winnerEvaluator } from '../winners.js';
import { searchOutcome } from './searchRun.js';
import { type OpenSpace, reopenSpace } from './space.js';
import { sweepOutcome } from './sweepReport.js';

/** A run read back, whatever command wrote it: all its designs evaluated again in f64. */
export interface FinishedRun extends OpenSpace {
  readonly path: string;
  readonly manifest: Manifest;
  /** The first ranks. */
  readonly objectives: readonly Objective[];
  /** Best first. */
  readonly winners: readonly Winner[];
  /** More designs that the run kept, the winners among them. */
  readonly kept: readonly Winner[];
  /** Where the run asked for it: designs that none beats in all objectives. */
  readonly pareto: readonly Winner[];
  /** Of a search, each improvement: evaluations done, objective reached. */
  readonly history: readonly (readonly [evaluations: number, objective: number])[];
  /** Of a sweep: feasible designs per bin of the first objective. */
  readonly histogram: readonly bigint[];
  readonly evaluated: bigint;
  readonly feasible: bigint;
  /** Designs with each status bit, in the order of STATUSES. */
  readonly byReason: readonly bigint[];
  readonly baseline: Baseline | undefined;
}

/** Designs of one tier that are kept: more differ in parameters without effect. */
const KEPT_PER_TIER = 3;

function readSearch(open: OpenSpace, run: RunFolder, settings: SearchSettings, checkpoint: PlainData) {
  const state = searchFromPlain(checkpoint, run.path);
  const { objectives, limits, winners, pareto } = searchOutcome({ ...open, settings }, state);
  const evaluate = winnerEvaluator(open.space, objectives, limits);
  return {
    objectives,
    winners,
    kept: state.best.flatMap(({ ordinals }) =>
      ordinals.slice(0, KEPT_PER_TIER).flatMap((ordinal) => evaluate(BigInt(ordinal), ordinals.length) ?? []),
    ),
    pareto,
    history: state.history,
    histogram: [],
    evaluated: BigInt(state.evaluations),
    feasible: BigInt(state.feasible),
    byReason: state.byReason.map(BigInt),
  };
}

function readSweep(open: OpenSpace, run: RunFolder, settings: SweepSettings, checkpoint: PlainData) {
  const { part, top, pareto } = sweepOutcome({ ...open, settings, run }, partFromPlain(checkpoint, run.path));
  return {
    objectives: settings.objectives.map(parseObjective),
    winners: top,
    kept: top,
    pareto,
    history: [],
    histogram: part.histogram,
    evaluated: part.evaluated,
    feasible: part.feasible,
    byReason: part.byReason,
  };
}

/**
 * Reads a run that sweep, search, start or merge wrote, finished or not.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, RUN_MISMATCH where it has no results yet or its space has changed
 */
export function openFinishedRun(path: string): FinishedRun {
  const run = RunFolder.open(path);
  const { manifest } = run;
  const open = reopenSpace(manifest.space, path);
  const checkpoint = run.readCheckpoint();
  if (checkpoint === undefined) {
    throw new CosmicError('RUN_MISMATCH', 'the run has no results yet', {
      file: path,
      remedy: `go on with it by cosmic ${manifest.settings.kind} --resume ${path}`,
    });
  }
  const { settings } = manifest;
  const results =
    settings.kind === 'search'
      ? readSearch(open, run, settings, checkpoint)
      : readSweep(open, run, settings, checkpoint);
  return { ...open, path, manifest, ...results, baseline: baselineOf(open.psa, results.objectives) };
}
