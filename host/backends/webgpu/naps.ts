/** Rests for the thread that waits for a device, so that it leaves its core to whoever computes. */

/** Of the time waited so far: what a rest may make the answer late by, but for the shortest. */
const LATENESS = 1 / 16;
const SHORTEST_MS = 0.05;
const LONGEST_MS = 1;

const bed = new Int32Array(new SharedArrayBuffer(4));
let waits = 0;
let since = 0;
let napping = false;

function nap(): void {
  napping = waits > 0;
  if (!napping) return;
  const waitedMs = performance.now() - since;
  Atomics.wait(bed, 0, 0, Math.min(Math.max(waitedMs * LATENESS, SHORTEST_MS), LONGEST_MS));
  setImmediate(nap);
}

/**
 * Waits for a promise of the device with a rest in every turn of the event loop. Dawn asks the device for news in each turn, and a
 * loop with nothing else to do turns without pause: on a software adapter that takes a whole core from the computation.
 */
export async function restWhile<T>(promise: Promise<T>): Promise<T> {
  waits++;
  since = performance.now();
  if (!napping) setImmediate(nap);
  napping = true;
  try {
    return await promise;
  } finally {
    waits--;
  }
}
