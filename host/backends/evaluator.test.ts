import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT, OUTPUT_COUNT, OUTPUTS, STATUSES } from '../../kernels/outputs.js';
import { keptTop, mergeParts, type SweepPart } from '../../kernels/reduce/reduce.js';
import { ordinalToDigits } from '../../psa/ordinals.js';
import { smallSpace } from '../../test/smallSpace.js';
import { webgpuAvailable } from '../../test/webgpu.js';
import { refine } from '../optimum/refine.js';
import { createEvaluator } from './createEvaluator.js';
import type { Batch, Evaluator, Results, SweepRequest } from './evaluator.js';

const space = smallSpace();

/** The f64 twins on one thread: what every backend is held against. */
const reference = await createEvaluator(space, { backend: 'cpu', threads: 1 });

const backends = [
  { name: 'webgpu', options: { backend: 'webgpu' }, objectives: ['time', 'cost'] },
  { name: 'cpu, 2 threads', options: { backend: 'cpu', threads: 2 }, objectives: ['time', 'cost'] },
  { name: 'gpujs', options: { backend: 'gpujs' }, objectives: ['cost', 'bandwidth^-1'] },
] as const;

/** Outputs agree to f32, relative to the whole that they are a part of. */
function expectClose(tested: Results, expected: Results, { covers }: Evaluator): void {
  expect(tested.count).toBe(expected.count);
  for (let row = 0; row < expected.outputs.length; row += OUTPUT_COUNT) {
    for (const { name, partOf } of OUTPUTS) {
      const [a, b] = [tested.outputs[row + OUTPUT[name]]!, expected.outputs[row + OUTPUT[name]]!];
      const tolerance = covers.includes(name) ? 1e-5 * Math.abs(expected.outputs[row + OUTPUT[partOf ?? name]]!) : 0;
      const right = covers.includes(name) ? b : 0;
      if (!(Math.abs(a - right) <= tolerance))
        expect.fail(`${name} of row ${row / OUTPUT_COUNT} is ${a}, not ${right}`);
    }
  }
}

describe.each(backends)('the $name evaluator', ({ options, objectives }) => {
  const available = options.backend === 'webgpu' ? webgpuAvailable() : Promise.resolve(true);
  let evaluator: Evaluator;

  const request: SweepRequest = {
    source: { kind: 'ordinals' },
    start: 0n,
    count: space.count,
    objectives: objectives.map((text) => parseObjective(text)),
    top: 7,
    pareto: true,
  };

  beforeAll(async () => {
    if (await available) evaluator = await createEvaluator(space, options);
  });
  afterAll(async () => {
    await evaluator?.close();
  });

  /** A test that needs the backend. */
  function test(name: string, body: () => Promise<void>): void {
    it(name, async ({ skip }) => {
      if (!(await available)) skip();
      await body();
    });
  }

  const digits = Uint32Array.from([5n, 999n, 54431n].flatMap((ordinal) => [...ordinalToDigits(space, ordinal)]));
  const batches: [string, Batch][] = [
    // Behind a small batch a large one: buffers grow.
    ['an ordinal', { kind: 'ordinals', start: 12344n, count: 1 }],
    ['ordinals', { kind: 'ordinals', start: 12345n, count: 3000 }],
    ['the last ordinals', { kind: 'ordinals', start: space.count - 10n, count: 10 }],
    ['samples', { kind: 'samples', seed: 7, start: 2n ** 32n - 1000n, count: 3000 }],
    ['digits', { kind: 'digits', digits, count: 3 }],
    ['nothing', { kind: 'ordinals', start: space.count, count: 0 }],
  ];
  for (const [name, batch] of batches) {
    test(`evaluates ${name} as the f64 twins do`, async () => {
      const [results, expected] = [await evaluator.evaluate(batch), await reference.evaluate(batch)];
      expectClose(results, expected, evaluator);
      if (evaluator.backend !== 'gpujs') expect(results.status).toEqual(expected.status);
    });
  }

  test('answers batches that were asked for at once', async () => {
    const asked = [0n, 100n, 200n].map((start): Batch => ({ kind: 'ordinals', start, count: 600 }));
    const answers = await Promise.all(asked.map((batch) => evaluator.evaluate(batch)));
    for (const [i, batch] of asked.entries()) expectClose(answers[i]!, await reference.evaluate(batch), evaluator);
  });

  test('sweeps the whole space to the same best designs, front and counters', async () => {
    const part = await evaluator.sweep(request);
    const expected = await reference.sweep(request);
    expect(part.evaluated).toBe(space.count);
    expect(part.top.length).toBe(keptTop(request.top));
    if (evaluator.backend === 'gpujs') return;
    expect(part.feasible).toBe(expected.feasible);
    expect(part.byReason).toEqual(expected.byReason);
    expect(refine(space, request, part).top).toEqual(expected.top.slice(0, request.top));
    const values = (swept: SweepPart) => refine(space, request, swept).pareto.map((member) => member.objectives);
    expect(values(part)).toEqual(values(expected));
  });

  test('keeps limits in a sweep as the f64 twins do', async () => {
    const limits = [parseLimit('bandwidth <= 275')];
    const [part, expected] = [
      await evaluator.sweep({ ...request, limits }),
      await reference.sweep({ ...request, limits }),
    ];
    expect(part.byLimit).toEqual(expected.byLimit);
    expect(part.byLimit[0]).toBeGreaterThan(0n);
    const kept = await evaluator.evaluate({ kind: 'ordinals', start: part.top[0]!.ordinal, count: 1 });
    expect(kept.outputs[OUTPUT.bandwidthGBps]).toBeLessThanOrEqual(275);
    if (evaluator.backend !== 'gpujs') expect(part.feasible).toBe(expected.feasible);
  });

  test('sweeps samples, whose ordinals lead back to their designs', async () => {
    const sampled: SweepRequest = { ...request, source: { kind: 'samples', seed: 3 }, start: 10n ** 12n, count: 5000n };
    const part = await evaluator.sweep(sampled);
    for (const { position, ordinal } of part.top) {
      const sample = await evaluator.evaluate({ kind: 'samples', seed: 3, start: position, count: 1 });
      const design = await evaluator.evaluate({ kind: 'ordinals', start: ordinal, count: 1 });
      expect(sample).toEqual(design);
    }
  });

  test('gives the same whole with every output computed', async () => {
    const sampled: SweepRequest = { ...request, source: { kind: 'samples', seed: 3 }, count: 5000n };
    expect(await evaluator.sweep({ ...sampled, everyOutput: true })).toEqual(await evaluator.sweep(sampled));
  });

  test('gives the same whole in one go, in merged shards, and resumed', async () => {
    const whole = await evaluator.sweep(request);
    const cut = 20001n;
    const first = await evaluator.sweep({ ...request, count: cut });
    const second = await evaluator.sweep({ ...request, start: cut, count: space.count - cut });
    expect(mergeParts(second, first, request.top)).toEqual(whole);
    expect(await evaluator.sweep(request, {}, first)).toEqual(whole);
  });

  test('ends a sweep at an abort with a prefix that can be resumed', async () => {
    const control = new AbortController();
    const prefix = await evaluator.sweep(request, { signal: control.signal, onChunk: () => control.abort() });
    expect(prefix.evaluated).toBeLessThan(space.count);
    expect(await evaluator.sweep(request, {}, prefix)).toEqual(await evaluator.sweep(request));
  });

  test('refuses what leaves the space', async () => {
    const bad: Batch[] = [
      { kind: 'ordinals', start: space.count - 1n, count: 2 },
      { kind: 'samples', seed: 1.5, start: 0n, count: 1 },
      { kind: 'digits', digits: new Uint32Array(space.genes.length).fill(99), count: 1 },
      { kind: 'digits', digits: new Uint32Array(3), count: 1 },
    ];
    for (const batch of bad) {
      await expect(evaluator.evaluate(batch)).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    }
    await expect(evaluator.sweep({ ...request, start: -1n })).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    await expect(evaluator.sweep({ ...request, objectives: [] })).rejects.toMatchObject({ code: 'BACKEND_LIMIT' });
  });
});

it.each(['cpu', 'webgpu'] as const)('on %s a missing price counts where a limit names the cost', async (backend) => {
  if (backend === 'webgpu' && !(await webgpuAvailable())) return;
  // Switches have no price in the first tier.
  const evaluator = await createEvaluator({ ...space, tiers: [0, 3] }, { backend });
  const request = { source: { kind: 'ordinals' }, start: 0n, count: 5000n, top: 1, pareto: false } as const;
  const objectives = [parseObjective('bandwidth')];
  const price = STATUSES.findIndex(({ name }) => name === 'PRICE');
  const limits = [parseLimit('cost <= 1e15')];
  const limited = await evaluator.sweep({ ...request, objectives, limits });
  const free = await evaluator.sweep({ ...request, objectives });
  // The reason is counted either way; it counts against a design where the price is asked for.
  expect(limited.byReason[price]).toBeGreaterThan(0n);
  expect(free.byReason[price]).toBe(limited.byReason[price]);
  expect(limited.feasible).toBeLessThan(free.feasible);
  await evaluator.close();
});

describe('the gpujs evaluator', () => {
  it('refuses objectives that it cannot compute', async () => {
    const evaluator = await createEvaluator(space, { backend: 'gpujs' });
    const objectives = [parseObjective('time')];
    const request = { source: { kind: 'ordinals' }, start: 0n, count: 10n, objectives, top: 1, pareto: false } as const;
    await expect(evaluator.sweep(request)).rejects.toMatchObject({ code: 'BACKEND_LIMIT' });
    await evaluator.close();
  });
});
