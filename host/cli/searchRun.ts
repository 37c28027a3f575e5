import type { SearchSettings } from '../runs/manifest.js';
import { searchFromPlain, searchToPlain } from '../runs/searchCheckpoint.js';
import { search } from '../search.js';
import type { Generation } from '../searchState.js';
import { Checkpoints } from './checkpoints.js';
import { interruptible } from './interrupt.js';
import { Progress } from './progress.js';
import { writeSearch } from './searchFiles.js';
import { readGoals, type SearchContext, type SearchOutcome, searchOutcome } from './searchOutcome.js';
import { searchJson, searchLines } from './searchReport.js';
import type { Session } from './session.js';

export type SearchSession = Session<SearchSettings>;

/**
 * Runs a search to its end or to Ctrl-C, shows what it found beside the system's default, and writes the run.
 *
 * @param next lines to print at the end
 */
export async function runSearch(session: SearchSession, json: boolean, next: readonly string[] = []): Promise<void> {
  const { evaluator, settings, run } = session;
  try {
    const { state, checkpoints } = await interruptible((interrupt) => advance(session, interrupt));
    const outcome = searchOutcome(session, [{ settings, state }]);
    checkpoints.attempt(() => {
      run.saveCheckpoint(searchToPlain(state));
      writeSearch(session, outcome);
    });
    printSearch(session, outcome, json, next);
    checkpoints.finish();
  } finally {
    await evaluator.close();
  }
}

/** Prints what searches found. */
export function printSearch(
  context: SearchContext,
  outcome: SearchOutcome,
  json: boolean,
  next: readonly string[] = [],
): void {
  const text = json
    ? JSON.stringify(searchJson(context, outcome), null, 2)
    : [...searchLines(context, outcome), ...next].join('\n');
  process.stdout.write(`${text}\n`);
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
