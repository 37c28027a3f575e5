import { beforeAll, describe, expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { compilePsa } from '../../psa/compile.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { loadPsa } from '../../psa/load.js';
import { designOf } from '../../psa/ordinals.js';
import { SLOT, slotOf } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { baselineOf } from '../designs/baseline.js';
import { designEvaluator } from '../designs/designs.js';
import { operationTables } from '../profiles/profiles.js';
import { bottlenecks, relieve, takeBack } from './ablation.js';
import { explainDesign } from './explanation.js';

const objective = parseObjective('time');
const psa = loadPsa('cosmic-full');
let space: CompiledSpace;
let design: Float64Array;

beforeAll(() => {
  space = compilePsa(psa);
  // All data parallel, on a slower network, with memory enough.
  design = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b')).fixed.slice();
  design[SLOT.compute.memoryCapacityGB] = 80;
  for (const axis of ['tp', 'sp', 'pp']) design[slotOf(`workload.${axis}`)] = 1;
  design[SLOT.workload.dp] = 1024;
  design[SLOT.network.bandwidthGBps] = 50;
});

describe('takeBack', () => {
  it('evaluates the design with one change undone, whatever the space contains', () => {
    const reference = baselineOf(psa, [objective])!.design;
    const back = takeBack(space, design, reference, objective);
    const bandwidth = back.find(({ what }) => what === 'network.bandwidthGBps[0]')!;
    const undone = design.slice();
    undone[SLOT.network.bandwidthGBps] = reference[SLOT.network.bandwidthGBps]!;
    const evaluate = designEvaluator(space);
    const timeUs = (of: Float64Array) => evaluate(of).outputs[OUTPUT.timeUs]!;
    expect(bandwidth).toMatchObject({ from: '50', to: '375' });
    expect(bandwidth.ratio).toBeCloseTo(timeUs(undone) / timeUs(design), 12);
    expect(back.map(({ what }) => what)).not.toContain('workload.dp');
    // tp alone goes back from 1 to 4, and the replicas from 1,024 to 256.
    expect(back.find(({ what }) => what === 'workload.tp × workload.dp')).toMatchObject({
      from: '1 × 1024',
      to: '4 × 256',
    });
    expect(takeBack(space, reference, reference, objective)).toEqual([]);
  });
});

describe('relieve and bottlenecks', () => {
  it('never make a step slower by more of a resource', () => {
    const timeUs = designEvaluator(space)(design).outputs[OUTPUT.timeUs]!;
    for (const { doubledUs, unlimitedUs } of relieve(space, design)) {
      expect(doubledUs).toBeLessThanOrEqual(timeUs * (1 + 1e-12));
      expect(unlimitedUs).toBeLessThanOrEqual(doubledUs * (1 + 1e-12));
    }
  });

  it('name no resource of which more would keep an ASTRA-sim step from ending', () => {
    const options = { system: 'cosmic-512', model: 'vit-large', profile: 'astra-sim' } as const;
    const astra = compilePsa(loadPsa('cosmic-full', options));
    // With a thousandth of the last dimension's latency it deadlocks.
    const ending = designOf(astra, 5_828_777_870_000n);
    expect(relieve(astra, ending).map(({ unlimitedUs }) => unlimitedUs)).toContain(Number.POSITIVE_INFINITY);
    for (const { speedup } of bottlenecks(astra, ending, 20)) expect(speedup).toBeLessThan(2);
    const endless = designOf(astra, 0n);
    expect(designEvaluator(astra)(endless).outputs[OUTPUT.timeUs]).toBe(0);
    expect(bottlenecks(astra, endless, 3)).toEqual([]);
  });

  it('name arithmetic first where 10 TFLOP/s train 175 billion parameters', () => {
    const [first] = bottlenecks(space, design, 2);
    expect(first!.resource).toBe('peak arithmetic rate');
    expect(first!.speedup).toBeGreaterThan(1.5);
    expect(first!.speedup).toBeLessThanOrEqual(2);
  });
});

describe('operationTables', () => {
  it.each([
    'gpt3-175b',
    'mixtral-8x7b',
    'vit-base',
    'gpt3-175b-qa',
  ])('adds the compute of %s up to what the simulator says', (model) => {
    const one = compileDesign(
      loadDefault('cosmic-1024', model, ['workload.dp=256', 'workload.tp=4', 'workload.sp=1', 'workload.pp=1']),
    );
    for (const table of operationTables(one, one.fixed)) {
      const sum = table.operations
        .filter(({ collective }) => collective === undefined)
        .reduce((total, { stepUs }) => total + stepUs, 0);
      expect(sum / table.computeUs).toBeCloseTo(1, 6);
    }
  });

  it.each([
    ['sharded', 4],
    ['none', 1],
  ])('tells in the astra-sim profile (%s) what a stage computes, in a step and in a layer', (sharding, tp) => {
    const degrees = ['dp=4', `tp=${tp}`, 'sp=1', `pp=${256 / tp}`, 'microBatch=64', 'batch=1024'];
    const set = [...degrees, `weightSharding=${sharding === 'none' ? 'none' : 'zero3'}`].map(
      (text) => `workload.${text}`,
    );
    const model = ['model.layers=256', 'model.hidden=2048', 'model.ffn=8192'];
    const one = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b', [...set, ...model], 'astra-sim'));
    const [table] = operationTables(one, one.fixed);
    const sum = table!.operations
      .filter(({ collective }) => collective === undefined)
      .reduce((total, { stepUs }) => total + stepUs, 0);
    expect(sum / table!.computeUs).toBeCloseTo(1, 9);
    for (const pass of ['forward', 'backward'] as const) {
      const runs = table!.layer.filter((run) => run.pass === pass);
      expect(Math.min(...runs.map(({ startUs }) => startUs))).toBe(0);
      const names = runs.map(({ name }) => name);
      expect(names).toContain(pass === 'forward' ? 'MLP up' : 'MLP up dX');
      expect(names.includes('loss')).toBe(false);
    }
  });

  it('lists the gathers and reductions of sharded weights', () => {
    const [table] = operationTables(space, design);
    const sharded = table!.collectives.map(({ collective, npus, runs }) => [collective, npus, runs]);
    expect(sharded).toEqual([
      ['allGather', 1024, 192],
      ['reduceScatter', 1024, 96],
    ]);
  });
});

describe('explainDesign', () => {
  it('says of a change that cannot be taken back alone that it is infeasible, and why', () => {
    const set = [
      'workload.batch=512',
      'workload.tp=4',
      'workload.sp=2',
      'workload.pp=8',
      'workload.recomputation=none',
    ];
    const own = compileDesign(loadDefault('examples/dgx-h100-64.yaml', 'llama3-70b', set));
    const open = [
      'workload.batch=512',
      'workload.tp=4,8',
      'workload.sp=1,2',
      'workload.pp=8',
      'workload.recomputation=all',
    ];
    const usual = loadDefault('examples/dgx-h100-64.yaml', 'llama3-70b', open);
    const choices = compilePsa(usual);
    const evaluated = designEvaluator(choices)(own.fixed);
    const { sentences } = explainDesign(choices, evaluated, objective, baselineOf(usual, [objective]));
    expect(sentences.join(' ')).toContain(
      'sp × dp from 2 × 1 to 1 × 2: infeasible (needs more memory than an NPU has)',
    );
  });

  it('says what is better, what bounds it, and how full the memory is', () => {
    const evaluated = designEvaluator(space)(design);
    const { sentences, time } = explainDesign(space, evaluated, objective, baselineOf(psa, [objective]));
    const text = sentences.join(' ');
    expect(text).toMatch(/pipeline bubble [\d,.]+ s → 0/);
    expect(text).toContain('What bounds it is the peak arithmetic rate');
    expect(text).toMatch(/Memory: 2\d\.\d+ of 80 GB/);
    expect(time[0]!.name).toBe('computeUs');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});
