import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEvaluator } from '../host/backends/createEvaluator.js';
import { designEvaluator } from '../host/designs/designs.js';
import { traceOf } from '../host/export/trace.js';
import { validateCollectives } from '../host/validate/collectives.js';
import { validateWorkloads } from '../host/validate/workloads.js';
import { explain as explainAstra } from '../kernels/astra/explain.js';
import { explain } from '../kernels/explain.js';
import { OUTPUT, reasonsOf, STATUS } from '../kernels/outputs.js';
import { compilePsa } from '../psa/compile.js';
import { compileDesign, loadDefault } from '../psa/defaults.js';
import { loadPsa } from '../psa/load.js';
import { packageRoot } from '../psa/packageRoot.js';

const data = (name: string) => join(packageRoot, 'test/data/astra-sim', name);

describe('runs of the real program', () => {
  const collectives = validateCollectives(data('collectives.json'));
  const workloads = validateWorkloads(data('workloads.json'));

  test('collectives: exact to the nanosecond, within 2 % with double binary trees', () => {
    expect(collectives.cases).toBe(364);
    const withTrees = collectives.groups.filter(({ group }) => group.includes('doubleBinaryTree'));
    const without = collectives.groups.filter((group) => !withTrees.includes(group));
    expect(without.filter(({ cases, exact }) => exact < cases)).toEqual([]);
    expect(withTrees.length).toBeGreaterThan(5);
    for (const { maxRelError } of withTrees) expect(maxRelError).toBeLessThan(0.02);
  });

  test('steps: within 1 % without pipelines and most exact, 5 % and 1 % on average with them', () => {
    const [pipelined, plain] = workloads.groups;
    expect([pipelined!.group, plain!.group]).toEqual(['with pipeline parallelism', 'without pipeline parallelism']);
    expect(plain!.maxRelError).toBeLessThan(0.01);
    expect(plain!.exact / plain!.cases).toBeGreaterThan(0.9);
    expect(pipelined!.maxRelError).toBeLessThan(0.05);
    expect(pipelined!.meanAbsRelError).toBeLessThan(0.01);
  });

  test('the compute time of every NPU and the memory of every stage are what was printed', () => {
    expect(workloads.compute.cases).toBe(134);
    expect(workloads.compute.failures).toEqual([]);
    expect(workloads.memory.cases).toBe(715);
    expect(workloads.memory.failures).toEqual([]);
  });
});

describe('corners of the real program', () => {
  const collectives = validateCollectives(data('collectives-edge.json'));
  const steps = validateWorkloads(data('steps-edge.json'));
  const failed = (beginning: RegExp) =>
    [...collectives.failures, ...steps.failures].filter(({ id }) => beginning.test(id));

  test.each([
    ['the head is on the stage to which the last layer falls: sends go there and back', /^(min-head|head-2dL6)/],
    ['without tpsp the gradient that leaves the head is not whole', /^tpsp0/],
    ['halving-doubling halves without remainder and doubles back from less', /^dpall-hd/],
    ['halving-doubling where NPUs have no partner ends for some all-gathers alone', /^(hdnp2|hd-a2a)/],
    ['double binary trees need a power of two, and do an all-to-all as they do all', /^(dbtnp2|dbt-a2a)/],
    ['double binary trees abort in a group of a single dimension, in steps too', /^(grp-dbt$|dbt1d)/],
    ['a group runs the only algorithm of a list', /^grp1entry/],
    ['groups of irregular members', /^(grpirr|grp-all-shuffled|grp-partial)/],
    ['an endpoint delay is whole, and without one nothing begins at time 0', /^(epfrac|odd-)/],
    ['a window of no messages never begins', /^w-direct0/],
    ['huge sizes, few algorithms, windows, memories of any bandwidth', /^(huge|few|mem|directk|w-direct1)/],
  ])('%s', (_, beginning) => {
    expect(failed(beginning)).toEqual([]);
  });

  test('are all exact, and each that does not finish has a reason', () => {
    expect([collectives.cases, collectives.exact]).toEqual([121, 121]);
    expect([steps.cases, steps.exact]).toEqual([5, 5]);
    expect(steps.compute.failures).toEqual([]);
    expect(collectives.stops.reduce((sum, { cases }) => sum + cases, 0)).toBe(57);
    expect(steps.stops).toEqual([{ reason: 'no double binary tree in a group of some NPUs', cases: 1 }]);
  });
});

describe('--profile astra-sim', () => {
  const set = ['model.layers=4', 'model.vocab=51200'];

  /** The run y01-0 of workloads.json: COSMIC's 512 NPUs with its own default parallelisation, four layers. */
  function published() {
    const space = compileDesign(loadDefault('cosmic-512', 'gpt3-175b', set, 'astra-sim'));
    return { space, ...designEvaluator(space)(space.fixed) };
  }

  test('a design of a preset takes as long as the program says', () => {
    const { status, outputs } = published();
    expect(reasonsOf(status)).toEqual([]);
    expect(Math.round(outputs[OUTPUT.timeUs]! * 1e3)).toBe(2_480_724_600);
    expect(Math.round((outputs[OUTPUT.computeUs]! + outputs[OUTPUT.optimizerUs]!) * 1e3)).toBe(527_089_278);
    expect(outputs[OUTPUT.memoryMB]! / 1.073741824e3).toBeCloseTo(33.693, 3);
  });

  test('its time is the sum of its parts', () => {
    const { outputs } = published();
    const parts = outputs.slice(OUTPUT.computeUs, OUTPUT.optimizerUs + 1);
    expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(outputs[OUTPUT.timeUs]!, 3);
  });

  test('differs from the default profile', () => {
    const space = compileDesign(loadDefault('cosmic-512', 'gpt3-175b', set));
    const { outputs } = designEvaluator(space)(space.fixed);
    expect(outputs[OUTPUT.timeUs]).not.toBeCloseTo(2_480_724.6, 0);
  });

  test('its timeline ends with the step', () => {
    const { space, design, outputs } = published();
    const { traceEvents } = JSON.parse(traceOf(space, design)) as { traceEvents: { ts?: number; dur?: number }[] };
    const ends = traceEvents.map(({ ts = 0, dur = 0 }) => ts + dur);
    expect(Math.max(...ends)).toBeCloseTo(outputs[OUTPUT.timeUs]!, 3);
  });

  test('its operations add up to the compute time, and to the collectives that STG wrote', () => {
    const { space, design } = published();
    const [graph] = explainAstra(space.workload, space.tiers, design);
    const compute = graph!.operations.filter(({ collective }) => collective === undefined);
    expect(graph!.computeNs).toBe(527_089_278);
    expect(compute.reduce((sum, { stepNs }) => sum + stepNs, 0)).toBe(graph!.computeNs);
    // One layer a stage: six gathers and four scatters over tp; keys and values over cp.
    const runs = (kind: string, over: string) =>
      graph!.operations
        .filter(({ collective, group }) => collective === kind && group === over)
        .reduce((sum, operation) => sum + operation.runs, 0);
    expect(runs('allGather', 'tp')).toBe(6);
    expect(runs('reduceScatter', 'tp')).toBe(4);
    expect([runs('allGather', 'cp'), runs('reduceScatter', 'cp')]).toEqual([2, 2]);
    expect([runs('allGather', 'dp'), runs('reduceScatter', 'dp')]).toEqual([2, 1]);
    expect(runs('send', 'pp')).toBe(1);
  });

  test('what the program lacks is a status, and no NaN', () => {
    const lacking = [
      ['workload.weightSharding=zero1'],
      ['workload.weightSharding=zero2'],
      ['workload.pipelineSchedule=interleaved', 'workload.virtualStages=2'],
    ];
    for (const assignments of lacking) {
      const space = compileDesign(loadDefault('cosmic-512', 'gpt3-175b', assignments, 'astra-sim'));
      const { status, outputs } = designEvaluator(space)(space.fixed);
      expect(status & STATUS.ASTRASIM).not.toBe(0);
      expect([...outputs].every(Number.isFinite)).toBe(true);
    }
  });

  test('auto takes the CPU; gpu.js says that it cannot', async () => {
    const psa = loadPsa('cosmic-workload', { profile: 'astra-sim', set: ['model.layers=4'] });
    const space = compilePsa(psa);
    const attempt = createEvaluator(space, { backend: 'gpujs' });
    await expect(attempt).rejects.toMatchObject({ code: 'BACKEND_LIMIT', remedy: 'use --backend cpu or webgpu' });
    const evaluator = await createEvaluator(space, { backend: 'auto', threads: 1 });
    const { outputs } = await evaluator.evaluate({ kind: 'ordinals', start: 0n, count: 4 });
    await evaluator.close();
    expect(evaluator.backend).toBe('cpu');
    expect([...outputs].every(Number.isFinite)).toBe(true);
  });

  test('models that it does not cover, and explanations, are refused with a remedy', () => {
    const refused = expect.objectContaining({ code: 'ARGUMENT' });
    for (const model of ['mixtral-8x7b', 'gpt3-175b-chat']) {
      expect(() => loadPsa('cosmic-full', { model, profile: 'astra-sim' })).toThrow(refused);
    }
    const { space, design } = published();
    expect(() => explain(space.workload, space.tiers, design)).toThrow(refused);
  });
});
