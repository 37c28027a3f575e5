import { parseObjective, usesCost } from '../../kernels/objective/objective.js';
import { infeasibleMask } from '../../kernels/outputs.js';
import { type Candidate, keptTop, type SweepPart } from '../../kernels/reduce/reduce.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type Baseline, baselineOf } from '../baseline.js';
import { titleOf } from '../designs.js';
import { refine } from '../refine.js';
import { designTable } from '../runs/designTable.js';
import type { SweepSettings } from '../runs/manifest.js';
import type { RunFolder } from '../runs/runFolder.js';
import { partToPlain } from '../runs/sweepCheckpoint.js';
import { mergeTies, type Winner, winnerEvaluator } from '../winners.js';
import { comparisonTable } from './comparison.js';
import { plural } from './format.js';
import { countsLine, reasonsTable, winnersTable } from './report.js';
import { baselineJson, histogramJson, reasonsJson, runJson, winnerJson } from './reportJson.js';
import type { OpenSpace } from './space.js';

/** Designs of a Pareto front that are printed; the CSV has all. */
const FRONT_SHOWN = 25;

/** Designs beside the default in the comparison. */
const COMPARED = 3;

const TIES = 'ties: designs among the best ones kept that score exactly the same; the first of them is shown.';

/** What a sweep's report is about. */
export interface SweepContext extends OpenSpace {
  readonly settings: SweepSettings;
  readonly run: RunFolder;
}

/** What a sweep found, re-evaluated in f64. */
export interface SweepOutcome {
  readonly part: SweepPart;
  readonly top: readonly Winner[];
  /** By the first objective. */
  readonly pareto: readonly Winner[];
  readonly baseline: Baseline | undefined;
}

export function sweepOutcome({ psa, space, settings }: SweepContext, part: SweepPart): SweepOutcome {
  const objectives = settings.objectives.map(parseObjective);
  const refined = refine(space, { objectives, top: keptTop(settings.top) }, part);
  const evaluate = winnerEvaluator(space, objectives);
  const winners = (candidates: readonly Candidate[]) => candidates.flatMap(({ ordinal }) => evaluate(ordinal, 1) ?? []);
  return {
    part,
    top: mergeTies(winners(refined.top)).slice(0, settings.top),
    pareto: winners(refined.pareto).sort((a, b) => a.objectives[0]! - b.objectives[0]!),
    baseline: baselineOf(psa, objectives),
  };
}

/** Writes checkpoint, tables and results into the run. */
export function writeSweep(context: SweepContext, outcome: SweepOutcome): void {
  const { run, space, settings } = context;
  const objectives = settings.objectives.map(parseObjective);
  run.saveCheckpoint(partToPlain(outcome.part));
  run.writeTable('best', designTable(space, outcome.top, objectives));
  if (settings.pareto) run.writeTable('pareto', designTable(space, outcome.pareto, objectives));
  const result = sweepJson(context, outcome);
  run.writeJson('result.json', result);
  run.writeJson('best.json', result.best[0] ?? null);
}

export function sweepJson({ space, settings, run }: SweepContext, { part, top, pareto, baseline }: SweepOutcome) {
  return {
    ...runJson(space, run.manifest),
    objectives: settings.objectives.map(parseObjective).map(({ label, unit }) => ({ label, unit })),
    start: part.start.toString(),
    evaluated: part.evaluated.toString(),
    feasible: part.feasible.toString(),
    infeasible: reasonsJson(part.byReason),
    histogram: histogramJson(part.histogram),
    finished: part.evaluated === BigInt(settings.count),
    run: run.path,
    default: baselineJson(space, baseline),
    best: top.map((winner) => winnerJson(space, winner)),
    pareto: pareto.map((winner) => winnerJson(space, winner)),
  };
}

export function sweepLines({ space, settings, run }: SweepContext, outcome: SweepOutcome): string[] {
  const { part } = outcome;
  const finished = part.evaluated === BigInt(settings.count);
  return [
    `${space.name}: ${titleOf(space)}`,
    countsLine(part.evaluated, part.feasible),
    '',
    ...(part.feasible === 0n ? [] : foundLines(space, settings, outcome)),
    ...(part.feasible === part.evaluated
      ? []
      : ['Infeasible designs (one may have several reasons):', '', reasonsTable(part.byReason, maskOf(settings)), '']),
    `run written to ${run.path}`,
    ...(finished ? [] : [`it was ended early; to go on: cosmic sweep --resume ${run.path}`]),
  ];
}

/** The statuses that make a design infeasible under the objectives. */
function maskOf({ objectives }: SweepSettings): number {
  return infeasibleMask(usesCost(objectives.map(parseObjective)));
}

function foundLines(space: CompiledSpace, settings: SweepSettings, { top, pareto, baseline }: SweepOutcome): string[] {
  const objectives = settings.objectives.map(parseObjective);
  const first = objectives[0]!;
  const lines = [
    `Best designs by ${first.label} (${first.unit}), smaller is better:`,
    '',
    winnersTable(top, objectives, baseline?.objectives),
    '',
    ...(top.some(({ ties }) => ties > 1) ? [TIES, ''] : []),
    "The best beside the system's own default (* differs from it, × relative to it):",
    '',
    comparisonTable(space, baseline, top.slice(0, COMPARED), maskOf(settings)),
    '',
  ];
  if (!settings.pareto) return lines;
  const shown = evenlySpread(pareto, FRONT_SHOWN);
  const more = shown.length < pareto.length ? `, ${shown.length} of them here, all in pareto.csv` : '';
  return [
    ...lines,
    `Pareto front of ${objectives.map(({ label }) => label).join(', ')}: ${plural(pareto.length, 'design')}${more}:`,
    '',
    winnersTable(shown, objectives, baseline?.objectives),
    '',
  ];
}

/** At most `count` items, from the first to the last in equal steps. */
export function evenlySpread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}
