import { advanceRun } from '../runs/advanceRun.js';
import { resultJson } from '../runs/resultJson.js';
import type { RunResult } from '../runs/runResult.js';
import { goalOf } from '../runs/settings.js';
import { reportFailure } from './failure.js';
import { interruptible } from './interrupt.js';
import { print } from './output.js';
import { Progress } from './progress.js';
import { runLines } from './runText.js';
import type { Session } from './session.js';

/** What a command may ask of a run beside its settings. */
export interface Ending {
  /** Ends the run after so long, as Ctrl-C would. */
  readonly timeoutSeconds?: number | undefined;
  /** Lines to print at the end. */
  readonly next?: readonly string[];
}

/** Takes a run to its end, to Ctrl-C or to a timeout, and shows what it found. */
export async function runToEnd(
  { run, evaluator }: Session,
  json: boolean,
  { timeoutSeconds, next = [] }: Ending = {},
): Promise<void> {
  const { unit } = goalOf(run.space, run.folder.manifest.settings).first;
  let progress: Progress | undefined;
  let failure: unknown;
  try {
    const work = (signal: AbortSignal) =>
      advanceRun(run, evaluator, {
        signal,
        onProgress: ({ evaluated, total, best, feasibleShare }) => {
          if (progress?.total === total) progress.update(evaluated, best, feasibleShare, evaluator.workers?.());
          else {
            // What follows on a search, its proof, counts other designs.
            progress?.stop();
            progress = new Progress(total, evaluated, unit);
          }
        },
        onWriteError: (error) => {
          failure = error;
        },
      }).finally(() => progress?.stop());
    const result = await interruptible(work, timeoutSeconds);
    printResult(result, json, next);
    // By now the results are printed, so as text alone.
    if (failure !== undefined) reportFailure(failure, false);
  } finally {
    await evaluator.close();
  }
}

/** Prints what a run found. */
export function printResult(result: RunResult, json: boolean, next: readonly string[] = []): void {
  print(
    json,
    () => resultJson(result),
    () => [...runLines(result), ...next],
  );
}
