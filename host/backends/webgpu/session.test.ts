import { describe, expect, it } from 'vitest';
import { smallSpace } from '../../../test/smallSpace.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createWebgpuEvaluator } from './evaluator.js';
import { processDevice } from './session.js';

describe.skipIf(!(await webgpuAvailable()))('the device of a process', () => {
  it('serves one evaluator after the other, and is left when it is lost', async () => {
    const first = await processDevice();
    const evaluator = await createWebgpuEvaluator(smallSpace());
    await evaluator.close();
    expect(first.isLost).toBe(false);
    expect(await processDevice()).toBe(first);
    first.device.destroy();
    await first.device.lost;
    expect(await processDevice()).not.toBe(first);
  });

  it('tells of an error that nobody asked for once, not for ever', async () => {
    const { device, guard } = await processDevice();
    const reported = new Promise((resolve) => device.addEventListener('uncapturederror', resolve, { once: true }));
    device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    await reported;
    await expect(guard(() => 1)).rejects.toMatchObject({ code: 'BACKEND_LIMIT' });
    expect(await guard(() => 2)).toBe(2);
  });
});
