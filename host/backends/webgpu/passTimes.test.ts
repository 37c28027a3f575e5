import { beforeAll, describe, expect, it } from 'vitest';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { requireAdapter } from './adapters.js';
import type { OpenDevice } from './device.js';
import { busyMs, type PassTime, recordPasses } from './passTimes.js';
import { processDevice } from './session.js';
import { runWork } from './submit.js';

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
  let open: OpenDevice;

  beforeAll(async () => {
    open = await processDevice();
  });

  it('sees each pass of a device, in order, until it stops', async ({ skip }) => {
    if (!open.device.features.has('timestamp-query')) skip();
    const module = open.device.createShaderModule({ code: '@compute @workgroup_size(1) fn nothing() {}' });
    const pipeline = open.device.createComputePipeline({ layout: 'auto', compute: { module } });
    const pass = { dispatches: [{ pipeline, grid: { columns: 1, rows: 1 } }] };
    const recorder = recordPasses(open)!;
    for (let i = 0; i < 3; i++) await runWork(open, pass);
    const times = await recorder.stop();
    expect(times).toHaveLength(3);
    let before = 0n;
    for (const { beginNs, endNs } of times) {
      expect(beginNs).toBeGreaterThanOrEqual(before);
      expect(endNs).toBeGreaterThanOrEqual(beginNs);
      before = endNs;
    }
    await runWork(open, pass);
    expect(times).toHaveLength(3);
  });

  it('has nothing to tell of a device without timestamps', async () => {
    const device = await (await requireAdapter()).requestDevice();
    expect(recordPasses({ ...open, device })).toBeUndefined();
    device.destroy();
  });
});
