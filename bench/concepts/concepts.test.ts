/** The benchmarked versions of a concept compute the same: only then do their rates compare. */
import { beforeAll, describe, expect, it } from 'vitest';
import { gpujsModes, loadGpujs } from '../../host/backends/gpujs/runner.js';
import type { OpenDevice } from '../../host/backends/webgpu/device.js';
import { processDevice } from '../../host/backends/webgpu/session.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { type Concept, concepts } from './concepts.js';
import { createDeviceConcept, MIN_EVALUATIONS } from './device.js';

const COUNT = MIN_EVALUATIONS;
const all = concepts();

function largestError({ evaluate }: Concept, read: (index: number) => number): number {
  const errors = Array.from({ length: COUNT }, (_, index) => Math.abs(read(index) / evaluate(index) - 1));
  return Math.max(...errors);
}

describe('concepts in f64', () => {
  it.each(all)('$name depends on its input', ({ evaluate }) => {
    const values = Array.from({ length: 64 }, (_, index) => evaluate(index));
    expect(values.every(Number.isFinite)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(32);
  });
});

describe.each(await gpujsModes())('concepts with gpu.js in %s', (mode) => {
  it.each(all)('$name gives what f64 gives', async (concept) => {
    const { kernel, constants, inputs, read } = concept.gpujs;
    const gpu = await loadGpujs(mode);
    const compiled = gpu.createKernel(kernel as never, { constants, output: [COUNT] });
    const rows = (await compiled(...(inputs === undefined ? [] : [inputs(COUNT)]))) as ArrayLike<number>;
    expect(largestError(concept, (index) => read(rows[index]!))).toBeLessThan(1e-5);
    await gpu.destroy();
  });
});

describe.skipIf(!(await webgpuAvailable()))('concepts in WGSL', () => {
  let open: OpenDevice;
  beforeAll(async () => {
    open = await processDevice();
  });

  it.each(all)('$name gives what f64 gives', async (concept) => {
    const device = await createDeviceConcept(open, concept, COUNT);
    await device.run(COUNT, 1);
    const values = await device.values(COUNT);
    expect(largestError(concept, (index) => values[index]!)).toBeLessThan(1e-5);
    device.destroy();
  });
});
