import { type Objective, parseObjective, usesCost } from '../../kernels/objective/objective.js';
import { infeasibleMask } from '../../kernels/outputs.js';
import { type Baseline, baselineOf } from '../baseline.js';
import { winnersCsv } from '../runs/bestCsv.js';
import type { SearchSettings } from '../runs/manifest.js';
import { searchFromPlain, searchToPlain } from '../runs/searchCheckpoint.js';
import { type Generation, type SearchState, search } from '../search.js';
import { searchWinners, type Winner } from '../winners.js';
import { Checkpoints } from './checkpoints.js';
import { comparisonTable } from './comparison.js';
import { interruptible } from './interrupt.js';
import { Progress } from './progress.js';
import { countsLine, reasonsTable, winnersTable } from './report.js';
import { designJson, reasonsJson, winnerJson } from './reportJson.js';
import type { Session } from './session.js';

/** Designs beside the default in the comparison: as many as fit a terminal. */
const COMPARED = 3;

type SearchSession = Session<SearchSettings>;

/** What a search found, ready to be shown. */
export interface SearchOutcome {
  readonly state: SearchState;
  readonly objective: Objective;
  /** Best first, evaluated in f64. */
  readonly winners: readonly Winner[];
  readonly baseline: Baseline | undefined;
}

/**
 * Runs a search to its end or to Ctrl-C, shows what it found beside the system's default, and writes the run.
 *
 * @param next lines to print at the end
 */
export async function runSearch(
  session: SearchSession,
  json: boolean,
  next: (outcome: SearchOutcome) => readonly string[] = () => [],
): Promise<void> {
  const { evaluator, settings, space, run } = session;
  const objective = parseObjective(settings.objective);
  try {
    const { state, checkpoints } = await interruptible((interrupt) => advance(session, objective, interrupt));
    const winners = searchWinners(space, state, objective, settings.top);
    const outcome = { state, objective, winners, baseline: baselineOf(session.psa, [objective]) };
    const result = resultJson(session, outcome);
    checkpoints.attempt(() => {
      run.saveCheckpoint(searchToPlain(state));
      run.write('best.csv', winnersCsv(space, winners, [objective]));
      run.writeJson('result.json', result);
    });
    const text = json ? [JSON.stringify(result, null, 2)] : [...resultLines(session, outcome), ...next(outcome)];
    process.stdout.write(`${text.join('\n')}\n`);
    checkpoints.finish();
  } finally {
    await evaluator.close();
  }
}

async function advance(session: SearchSession, objective: Objective, interrupt: AbortSignal) {
  const { evaluator, settings, run } = session;
  const before = session.checkpoint === undefined ? undefined : searchFromPlain(session.checkpoint, run.path);
  const checkpoints = new Checkpoints(run, interrupt);
  const progress = new Progress(settings.evaluations, before?.evaluations ?? 0, objective.unit);
  const control = {
    signal: checkpoints.signal,
    onGeneration: ({ evaluations, best, snapshot }: Generation) => {
      progress.update(evaluations, best);
      checkpoints.offer(() => searchToPlain(snapshot()));
    },
  };
  try {
    return { state: await search(evaluator, { ...settings, objective }, control, before), checkpoints };
  } finally {
    progress.stop();
  }
}

function resultLines(session: SearchSession, outcome: SearchOutcome): string[] {
  const { space, run, settings } = session;
  const { state } = outcome;
  const interrupted = state.evaluations < settings.evaluations;
  return [
    `${space.name}: ${space.workload.name} on ${space.systemName}`,
    countsLine(state.evaluations, state.feasible),
    '',
    ...(outcome.winners.length === 0 ? failureLines(outcome) : winnerLines(session, outcome)),
    '',
    `run written to ${run.path}`,
    ...(interrupted ? [`it was ended early; to go on: cosmic search --resume ${run.path}`] : []),
  ];
}

function failureLines({ state, objective }: SearchOutcome): string[] {
  return [
    'No feasible design was found. The designs failed for these reasons:',
    '',
    reasonsTable(state.byReason, maskOf(objective)),
  ];
}

/** The statuses that make a design infeasible under the objective. */
function maskOf(objective: Objective): number {
  return infeasibleMask(usesCost([objective]));
}

function winnerLines({ space }: SearchSession, { winners, objective, baseline }: SearchOutcome): string[] {
  return [
    `Best designs by ${objective.label} (${objective.unit}), smaller is better:`,
    '',
    winnersTable(winners, [objective], baseline?.objectives),
    '',
    'ties: designs found that score the same to six digits, as far as they are kept; the cheapest network of them is shown.',
    '',
    "The best beside the system's own default (* differs from it, × relative to it):",
    '',
    comparisonTable(space, baseline, winners.slice(0, COMPARED), maskOf(objective)),
  ];
}

function resultJson({ space, settings, run, evaluator }: SearchSession, outcome: SearchOutcome) {
  const { state, objective, winners, baseline } = outcome;
  return {
    command: run.manifest.command,
    space: space.name,
    system: space.systemName,
    model: space.workload.name,
    backend: evaluator.backend,
    settings,
    objective: { label: objective.label, unit: objective.unit },
    evaluations: state.evaluations,
    feasible: state.feasible,
    infeasible: reasonsJson(state.byReason),
    finished: state.evaluations >= settings.evaluations,
    run: run.path,
    default:
      baseline === undefined ? null : { objectives: baseline.objectives ?? null, ...designJson(space, baseline) },
    best: winners.map((winner) => winnerJson(space, winner)),
    history: state.history,
  };
}
