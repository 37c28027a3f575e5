/**
 * Waits for work, but not beyond a signal. Unlike a race with a promise of the signal, which would hold on to all that was ever
 * raced with it, nothing is left behind.
 *
 * @returns undefined where the signal aborted first; what comes of the work then is of no interest
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    const forget = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, reject).finally(forget);
  });
}
