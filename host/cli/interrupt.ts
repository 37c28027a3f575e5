import { note } from './output.js';

/** Exit codes: 0 success, 1 a failed check or a defect of cosmic, 2 bad input, 130 ended by Ctrl-C with what was done. */
export const EXIT = { failure: 1, badInput: 2, interrupted: 130 } as const;

/** Timers hold no more milliseconds: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Lets Ctrl-C (SIGINT) or SIGTERM end long work cleanly. A second signal ends at once.
 *
 * @param work gets a signal that aborts; it should return soon with what it has
 * @param timeoutSeconds ends the work after so long, too
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, timeoutSeconds?: number): Promise<T> {
  return untilSignal(work, timeoutSeconds, () => {
    process.exitCode = EXIT.interrupted;
    note('\ninterrupted: finishing the chunk in progress and saving (again to end at once)');
  });
}

/** Lets Ctrl-C or SIGTERM end work that has no end of its own: that is no interruption. A second signal ends at once. */
export async function drained<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return untilSignal(work, undefined, () => note('\nfinishing the parts in progress (again to end at once)'));
}

async function untilSignal<T>(
  work: (signal: AbortSignal) => Promise<T>,
  timeoutSeconds: number | undefined,
  onEnd: () => void,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    onEnd();
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // Not AbortSignal.any: Node 20 may collect such a signal before its time has come.
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => controller.abort(), Math.min(1000 * timeoutSeconds, LONGEST_TIMER_MS));
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
