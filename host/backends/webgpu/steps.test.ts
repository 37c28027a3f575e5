import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { isKnown, SystemReader, stgWorkload } from '../../../kernels/astra/design.js';
import { Pieces } from '../../../kernels/astra/graph/pieces.js';
import { StageGraphs } from '../../../kernels/astra/graph/stageGraph.js';
import { Nodes } from '../../../kernels/astra/schedule/nodes.js';
import { type PackedStep, packDurations, packStep } from '../../../kernels/astra/schedule/packedStep.js';
import { Execution } from '../../../kernels/astra/schedule/readyList.js';
import { RowTimes, shapeOf } from '../../../kernels/astra/schedule/rowTimes.js';
import { type StepTimes, stepTimesOf } from '../../../kernels/astra/schedule/stage.js';
import { readNetwork } from '../../../kernels/network/network.js';
import { createState } from '../../../kernels/state.js';
import { readGraph } from '../../../kernels/workload/graph.js';
import { compilePsa } from '../../../psa/compile.js';
import { loadPsa } from '../../../psa/load.js';
import { designOf } from '../../../psa/ordinals.js';
import { packageRoot } from '../../../psa/packageRoot.js';
import { durationsOf, randomTimes } from '../../../test/randomRowTimes.js';
import { randomShapes } from '../../../test/randomShapes.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { validateWorkloadsOnGpu } from '../../validate/workloads.js';
import { processDevice } from './session.js';
import type { TimedDesigns } from './stepBatches.js';
import { createStepRunner, type StepRunner } from './steps.js';

/** Shapes with what they run on, each once; and designs with their times, and what those are on the CPU. */
class Expected {
  readonly designs: TimedDesigns[] = [];
  readonly times: StepTimes[] = [];

  /** @param each the times of rows of one design after another */
  add(
    packed: PackedStep,
    execution: Execution,
    each: readonly (readonly Float64Array[])[],
    stagesAgree: boolean,
  ): void {
    const durationsNs = new Uint32Array(2 * packed.durations * each.length);
    each.forEach((durationNs, i) => {
      packDurations(packed, durationNs, durationsNs, 2 * packed.durations * i);
      this.times.push(stepTimesOf(execution.run(durationNs, { stagesAgree })));
    });
    this.designs.push({ packed, durationsNs });
  }
}

/** A shape ready to run on both sides. */
function prepared(shape: Parameters<typeof packStep>[0], pieces: Pieces, stagesAgree: boolean) {
  const graphs = new StageGraphs(pieces, (graph) => new Nodes(graph));
  return { packed: packStep(shape, pieces, graphs, stagesAgree), execution: new Execution(shape, pieces, graphs) };
}

/** Random designs of a space, by shapes. */
function spaceSteps(name: string, model: string, count: number): Expected {
  const space = compilePsa(loadPsa(name, { model, profile: 'astra-sim' }));
  const s = createState(space.workload, space.tiers, 0);
  const ordinals = fc.sample(fc.noBias(fc.bigInt({ min: 0n, max: space.count - 1n })), { numRuns: count, seed: 1 });
  const shapes = new Map<string, { readonly times: RowTimes; readonly each: Float64Array[][] }>();
  for (const ordinal of ordinals) {
    s.design = designOf(space, ordinal);
    readNetwork(s);
    readGraph(s);
    const workload = stgWorkload(s);
    if (!isKnown(s, workload) || workload.pp > workload.layers) continue;
    const times = new RowTimes(workload);
    if (times.read(new SystemReader().read(s)) !== undefined) continue;
    const key = JSON.stringify([shapeOf(workload), times.stagesAgree]);
    const known = shapes.get(key) ?? { times, each: [] };
    shapes.set(key, known);
    known.each.push(times.durationNs);
  }
  const expected = new Expected();
  for (const { times, each } of shapes.values()) {
    const { packed, execution } = prepared(shapeOf(times.workload), times.pieces, times.stagesAgree);
    expected.add(packed, execution, each, times.stagesAgree);
  }
  return expected;
}

const shapes = randomShapes({
  layers: fc.integer({ min: 1, max: 60 }),
  stages: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8 })),
  microBatches: fc.constant(1),
});

describe.skipIf(!(await webgpuAvailable()))('steps in WGSL are, to the nanosecond, those of the CPU', () => {
  let made: StepRunner | undefined;
  const runner = async () => {
    made ??= await createStepRunner(await processDevice());
    return made;
  };
  afterAll(() => made?.destroy());

  test('with random times, which often end together', async () => {
    const expected = new Expected();
    const agree = fc.boolean();
    const each = fc.array(randomTimes, { minLength: 1, maxLength: 12 });
    for (const [shape, stagesAgree, ofRows] of fc.sample(fc.tuple(shapes, agree, each), { numRuns: 25, seed: 1 })) {
      const pieces = new Pieces(shape.flags);
      const { packed, execution } = prepared(shape, pieces, stagesAgree);
      const durations = ofRows.map((times) => durationsOf(pieces, shape.stages, { ...times, agree: stagesAgree }));
      expected.add(packed, execution, durations, stagesAgree);
    }
    const times = await (await runner()).run(expected.designs);
    const told = times.filter((of) => of !== undefined);
    expect(told).toEqual(expected.times.filter((_, i) => times[i] !== undefined));
    // Where both of two events of one time began at one time, too, the CPU has to run the step.
    expect(told.length).toBeGreaterThan(0.95 * times.length);
  });

  test.each([
    ['cosmic-full', 'gpt3-175b'],
    ['cosmic-full', 'vit-large'],
    ['cosmic-network', 'gpt3-13b'],
  ])('of random designs of %s for %s', async (name, model) => {
    const expected = spaceSteps(name, model, 700);
    expect(expected.times.length).toBeGreaterThan(500);
    expect(await (await runner()).run(expected.designs)).toEqual(expected.times);
  });

  test('of runs of the program', async () => {
    const results = await validateWorkloadsOnGpu(join(packageRoot, 'test/data/astra-sim/workloads.json'));
    expect(results).toMatchObject({
      cases: 92,
      exact: 91,
      backend: expect.stringMatching(/: \d+ steps, others on the CPU/),
    });
  });
});
