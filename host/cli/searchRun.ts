import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import { type Baseline, baselineOf } from '../baseline.js';
import { type Limit, parseLimit } from '../limits.js';
import { designTable } from '../runs/designTable.js';
import type { SearchSettings } from '../runs/manifest.js';
import { searchFromPlain, searchToPlain } from '../runs/searchCheckpoint.js';
import { type Generation, type SearchState, search } from '../search.js';
import { frontWinners, searchWinners, type Winner } from '../winners.js';
import { Checkpoints } from './checkpoints.js';
import { interruptible } from './interrupt.js';
import { Progress } from './progress.js';
import { searchJson, searchLines } from './searchReport.js';
import type { Session } from './session.js';

export type SearchSession = Session<SearchSettings>;

/** What a search found, ready to be shown. */
export interface SearchOutcome {
  readonly state: SearchState;
  /** The first ranks. */
  readonly objectives: readonly Objective[];
  readonly limits: readonly Limit[];
  /** Best first, evaluated in f64. */
  readonly winners: readonly Winner[];
  /** With several objectives: the designs that none beats in all, by the first. */
  readonly pareto: readonly Winner[];
  readonly baseline: Baseline | undefined;
}

/** The objectives and limits of a search's settings. */
export function readGoals({ objective, moreObjectives = [], constraints = [] }: SearchSettings) {
  return { objectives: [objective, ...moreObjectives].map(parseObjective), limits: constraints.map(parseLimit) };
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
  const { evaluator, space, run } = session;
  try {
    const { state, checkpoints } = await interruptible((interrupt) => advance(session, interrupt));
    const outcome = searchOutcome(session, state);
    const result = searchJson(session, outcome);
    checkpoints.attempt(() => {
      run.saveCheckpoint(searchToPlain(state));
      run.writeTable('best', designTable(space, outcome.winners, outcome.objectives));
      if (outcome.objectives.length > 1) {
        run.writeTable('pareto', designTable(space, outcome.pareto, outcome.objectives));
      }
      run.writeJson('result.json', result);
    });
    const text = json ? [JSON.stringify(result, null, 2)] : [...searchLines(session, outcome), ...next(outcome)];
    process.stdout.write(`${text.join('\n')}\n`);
    checkpoints.finish();
  } finally {
    await evaluator.close();
  }
}

/** What a search's state comes to, evaluated in f64. */
export function searchOutcome(
  { space, settings, psa }: Pick<SearchSession, 'space' | 'settings' | 'psa'>,
  state: SearchState,
): SearchOutcome {
  const { objectives, limits } = readGoals(settings);
  return {
    state,
    objectives,
    limits,
    winners: searchWinners(space, state, objectives[0]!, settings.top, {
      moreObjectives: objectives.slice(1),
      limits,
    }),
    pareto: frontWinners(space, state, objectives, limits),
    baseline: baselineOf(psa, objectives),
  };
}

async function advance(session: SearchSession, interrupt: AbortSignal) {
  const { evaluator, settings, run } = session;
  const { objectives, limits } = readGoals(settings);
  const before = session.checkpoint === undefined ? undefined : searchFromPlain(session.checkpoint, run.path);
  const checkpoints = new Checkpoints(run, interrupt);
  const progress = new Progress(settings.evaluations, before?.evaluations ?? 0, objectives[0]!.unit);
  const control = {
    signal: checkpoints.signal,
    onGeneration: async ({ evaluations, best, feasibleShare, snapshot }: Generation) => {
      progress.update(evaluations, best, feasibleShare);
      await checkpoints.offer(async () => searchToPlain(await snapshot()));
    },
  };
  const request = { ...settings, objective: objectives[0]!, moreObjectives: objectives.slice(1), limits };
  try {
    return { state: await search(evaluator, request, control, before), checkpoints };
  } finally {
    progress.stop();
  }
}
