/** Times dispatches: on the device by timestamp queries, and on the host from submit to done. */
import type { OpenDevice } from '../host/webgpu/device.js';
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

const TIMESTAMP_BYTES = 16;

function createQueries(device: GPUDevice) {
  const set = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({
    size: TIMESTAMP_BYTES,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    size: TIMESTAMP_BYTES,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  return {
    writes: { querySet: set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    resolve(encoder: GPUCommandEncoder): void {
      encoder.resolveQuerySet(set, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, TIMESTAMP_BYTES);
    },
    async readMs(): Promise<number> {
      await staging.mapAsync(GPUMapMode.READ);
      const [begin, end] = new BigUint64Array(staging.getMappedRange());
      const ms = Number(end! - begin!) / 1e6;
      staging.unmap();
      return ms;
    },
    destroy(): void {
      set.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}

/** Runs a dispatch `runs` times after one to warm up. */
export async function timeDispatch({ device }: OpenDevice, dispatch: Dispatch, runs: number): Promise<GpuTime> {
  const queries = device.features.has('timestamp-query') ? createQueries(device) : undefined;
  const wall: number[] = [];
  const kernel: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(queries && { timestampWrites: queries.writes });
    pass.setPipeline(dispatch.pipeline);
    for (const [i, group] of dispatch.groups.entries()) pass.setBindGroup(i, group);
    pass.dispatchWorkgroups(dispatch.columns, dispatch.rows);
    pass.end();
    queries?.resolve(encoder);
    const begin = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const wallMs = performance.now() - begin;
    const kernelMs = await queries?.readMs();
    if (run === 0) continue;
    wall.push(wallMs);
    if (kernelMs !== undefined) kernel.push(kernelMs);
  }
  queries?.destroy();
  return { wallMs: median(wall), kernelMs: kernel.length === 0 ? undefined : median(kernel) };
}
