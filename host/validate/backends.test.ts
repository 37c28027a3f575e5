import { describe, expect, it } from 'vitest';
import { webgpuAvailable } from '../../test/webgpu.js';
import { validateBackends } from './backends.js';

describe.skipIf(!(await webgpuAvailable()))('validateBackends', () => {
  it('finds WebGPU and the CPU in agreement over models and systems', { timeout: 120_000 }, async () => {
    const done: number[] = [];
    const report = await validateBackends({
      designs: 2200,
      seed: 1,
      systems: ['cosmic-1024', 'dgx-h100'],
      onProgress: (designs) => done.push(designs),
    });
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.maxRelError).toBeLessThanOrEqual(report.tolerance);
    expect(report.designs).toBe(2200);
    expect(done.at(-1)).toBe(2200);
    expect(report.groups.every(({ cases }) => cases === 2200 - report.statuses.different)).toBe(true);
  });
});
