import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import type { Baseline } from '../baseline.js';
import type { Manifest, SweepSettings } from '../runs/manifest.js';
import { RunFolder } from '../runs/runFolder.js';
import { partFromPlain } from '../runs/sweepCheckpoint.js';
import { type Winner, winnerEvaluator } from '../winners.js';
import { type SearchPart, searchOutcome } from './searchOutcome.js';
import { joinedParts, requireCheckpoint } from './searchParts.js';
import { type OpenSpace, reopenSpace } from './space.js';
import { sweepOutcome } from './sweepReport.js';

/** A run read back, whatever command wrote it: all its designs evaluated again in f64. */
export interface FinishedRun extends OpenSpace {
  readonly path: string;
  /** Of all runs that are shown together, this one first. */
  readonly paths: readonly string[];
  readonly manifest: Manifest;
  /** The first ranks. */
  readonly objectives: readonly Objective[];
  /** Best first. */
  readonly winners: readonly Winner[];
  /** More designs that the run kept, the winners among them. */
  readonly kept: readonly Winner[];
  /** Where the run asked for it: designs that none beats in all objectives. */
  readonly pareto: readonly Winner[];
  /** The searches of the run, which tell how they got on; none of a sweep. */
  readonly searches: readonly SearchPart[];
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

function readSearches(open: OpenSpace, parts: readonly SearchPart[]) {
  const { objectives, limits, winners, pareto, state, baseline } = searchOutcome(open, parts);
  const evaluate = winnerEvaluator(open.space, objectives, limits);
  return {
    objectives,
    winners,
    kept: state.best.flatMap(({ ordinals }) =>
      ordinals.slice(0, KEPT_PER_TIER).flatMap((ordinal) => evaluate(BigInt(ordinal), ordinals.length) ?? []),
    ),
    pareto,
    searches: parts,
    histogram: [],
    evaluated: BigInt(state.evaluations),
    feasible: BigInt(state.feasible),
    byReason: state.byReason.map(BigInt),
    baseline,
  };
}

function readSweep(open: OpenSpace, run: RunFolder, settings: SweepSettings) {
  const plain = partFromPlain(requireCheckpoint(run), run.path);
  const { part, top, pareto, baseline } = sweepOutcome({ ...open, settings, run }, plain);
  return {
    objectives: settings.objectives.map(parseObjective),
    winners: top,
    kept: top,
    pareto,
    searches: [],
    histogram: part.histogram,
    evaluated: part.evaluated,
    feasible: part.feasible,
    byReason: part.byReason,
    baseline,
  };
}

/**
 * Reads a run that sweep, search, start or merge wrote, finished or not.
 *
 * @param others further searches of the same space and goal: what all of them found together
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, RUN_MISMATCH where it has no results yet, or the others do not belong
 * to it
 */
export function openFinishedRun(path: string, ...others: readonly string[]): FinishedRun {
  const run = RunFolder.open(path);
  const { manifest } = run;
  const open = reopenSpace(manifest.space, path);
  const { settings } = manifest;
  if (settings.kind === 'sweep' && others.length === 0) {
    return { ...open, path, paths: [path], manifest, ...readSweep(open, run, settings) };
  }
  const parts = joinedParts([run, ...others.map((other) => RunFolder.open(other))]);
  return { ...open, path, paths: [path, ...others], manifest, ...readSearches(open, parts) };
}
