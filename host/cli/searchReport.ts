import { usesCost } from '../../kernels/objective/objective.js';
import { infeasibleMask } from '../../kernels/outputs.js';
import { profileOf, titleOf } from '../designs.js';
import type { SearchState } from '../search.js';
import { comparisonTable } from './comparison.js';
import { plural } from './format.js';
import { countsLine, reasonsTable, winnersTable } from './report.js';
import { designJson, reasonsJson, winnerJson } from './reportJson.js';
import type { SearchOutcome, SearchSession } from './searchRun.js';
import { evenlySpread } from './sweepReport.js';

/** Designs beside the default in the comparison: as many as fit a terminal. */
const COMPARED = 3;

/** Designs of a Pareto front that are printed; the CSV has all. */
const FRONT_SHOWN = 25;

/** Did the search come to its end, by its budget or for lack of gains? */
function isFinished({ evaluations, history }: SearchState, { settings }: SearchSession): boolean {
  const sinceGain = evaluations - (history.at(-1)?.[0] ?? 0);
  return evaluations >= settings.evaluations || sinceGain >= (settings.patience ?? Number.POSITIVE_INFINITY);
}

export function searchLines(session: SearchSession, outcome: SearchOutcome): string[] {
  const { space, run } = session;
  const { state } = outcome;
  return [
    `${space.name}: ${titleOf(space)}`,
    countsLine(state.evaluations, state.feasible),
    ...outcome.limits.map(({ label }, i) => `${plural(state.byLimit[i]!, 'design')} beyond ${label}`),
    '',
    ...(outcome.winners.length === 0 ? failureLines(outcome) : winnerLines(session, outcome)),
    '',
    ...(outcome.objectives.length > 1 ? frontLines(outcome) : []),
    `run written to ${run.path}`,
    ...(isFinished(state, session) ? [] : [`it was ended early; to go on: cosmic search --resume ${run.path}`]),
  ];
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

function winnerLines({ space }: SearchSession, outcome: SearchOutcome): string[] {
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

export function searchJson(session: SearchSession, outcome: SearchOutcome) {
  const { space, settings, run, evaluator } = session;
  const { state, objectives, limits, winners, pareto, baseline } = outcome;
  const [objective, ...moreObjectives] = objectives.map(({ label, unit }) => ({ label, unit }));
  return {
    command: run.manifest.command,
    space: space.name,
    system: space.systemName,
    model: space.workload.name,
    profile: profileOf(space),
    backend: evaluator.backend,
    settings,
    objective,
    moreObjectives,
    evaluations: state.evaluations,
    feasible: state.feasible,
    infeasible: reasonsJson(state.byReason),
    beyondLimits: Object.fromEntries(limits.map(({ label }, i) => [label, state.byLimit[i]!])),
    finished: isFinished(state, session),
    run: run.path,
    default:
      baseline === undefined ? null : { objectives: baseline.objectives ?? null, ...designJson(space, baseline) },
    best: winners.map((winner) => winnerJson(space, winner)),
    pareto: pareto.map((winner) => winnerJson(space, winner)),
    history: state.history,
  };
}
