/** Runs that are sweeps: their checkpoints read back, several joined, and what they found. */
import type { PlainData } from '../../agents/agent.js';
import { type Candidate, keptTop, mergeParts, type SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import type { SweepRequest } from '../backends/evaluator.js';
import { baselineOf } from '../designs/baseline.js';
import { nearestToFeasible } from '../optimum/nearest.js';
import { refine } from '../optimum/refine.js';
import { mergeTies, winnerEvaluator } from '../search/winners.js';
import type { Findings, RunSweep } from './findings.js';
import { type Joinable, joinRuns } from './joining.js';
import type { SweepSettings } from './manifest.js';
import type { OpenSpace } from './openSpace.js';
import { robustFinding } from './robustFinding.js';
import { type RunFolder, requireCheckpoint } from './runFolder.js';
import { goalOf, sweepRequest } from './settings.js';
import { partFromPlain } from './sweepCheckpoint.js';

/**
 * The sweep of a run.
 *
 * @throws CosmicError RUN_MISMATCH where it is a search or has no results yet
 */
export function sweepOf(run: RunFolder): RunSweep {
  const { settings, backend } = run.manifest;
  if (settings.kind === 'sweep') {
    return { path: run.path, settings, backend, part: partOf(run, requireCheckpoint(run), settings) };
  }
  throw new CosmicError('RUN_MISMATCH', 'the run is a search, not a sweep', {
    file: run.path,
    remedy: 'take sweeps with sweeps, and searches with searches',
  });
}

/** Orders sweeps by where they begin. */
export function inShardOrder({ part: a }: RunSweep, { part: b }: RunSweep): number {
  return Number(a.start - b.start);
}

/** @throws CosmicError FILE_UNREADABLE where it is no part of the run's sweep */
export function partOf({ path, manifest }: RunFolder, checkpoint: PlainData, settings: SweepSettings): SweepPart {
  return partFromPlain(checkpoint, sweepRequest(settings), BigInt(manifest.space.count), path);
}

/** The sweep of a run as something to join: the same designs by another backend are another sweep. */
const SWEEPS: Joinable<RunSweep> = {
  partsOf: (run) => [sweepOf(run)],
  goalOf: ({ settings: { objectives, constraints = [], pareto } }) => JSON.stringify([objectives, constraints, pareto]),
  identityOf: ({ settings: { source, start, count }, backend }) => JSON.stringify([source, start, count, backend.name]),
  order: inShardOrder,
  nameOf: ({ settings, backend }) => `sweep (${rangeText(sweepRequest(settings))}, by ${backend.name})`,
};

/** `designs 0 to 571`, or `1,000 samples of seed 3`. */
export function rangeText({ source, start, count }: Pick<SweepRequest, 'source' | 'start' | 'count'>): string {
  const last = start + count - 1n;
  const numbers = `${start.toLocaleString('en-US')} to ${last.toLocaleString('en-US')}`;
  return source.kind === 'ordinals' ? `designs ${numbers}` : `samples ${numbers} of seed ${source.seed}`;
}

/**
 * The sweeps of several runs.
 *
 * @throws CosmicError RUN_MISMATCH where they are not about the same space and goal, or one is there twice
 */
export function joinSweeps(runs: readonly RunFolder[]): readonly RunSweep[] {
  return joinRuns(runs, SWEEPS);
}

/** All sweeps laid end to end, whatever they walked: what several evaluated counts as often. */
function joinedPart(sweeps: readonly RunSweep[], top: number): SweepPart {
  // A design may be among the best of each.
  const kept = top * sweeps.length;
  const [first, ...others] = sweeps.map(({ part }) => part) as [SweepPart, ...SweepPart[]];
  return others.reduce(
    (whole, part) => mergeParts(whole, { ...part, start: whole.start + whole.evaluated }, kept),
    first,
  );
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.ordinal, candidate])).values()];
}

/**
 * What sweeps come to.
 *
 * @param sweeps at least one, all of one goal
 */
export function sweepFindings({ psa, space }: OpenSpace, sweeps: readonly RunSweep[]): Findings {
  const { settings } = sweeps[0]!;
  const goal = goalOf(space, settings);
  const { objectives, limits } = goal;
  const top = Math.max(...sweeps.map((sweep) => sweep.settings.top));
  const part = joinedPart(sweeps, top);
  const refined = refine(space, { objectives, limits, top: keptTop(top) }, { ...part, top: distinct(part.top) });
  const evaluate = winnerEvaluator(space, goal);
  const evaluated = (candidates: readonly Candidate[]) =>
    candidates.flatMap(({ ordinal }) => evaluate(ordinal, 1) ?? []);
  const winners = mergeTies(evaluated(refined.top)).slice(0, top);
  return {
    goal,
    winners,
    kept: winners,
    ...robustFinding(space, goal, winners, settings),
    pareto: evaluated(refined.pareto).sort((a, b) => a.objectives[0]! - b.objectives[0]!),
    searches: [],
    sweeps,
    evaluated: part.evaluated,
    feasible: part.feasible,
    byReason: part.byReason,
    byLimit: part.byLimit.map(Number),
    nearest: part.feasible === 0n ? nearestToFeasible(space, goal) : undefined,
    finished: sweeps.every((sweep) => sweep.part.evaluated === BigInt(sweep.settings.count)),
    baseline: baselineOf(psa, objectives),
  };
}
