/** Compute passes by the device's clock: what measurements and the tuner know of the device, whatever submits the work. */
import type { OpenDevice } from './device.js';
import { readWork } from './submit.js';

/** When a pass ran, ns. */
export interface PassTime {
  readonly beginNs: bigint;
  readonly endNs: bigint;
}

/** A recording of all compute passes of a device. */
export interface PassRecorder {
  /** Ends the recording; times are in the order in which the passes were encoded. The work must be submitted and done. */
  stop(): Promise<PassTime[]>;
}

/** A query set holds 4,096 timestamps on every device; further passes are not recorded. */
const MAX_PASSES = 2048;
const TIMESTAMP_BYTES = 8;

async function readTimes(open: OpenDevice, querySet: GPUQuerySet, passes: number): Promise<PassTime[]> {
  if (passes === 0) return [];
  const bytes = 2 * TIMESTAMP_BYTES * passes;
  const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
  const buffer = open.device.createBuffer({ size: bytes, usage: QUERY_RESOLVE | COPY_SRC });
  const prepare = (encoder: GPUCommandEncoder) => encoder.resolveQuerySet(querySet, 0, 2 * passes, buffer, 0);
  const take = (read: ArrayBuffer) => new BigUint64Array(read.slice(0));
  const stamps = await readWork(open, { prepare }, { parts: [{ buffer, bytes }], take });
  buffer.destroy();
  return Array.from({ length: passes }, (_, i) => ({ beginNs: stamps[2 * i]!, endNs: stamps[2 * i + 1]! }));
}

/**
 * Records the passes that are submitted from now on, by whoever shares the device: nothing but measurements pays for them.
 *
 * @returns undefined on a device without timestamp queries
 */
export function recordPasses(open: OpenDevice): PassRecorder | undefined {
  const { device, passes } = open;
  if (!device.features.has('timestamp-query')) return undefined;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * MAX_PASSES });
  let count = 0;
  passes.recording = {
    nextPass() {
      if (count === MAX_PASSES) return undefined;
      const first = 2 * count++;
      return { querySet, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
    },
  };
  return {
    async stop() {
      passes.recording = undefined;
      const times = await readTimes(open, querySet, count);
      querySet.destroy();
      return times;
    },
  };
}

/** Time in which at least one of the passes ran, ms. */
export function busyMs(passes: readonly PassTime[]): number {
  let busyNs = 0n;
  let until = 0n;
  for (const { beginNs, endNs } of [...passes].sort((a, b) => (a.beginNs < b.beginNs ? -1 : 1))) {
    const from = beginNs > until ? beginNs : until;
    if (endNs > from) busyNs += endNs - from;
    if (endNs > until) until = endNs;
  }
  return Number(busyNs) / 1e6;
}
