import { advanceRun } from '../runs/advanceRun.js';
import { resultJson } from '../runs/resultJson.js';
import type { RunResult } from '../runs/runResult.js';
import { goalOf } from '../runs/settings.js';
import { reportFailure } from './failure.js';
import { interruptible } from './interrupt.js';
import { Progress } from './progress.js';
import { runLines } from './runText.js';
import type { Session } from './session.js';
import { joinLines } from './terminal.js';

/**
 * Takes a run to its end or to Ctrl-C, and shows what it found.
 *
 * @param next lines to print at the end
 */
export async function runToEnd({ run, evaluator }: Session, json: boolean, next: readonly string[] = []) {
  const { unit } = goalOf(run.folder.manifest.settings).first;
  let progress: Progress | undefined;
  let failure: unknown;
  try {
    const result = await interruptible((signal) =>
      advanceRun(run, evaluator, {
        signal,
        onProgress: ({ evaluated, total, best, feasibleShare }) => {
          if (progress === undefined) progress = new Progress(total, evaluated, unit);
          else progress.update(evaluated, best, feasibleShare);
        },
        onWriteError: (error) => {
          failure = error;
        },
      }).finally(() => progress?.stop()),
    );
    printResult(result, json, next);
    // By now the results are printed, so as text alone.
    if (failure !== undefined) reportFailure(failure, false);
  } finally {
    await evaluator.close();
  }
}

/** Prints what a run found. */
export function printResult(result: RunResult, json: boolean, next: readonly string[] = []): void {
  const text = json ? JSON.stringify(resultJson(result), null, 2) : joinLines([...runLines(result), ...next]);
  process.stdout.write(`${text}\n`);
}
