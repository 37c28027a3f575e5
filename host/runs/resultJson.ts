/** What a run came to, for programs. */
import { STATUSES } from '../../kernels/outputs.js';
import { HISTOGRAM_LOW } from '../../kernels/reduce/layout.js';
import { spaceNames } from '../designs/designRow.js';
import { rulesOf } from '../profiles/profiles.js';
import { boundOf, openBoxes } from '../proof/prove.js';
import { baselineJson, nearestJson, winnerJson } from './designJson.js';
import type { RunProof } from './findings.js';
import { robustJson } from './robustTable.js';
import type { RunResult } from './runResult.js';

/** What a run is about. */
function runJson({ space, manifest: { command, backend, settings } }: RunResult) {
  return {
    command,
    ...spaceNames(space),
    profile: rulesOf(space.workload).name,
    backend: backend.name,
    settings,
  };
}

/** Counters of infeasible designs by the names of their reasons. */
function reasonsJson(byReason: readonly bigint[]): Record<string, number> {
  return Object.fromEntries(STATUSES.map(({ name }, bit) => [name, Number(byReason[bit]!)]));
}

/** Counters of designs beyond limits, by the limits. */
function beyondLimitsJson({ goal, byLimit }: RunResult): Record<string, number> {
  return Object.fromEntries(goal.limits.map(({ label }, i) => [label, byLimit[i]!]));
}

/** Feasible designs by their first objective: bins of a quarter octave that hold any, from (inclusive) and to (exclusive). */
function histogramJson(histogram: readonly bigint[]): { from: number; to: number; designs: string }[] {
  const edge = (bin: number) => 2 ** ((bin + HISTOGRAM_LOW) / 4);
  return histogram.flatMap((designs, bin) =>
    designs === 0n ? [] : [{ from: edge(bin), to: edge(bin + 1), designs: designs.toString() }],
  );
}

/** The default and the designs that were found. */
function foundJson(result: RunResult) {
  const { space, finished, path, baseline, winners, pareto, nearest } = result;
  return {
    finished,
    run: path,
    default: baselineJson(space, baseline),
    best: winners.map((winner) => winnerJson(space, winner)),
    pareto: pareto.map((winner) => winnerJson(space, winner)),
    ...(result.robust === undefined ? {} : { robust: robustJson(result) }),
    ...(nearest === undefined ? {} : { nearest: nearestJson(space, nearest) }),
  };
}

function objectivesJson({ goal }: RunResult) {
  return goal.objectives.map(({ label, unit }) => ({ label, unit }));
}

function sweepJson(result: RunResult) {
  const { part } = result.sweeps[0]!;
  return {
    ...runJson(result),
    objectives: objectivesJson(result),
    start: part.start.toString(),
    evaluated: part.evaluated.toString(),
    feasible: part.feasible.toString(),
    infeasible: reasonsJson(part.byReason),
    beyondLimits: beyondLimitsJson(result),
    histogram: histogramJson(part.histogram),
    ...foundJson(result),
  };
}

function searchJson(result: RunResult) {
  const { searches, evaluated, feasible, byReason } = result;
  const [objective, ...moreObjectives] = objectivesJson(result);
  return {
    ...runJson(result),
    objective,
    moreObjectives,
    evaluations: Number(evaluated),
    feasible: Number(feasible),
    infeasible: reasonsJson(byReason),
    beyondLimits: beyondLimitsJson(result),
    ...foundJson(result),
    /** Of each search, its improvements: evaluations done, objective reached. */
    ...(searches.length === 1
      ? { history: searches[0]!.state.history }
      : {
          searches: searches.map(({ settings: { agent, seed }, state: { evaluations, history } }) => ({
            agent,
            seed,
            evaluations,
            history,
          })),
        }),
    ...(result.proof === undefined ? {} : { proof: provenJson(result, result.proof) }),
  };
}

/** How far a proof is. */
function provenJson({ space, finished }: RunResult, { state, roots }: RunProof) {
  const { designs, optimalAtLeast, closed, bounded, evaluated } = state;
  return {
    proved: finished,
    /** No design is better than this; 0 while not all root boxes are bounded. */
    bound: boundOf(state, roots),
    designs: space.count.toString(),
    optimal: designs.optimal.toString(),
    optimalAtLeast,
    excluded: Object.fromEntries(Object.entries(designs).map(([kind, count]) => [kind, count.toString()])),
    boxes: { bounded, closed, open: openBoxes(state, roots) },
    evaluated,
  };
}

function proofJson(result: RunResult, proof: RunProof) {
  return {
    ...runJson(result),
    objective: objectivesJson(result)[0],
    ...provenJson(result, proof),
    ...foundJson(result),
  };
}

/** The content of a run's `result.json`, which the command line prints with `--json`. */
export function resultJson(result: RunResult) {
  if (result.searches.length > 0) return searchJson(result);
  return result.proof === undefined ? sweepJson(result) : proofJson(result, result.proof);
}
