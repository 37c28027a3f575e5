/** Times work: on the device by timestamp queries, and on the host from submit to done. */
import type { OpenDevice } from '../host/backends/webgpu/device.js';
import { busyMs, recordPasses } from '../host/backends/webgpu/passTimes.js';
import { runWork, type Work } from '../host/backends/webgpu/submit.js';
import { median } from '../host/statistics/statistics.js';

/** Medians over runs. */
export interface GpuTime {
  readonly wallMs: number;
  /** Undefined on devices without timestamp queries. */
  readonly kernelMs: number | undefined;
}

/** Does work `runs` times after once to warm up. */
export async function timeWork(open: OpenDevice, work: Work, runs: number): Promise<GpuTime> {
  await runWork(open, work);
  const recorder = recordPasses(open);
  const wall: number[] = [];
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    await runWork(open, work);
    wall.push(performance.now() - begin);
  }
  const passes = await recorder?.stop();
  return { wallMs: median(wall), kernelMs: passes && median(passes.map((pass) => busyMs([pass]))) };
}
