import { describe, expect, test } from 'vitest';
import { parseLimit } from '../../../kernels/objective/limits.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../../../kernels/outputs.js';
import { DERIVED_ROWS } from '../../../kernels/quantities/catalogue.js';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { FACTS, OPEN_FACTS } from '../../../test/facts.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import { wholeSweep } from '../requests.js';
import { createWebgpuEvaluator } from './evaluator.js';

const DESIGNS = 4000;

describe.skipIf(!(await webgpuAvailable()))('derived outputs in WGSL', () => {
  test.each([
    ['facts that are known', FACTS, 'gpt3-13b'],
    ['facts that vary', OPEN_FACTS, 'gpt3-13b'],
  ] as const)('are those of f64: %s', async (_, set, model) => {
    const space = compilePsa(loadPsa('cosmic-workload', { model, set }));
    const cpu = createCpuEvaluator(space, 1);
    const gpu = await createWebgpuEvaluator(space);
    const batch = { kind: 'samples', seed: 1, start: 0n, count: DESIGNS } as const;
    const [expected, found] = [await cpu.evaluate(batch), await gpu.evaluate(batch)];
    const valued = new Set<string>();
    for (let i = 0; i < DESIGNS; i++) {
      if ((expected.status[i]! & ~(STATUS.MEMORY | STATUS.PRICE)) !== 0) continue;
      for (const { name } of DERIVED_ROWS) {
        const place = i * OUTPUT_COUNT + OUTPUT[name];
        const [a, b] = [expected.outputs[place]!, found.outputs[place]!];
        expect(Math.abs(a - b), `${name} of design ${i}: ${a} and ${b}`).toBeLessThanOrEqual(1e-5 * a);
        if (a > 0) valued.add(name);
      }
    }
    expect(valued.size).toBe(DERIVED_ROWS.length);
    await gpu.close();
  });

  test.each([
    ['days^2*energy', ['goodput >= 0.5']],
    ['dollarsPerMTokens*memory', ['days <= 2000', 'power <= 5000']],
    // Without limits a sweep goes without the times of infeasible designs.
    ['dollars*energy', []],
  ] as const)('find the same best in a sweep: %s', async (objective, limits) => {
    const set = [...FACTS, 'reliability.npuMtbfHours=1000,80000', 'power.npuIdleW=50,300'];
    const space = compilePsa(loadPsa('cosmic-workload', { set }));
    const request = { ...wholeSweep(space, [parseObjective(objective)]), limits: limits.map(parseLimit) };
    const gpu = await createWebgpuEvaluator(space);
    const [expected, found] = [await createCpuEvaluator(space, 1).sweep(request), await gpu.sweep(request)];
    await gpu.close();
    expect(expected.feasible).toBeGreaterThan(0n);
    expect(found.feasible).toBe(expected.feasible);
    const [a, b] = [expected.top[0]!.objectives[0]!, found.top[0]!.objectives[0]!];
    expect(Math.abs(a / b - 1)).toBeLessThan(1e-5);
  });
});
