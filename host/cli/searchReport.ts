import { usesCost } from '../../kernels/objective/objective.js';
import { infeasibleMask } from '../../kernels/outputs.js';
import { titleOf } from '../designs.js';
import { comparisonTable } from './comparison.js';
import { formatColumn, formatNumber, plural } from './format.js';
import { countsLine, reasonsTable, winnersTable } from './report.js';
import { baselineJson, reasonsJson, runJson, winnerJson } from './reportJson.js';
import type { SearchContext, SearchOutcome, SearchPart } from './searchOutcome.js';
import { evenlySpread } from './sweepReport.js';
import { formatTable, left, right } from './table.js';

/** Designs beside the default in the comparison: as many as fit a terminal. */
const COMPARED = 3;

/** Designs of a Pareto front that are printed; the CSV has all. */
const FRONT_SHOWN = 25;

/** Did the search come to its end, by its budget or for lack of gains? */
function isFinished({ settings, state: { evaluations, history } }: SearchPart): boolean {
  const sinceGain = evaluations - (history.at(-1)?.[0] ?? 0);
  return evaluations >= settings.evaluations || sinceGain >= (settings.patience ?? Number.POSITIVE_INFINITY);
}

export function searchLines(context: SearchContext, outcome: SearchOutcome): string[] {
  const { space, run } = context;
  const { state, parts } = outcome;
  return [
    `${space.name}: ${titleOf(space)}`,
    countsLine(state.evaluations, state.feasible),
    ...(parts.length > 1 ? ['', partsTable(outcome)] : []),
    ...outcome.limits.map(({ label }, i) => `${plural(state.byLimit[i]!, 'design')} beyond ${label}`),
    '',
    ...(outcome.winners.length === 0 ? failureLines(outcome) : winnerLines(context, outcome)),
    '',
    ...(outcome.objectives.length > 1 ? frontLines(outcome) : []),
    `run written to ${run.path}`,
    ...(parts.length > 1 || parts.every(isFinished)
      ? []
      : [`it was ended early; to go on: cosmic search --resume ${run.path}`]),
  ];
}

/** What each of several searches came to. */
function partsTable({ parts, objectives }: SearchOutcome): string {
  const { label, unit } = objectives[0]!;
  const best = formatColumn(parts.map(({ state }) => state.history.at(-1)?.[1] ?? Number.NaN));
  return formatTable(
    [left('agent'), right('seed'), right('evaluations'), right(`best ${label} (${unit})`), right('found after')],
    parts.map(({ settings, state: { evaluations, history } }, i) => [
      settings.agent,
      String(settings.seed),
      formatNumber(evaluations),
      ...(history.length === 0 ? ['none', ''] : [best[i]!, formatNumber(history.at(-1)![0])]),
    ]),
  );
}

function failureLines(outcome: SearchOutcome): string[] {
  return [
    'No feasible design was found. The designs failed for these reasons:',
    '',
    reasonsTable(outcome.state.byReason, maskOf(outcome)),
  ];
}

/** The statuses that make a design infeasible under the objectives. */
function maskOf({ objectives }: SearchOutcome): number {
  return infeasibleMask(usesCost(objectives));
}

function winnerLines({ space }: SearchContext, outcome: SearchOutcome): string[] {
  const { winners, objectives, baseline } = outcome;
  const { label, unit } = objectives[0]!;
  return [
    `Best designs by ${label} (${unit}), smaller is better:`,
    '',
    winnersTable(winners, objectives, baseline?.objectives),
    '',
    'ties: designs found that score the same to six digits, as far as they are kept; the cheapest network of them is shown.',
    '',
    "The best beside the system's own default (* differs from it, × relative to it):",
    '',
    comparisonTable(space, baseline, winners.slice(0, COMPARED), maskOf(outcome)),
  ];
}

function frontLines({ pareto, objectives, baseline }: SearchOutcome): string[] {
  const shown = evenlySpread(pareto, FRONT_SHOWN);
  const more = shown.length < pareto.length ? `, ${shown.length} of them here, all in pareto.csv` : '';
  return [
    `Pareto front of ${objectives.map(({ label }) => label).join(', ')}: ${plural(pareto.length, 'design')}${more}:`,
    '',
    winnersTable(shown, objectives, baseline?.objectives),
    '',
  ];
}

export function searchJson({ space, run }: SearchContext, outcome: SearchOutcome) {
  const { parts, state, objectives, limits, winners, pareto, baseline } = outcome;
  const [objective, ...moreObjectives] = objectives.map(({ label, unit }) => ({ label, unit }));
  return {
    ...runJson(space, run.manifest),
    objective,
    moreObjectives,
    evaluations: state.evaluations,
    feasible: state.feasible,
    infeasible: reasonsJson(state.byReason),
    beyondLimits: Object.fromEntries(limits.map(({ label }, i) => [label, state.byLimit[i]!])),
    finished: parts.every(isFinished),
    run: run.path,
    default: baselineJson(space, baseline),
    best: winners.map((winner) => winnerJson(space, winner)),
    pareto: pareto.map((winner) => winnerJson(space, winner)),
    /** Of each search, its improvements: evaluations done, objective reached. */
    ...(parts.length === 1
      ? { history: parts[0]!.state.history }
      : {
          searches: parts.map(({ settings: { agent, seed }, state: { evaluations, history } }) => ({
            agent,
            seed,
            evaluations,
            history,
          })),
        }),
  };
}
