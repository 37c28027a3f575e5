import { note } from './output.js';

/** Exit codes: 0 success, 1 a failed check or a defect of cosmic, 2 bad input, 130 ended by Ctrl-C with what was done. */
export const EXIT = { failure: 1, badInput: 2, interrupted: 130 } as const;

/**
 * Lets Ctrl-C (SIGINT) or SIGTERM end long work cleanly. A second signal ends at once.
 *
 * @param work gets a signal that aborts; it should return soon with what it has
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.exitCode = EXIT.interrupted;
    note('\ninterrupted: finishing the chunk in progress and saving (again to end at once)');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
