import { describe, expect, it } from 'vitest';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { requireAdapter } from './adapters.js';
import { busyMs, type PassTime, recordPasses } from './passTimes.js';

function pass(beginMs: number, endMs: number): PassTime {
  return { beginNs: BigInt(beginMs * 1e6), endNs: BigInt(endMs * 1e6) };
}

describe('busyMs', () => {
  it('counts time once in which several passes run', () => {
    expect(busyMs([])).toBe(0);
    expect(busyMs([pass(1, 3), pass(5, 6)])).toBe(3);
    expect(busyMs([pass(5, 6), pass(1, 3), pass(2, 4)])).toBe(4);
    expect(busyMs([pass(1, 9), pass(2, 3), pass(8, 10)])).toBe(9);
  });
});

describe.skipIf(!(await webgpuAvailable()))('recordPasses', () => {
  async function openDevice(requiredFeatures: GPUFeatureName[]): Promise<GPUDevice> {
    return (await requireAdapter()).requestDevice({ requiredFeatures });
  }

  it('sees each pass of a device, in order, until it stops', async ({ skip }) => {
    if (!(await requireAdapter()).features.has('timestamp-query')) skip();
    const device = await openDevice(['timestamp-query']);
    const module = device.createShaderModule({ code: '@compute @workgroup_size(1) fn nothing() {}' });
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
    const submit = (passes: number): void => {
      const encoder = device.createCommandEncoder();
      for (let i = 0; i < passes; i++) {
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.dispatchWorkgroups(1);
        pass.end();
      }
      device.queue.submit([encoder.finish()]);
    };
    const recorder = recordPasses(device)!;
    submit(2);
    submit(1);
    const times = await recorder.stop();
    expect(times).toHaveLength(3);
    for (const { beginNs, endNs } of times) expect(endNs).toBeGreaterThanOrEqual(beginNs);
    submit(1);
    await device.queue.onSubmittedWorkDone();
    expect(times).toHaveLength(3);
    device.destroy();
  });

  it('has nothing to tell of a device without timestamps', async () => {
    const device = await openDevice([]);
    expect(recordPasses(device)).toBeUndefined();
    device.destroy();
  });
});
