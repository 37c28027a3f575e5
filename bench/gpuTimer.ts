/** Times dispatches: on the device by timestamp queries, and on the host from submit to done. */
import type { OpenDevice } from '../host/backends/webgpu/device.js';
import { busyMs, recordPasses } from '../host/backends/webgpu/passTimes.js';
import { median } from './statistics.js';

/** Medians over runs. */
export interface GpuTime {
  readonly wallMs: number;
  /** Undefined on devices without timestamp queries. */
  readonly kernelMs: number | undefined;
}

/** What a dispatch needs. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly groups: readonly GPUBindGroup[];
  readonly columns: number;
  readonly rows: number;
}

/** Submits a dispatch and waits until it is done. */
export async function runDispatch({ device, whileAlive }: OpenDevice, dispatch: Dispatch): Promise<void> {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(dispatch.pipeline);
  for (const [i, group] of dispatch.groups.entries()) pass.setBindGroup(i, group);
  pass.dispatchWorkgroups(dispatch.columns, dispatch.rows);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await whileAlive(device.queue.onSubmittedWorkDone());
}

/** Runs a dispatch `runs` times after one to warm up. */
export async function timeDispatch(open: OpenDevice, dispatch: Dispatch, runs: number): Promise<GpuTime> {
  await runDispatch(open, dispatch);
  const recorder = recordPasses(open.device);
  const wall: number[] = [];
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    await runDispatch(open, dispatch);
    wall.push(performance.now() - begin);
  }
  const passes = await recorder?.stop();
  return { wallMs: median(wall), kernelMs: passes && median(passes.map((pass) => busyMs([pass]))) };
}
