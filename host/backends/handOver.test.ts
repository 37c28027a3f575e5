import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { createEvaluator } from './createEvaluator.js';
import type { Evaluator, SweepRequest } from './evaluator.js';

const CPU_FIRST = 4096n;

describe('a sweep that the CPU begins and WebGPU ends', () => {
  const space = compilePsa(loadPsa('cosmic-network'));
  const request: SweepRequest = {
    source: { kind: 'ordinals' },
    start: 1_000_000n,
    count: 40_000n,
    objectives: [parseObjective('time'), parseObjective('cost')],
    top: 5,
    pareto: true,
  };
  let available = false;
  let mixed: Evaluator;
  let webgpu: Evaluator;

  beforeAll(async () => {
    available = await webgpuAvailable();
    if (!available) return;
    mixed = await createEvaluator(space, { backend: 'webgpu', cpuFirst: CPU_FIRST, threads: 2 });
    webgpu = await createEvaluator(space, { backend: 'webgpu' });
  });
  afterAll(async () => {
    await mixed?.close();
    await webgpu?.close();
  });

  it('says who evaluates what', ({ skip }) => {
    if (!available) skip();
    expect(mixed).toMatchObject({ backend: 'webgpu', cpuFirst: CPU_FIRST });
    expect(mixed.description).toMatch(
      /^WebGPU on .*; the first 4,096 designs of a sweep on the CPU, 1 thread \(f64\)$/,
    );
  });

  it.for(['ordinals', 'samples'] as const)('keeps of %s what WebGPU alone does', async (kind, { skip }) => {
    if (!available) skip();
    const source = kind === 'samples' ? ({ kind, seed: 7 } as const) : ({ kind } as const);
    expect(await mixed.sweep({ ...request, source })).toEqual(await webgpu.sweep({ ...request, source }));
  });

  it('hands over where it said, not when the kernels are there', async ({ skip }) => {
    if (!available) skip();
    const ends: bigint[] = [];
    await mixed.sweep(request, { onChunk: ({ evaluated }) => void ends.push(evaluated) });
    expect(ends).toContain(CPU_FIRST);
    expect(ends.at(-1)).toBe(request.count);
  });

  it.for([1000n, CPU_FIRST, CPU_FIRST + 1n])('comes to the same after an end at %s designs or later', async (end, {
    skip,
  }) => {
    if (!available) skip();
    const whole = await mixed.sweep(request);
    const ended = new AbortController();
    const onChunk = ({ evaluated }: SweepPart): void => {
      if (evaluated >= end) ended.abort();
    };
    const part = await mixed.sweep(request, { signal: ended.signal, onChunk });
    expect(part.evaluated >= end && part.evaluated < request.count).toBe(true);
    expect(await mixed.sweep(request, {}, part)).toEqual(whole);
  });

  it('leaves a sweep that is no longer than that to the CPU', async ({ skip }) => {
    if (!available) skip();
    const cpu = await createEvaluator(space, { backend: 'cpu', threads: 1 });
    const short = { ...request, count: CPU_FIRST };
    expect(await mixed.sweep(short)).toEqual(await cpu.sweep(short));
    await cpu.close();
  });
});
