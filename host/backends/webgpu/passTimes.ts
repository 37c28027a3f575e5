/** Compute passes by the device's clock: what measurements and the tuner know of the device, whatever submits the work. */

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

async function readTimes(device: GPUDevice, querySet: GPUQuerySet, passes: number): Promise<PassTime[]> {
  if (passes === 0) return [];
  const size = 2 * TIMESTAMP_BYTES * passes;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2 * passes, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
  resolved.destroy();
  staging.destroy();
  return Array.from({ length: passes }, (_, i) => ({ beginNs: stamps[2 * i]!, endNs: stamps[2 * i + 1]! }));
}

/**
 * Records the passes that are encoded from now on, by putting itself between the device and those who use it: nothing but
 * measurements pays for them.
 *
 * @returns undefined on a device without timestamp queries
 */
export function recordPasses(device: GPUDevice): PassRecorder | undefined {
  if (!device.features.has('timestamp-query')) return undefined;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * MAX_PASSES });
  const { createCommandEncoder } = device;
  let passes = 0;

  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder.call(device, descriptor);
    const { beginComputePass } = encoder;
    encoder.beginComputePass = (pass) => {
      if (passes === MAX_PASSES) return beginComputePass.call(encoder, pass);
      const first = 2 * passes++;
      const timestampWrites = { querySet, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
      return beginComputePass.call(encoder, { ...pass, timestampWrites });
    };
    return encoder;
  };

  return {
    async stop() {
      device.createCommandEncoder = createCommandEncoder;
      const times = await readTimes(device, querySet, passes);
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
