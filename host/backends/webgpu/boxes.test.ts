/** Bounds of boxes in WGSL are those of the f64 twin, but for a margin that rounding never comes near; no member is beyond them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leastObjective } from '../../../kernels/bound/goalBound.js';
import { BOUND_DOUBTFUL, boundMargin } from '../../../kernels/bound/margin.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { parseLimit } from '../../../kernels/objective/limits.js';
import { parseObjective } from '../../../kernels/objective/objective.js';
import { OUTPUT, OUTPUT_COUNT } from '../../../kernels/outputs.js';
import { lower, rowsOf } from '../../../kernels/workload/lowering.js';
import { compilePsa, listPresets, loadPsa } from '../../../psa/index.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { drawBox } from '../../../test/randomBoxes.js';
import { randomNumbers, randomSpace } from '../../../test/randomSpaces.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createEngine } from '../cpu/engine.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import type { BoxesRequest } from '../evaluator.js';
import { createWebgpuEvaluator } from './evaluator.js';
import { createPersistentResidence } from './persistent.js';

/** Boxes per space and goal, of each of which a member: COSMIC_FUZZ_BOXES=62500 for a million in all. */
const BOXES = Number(process.env.COSMIC_FUZZ_BOXES ?? 1500);

const GOALS = [
  ['time', []],
  ['time*cost', ['bandwidth <= 700', 'mfu >= 0.05']],
  ['time^2*memory', ['cost <= 4e6', 'tokensPerSecond >= 1e4', 'memory <= 60e9']],
  ['reward-bandwidth', ['time <= 100']],
] as const;

const goalOf = (space: CompiledSpace, [objective, limits]: (typeof GOALS)[number]): Goal =>
  new Goal(space, [parseObjective(objective)], limits.map(parseLimit));

interface Drawn {
  readonly request: BoxesRequest;
  /** A design of each box. */
  readonly members: Uint32Array;
}

function draw(space: CompiledSpace, { objectives, limits }: Goal, seed: number): Drawn {
  const random = randomNumbers(seed);
  const width = space.genes.length;
  const [first, last, members] = [0, 1, 2].map(() => new Uint32Array(BOXES * width)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let i = 0; i < BOXES; i++) {
    const { member, box } = drawBox(space, random);
    first.set(box.first, i * width);
    last.set(box.last, i * width);
    members.set(member, i * width);
  }
  const request = { objectives, limits, count: BOXES, first, last, both: false, threshold: Number.POSITIVE_INFINITY };
  return { request, members };
}

const PAIRS = [
  ['cosmic-extended', 'cosmic-1024', 'gpt3-175b'],
  ['cosmic-extended', 'cosmic-512', 'mixtral-8x7b'],
  ['cosmic-extended', 'dgx-a100', 'gpt3-175b-qa'],
  ['cosmic-full', 'cosmic-2048', 'vit-large'],
] as const;

describe.skipIf(!(await webgpuAvailable()))('bounds of boxes on WebGPU', { timeout: 180_000 + 400 * BOXES }, () => {
  describe.each(PAIRS)('in %s on %s, %s', (preset, system, model) => {
    const space = compilePsa(loadPsa(preset, { system, model }));
    const engine = createEngine(space);
    const margin = boundMargin(space.workload);
    let evaluator: Awaited<ReturnType<typeof createWebgpuEvaluator>>;
    beforeAll(async () => {
      evaluator = await createWebgpuEvaluator(space);
    });
    afterAll(() => evaluator.close());

    test('are those in f64: statuses, limits, and products within the margin', async () => {
      const residence = await createPersistentResidence(space);
      const faults: string[] = [];
      let compared = 0;
      for (const [seed, goal] of GOALS.map((given) => goalOf(space, given)).entries()) {
        const { request } = draw(space, goal, seed);
        const { products, status, broken } = await residence.use(async ({ boxes }) => (await boxes()).run(request));
        const exact = engine.bound(request);
        for (let i = 0; i < BOXES; i++) {
          if ((status[i]! & BOUND_DOUBTFUL) !== 0) continue;
          if (status[i] !== exact.status[i]) faults.push(`box ${i}: status ${status[i]}, not ${exact.status[i]}`);
          if (status[i] !== 0) continue;
          if (broken[i] !== exact.broken[i]) faults.push(`box ${i}: limits ${broken[i]}, not ${exact.broken[i]}`);
          if (broken[i] !== 0) continue;
          compared++;
          // What is counted for the worst case is far from what happens.
          const off = Math.abs(leastObjective(goal.first, products[i]!) / exact.best[i]! - 1);
          if (!(off < margin / 20)) faults.push(`box ${i}: ${goal.first.label} is off by ${off}`);
        }
      }
      await residence.close();
      expect(faults).toEqual([]);
      expect(compared).toBeGreaterThan(BOXES / 20);
    });

    test('are beaten by no member, neither in f64 nor in f32', async () => {
      const faults: string[] = [];
      const cpu = createCpuEvaluator(space, 1);
      let compared = 0;
      for (const [seed, goal] of GOALS.map((given) => goalOf(space, given)).entries()) {
        const { request, members } = draw(space, goal, 100 + seed);
        const { best } = await evaluator.bound!(request);
        const batch = { kind: 'digits', digits: members, count: BOXES } as const;
        const { outputs, status } = await cpu.evaluate(batch);
        const rounded = await evaluator.evaluate(batch);
        // A design is a box of its own: in f64 each output may be as much larger as a bound in f64 than in f32.
        const most = rounded.outputs.map((value) => value / (1 - margin));
        for (let i = 0; i < BOXES; i++) {
          const row = i * OUTPUT_COUNT;
          if (!goal.isFeasible(status[i]!, outputs, row)) continue;
          compared++;
          const value = goal.valueOf(outputs, row);
          if (!(best[i]! <= value)) faults.push(`box ${i}: ${goal.first.label} ${best[i]}, its design ${value}`);
          const mostValue = goal.valueOf(most, row);
          if (!(best[i]! <= mostValue))
            faults.push(`box ${i}: ${goal.first.label} ${best[i]}, in f32 up to ${mostValue}`);
          const off = Math.abs(rounded.outputs[row + OUTPUT.timeUs]! / outputs[row + OUTPUT.timeUs]! - 1);
          if (!(off < margin / 20)) faults.push(`design ${i}: its time is off by ${off}`);
        }
      }
      await cpu.close();
      expect(faults).toEqual([]);
      expect(compared).toBeGreaterThan(BOXES / 20);
    });

    test('are on the side of a threshold on which they are in f64', async () => {
      const { request } = draw(space, goalOf(space, GOALS[0]), 200);
      const exact = engine.bound(request).best;
      const wrong: number[] = [];
      for (const threshold of exact.filter((value) => value < Number.POSITIVE_INFINITY).slice(0, 10)) {
        const { best } = await evaluator.bound!({ ...request, threshold });
        best.forEach((value, i) => {
          if (value >= threshold !== exact[i]! >= threshold) wrong.push(value);
        });
      }
      expect(wrong).toEqual([]);
    });
  });

  test.each([1, 2, 3])('are those in f64 in a random space: %i', async (seed) => {
    const space = randomSpace(seed, 1e6);
    const goal = goalOf(space, GOALS[1]);
    const evaluator = await createWebgpuEvaluator(space);
    const { request } = draw(space, goal, seed);
    const values = await evaluator.bound!(request).finally(() => evaluator.close());
    const exact = createEngine(space).bound(request);
    expect(values.status).toEqual(exact.status);
    exact.best.forEach((best, i) => {
      if (best === Number.POSITIVE_INFINITY) expect(values.best[i]).toBe(best);
      else expect(values.best[i]! / best / (1 - boundMargin(space.workload)) ** 2).toBeCloseTo(1, 5);
    });
  });
});

test('the margin of a space counts the rows of its longest section, and its graphs', () => {
  const models = listPresets('models');
  expect(models.length).toBeGreaterThan(10);
  for (const model of models) {
    const { workload } = compilePsa(loadPsa('cosmic-full', { system: 'cosmic-1024', model }));
    const rows = workload.phases.flatMap((phase) =>
      Object.values(lower(phase).steps).map((steps) => steps.flatMap(rowsOf).length),
    );
    const counted = boundMargin(workload) / (36 * 2 ** -24) - 128;
    expect(counted).toBeCloseTo(Math.max(...rows) + workload.phases.length, 6);
    // Under a thousandth bounds stay good enough to prove by.
    expect(boundMargin(workload)).toBeLessThan(1e-3);
  }
});
