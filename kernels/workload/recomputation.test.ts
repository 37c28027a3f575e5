import { describe, expect, test } from 'vitest';
import { designEvaluator } from '../../host/designs/designs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { applyOverrides } from '../../psa/overrides.js';
import { OUTPUT } from '../outputs.js';
import { RECOMPUTED_MODULES } from './recomputation.js';
import { opGraph } from './transformer.js';

const LAYOUT = [
  'system.npus=64',
  'workload.pp=1',
  'workload.sp=1',
  'workload.dp=8',
  'workload.tp=8',
  'workload.batch=64',
];

function outputsOf(
  model: string,
  ...set: string[]
): { outputs: Float64Array; phase: ReturnType<typeof compile>['phase'] } {
  const { space, phase } = compile(model, set);
  return { outputs: designEvaluator(space)(space.fixed).outputs, phase };
}

function compile(model: string, set: readonly string[]) {
  const all = [
    ...LAYOUT,
    'workload.microBatch=1',
    'workload.sequenceParallel=on',
    'workload.recomputation=none',
    ...set,
  ];
  const space = compileDesign(applyOverrides(loadDefault('dgx-h100', model), all));
  return { space, phase: space.workload.phases[0]! };
}

/** MB a layer that are no longer kept of a micro-batch. */
function droppedMB(model: string, ...set: string[]): number {
  const { outputs, phase } = outputsOf(model);
  return (outputs[OUTPUT.activationsMB]! - outputsOf(model, ...set).outputs[OUTPUT.activationsMB]!) / phase.layers;
}

describe('what a module drops of a layer, by hand', () => {
  test('a gated MLP: both of its branches and their product, each split by tp', () => {
    const { phase } = outputsOf('llama3-70b');
    const bytes = (3 * 2 * phase.seq * phase.ffn) / 8;
    expect(droppedMB('llama3-70b', 'workload.recomputeMlp=on') / (bytes * 1e-6)).toBeCloseTo(1, 9);
  });

  test('norms: the inputs of queries and of the MLP', () => {
    const { phase } = outputsOf('llama3-70b');
    const bytes = (2 * 2 * phase.seq * phase.hidden) / 8;
    expect(droppedMB('llama3-70b', 'workload.recomputeNorms=on') / (bytes * 1e-6)).toBeCloseTo(1, 9);
  });

  test('up-projections: queries, keys and values of all heads', () => {
    const { phase: m } = outputsOf('deepseek-v3');
    const bytes = (2 * m.seq * m.heads * (2 * m.headDim + m.valueDim)) / 8;
    // In the mean of the layers; one more attends that predicts a later token.
    const share = (m.layers + m.mtpLayers) / m.layers;
    const dropped = droppedMB('deepseek-v3', 'workload.recomputeUpProjections=on');
    expect(dropped / (share * bytes * 1e-6)).toBeCloseTo(1, 9);
  });

  test('experts by themselves: what their activation reads and writes, and no exchange runs again', () => {
    const set = ['workload.ep=8', 'workload.recomputeExpertProducts=on'];
    const { phase: m, outputs: kept } = outputsOf('mixtral-8x7b', set[0]!);
    const { outputs } = outputsOf('mixtral-8x7b', ...set);
    const bytes = (3 * 2 * m.seq * m.expertsPerToken * m.ffn) / 8;
    const dropped = (kept[OUTPUT.activationsMB]! - outputs[OUTPUT.activationsMB]!) / m.layers;
    expect(dropped / (bytes * 1e-6)).toBeCloseTo(1, 9);
    expect(outputs[OUTPUT.timeUs]!).toBeGreaterThan(kept[OUTPUT.timeUs]!);
    const { outputs: whole } = outputsOf('mixtral-8x7b', set[0]!, 'workload.recomputeExperts=on');
    expect(outputs[OUTPUT.timeUs]!).toBeLessThan(whole[OUTPUT.timeUs]!);
    expect(outputs[OUTPUT.activationsMB]!).toBeGreaterThan(whole[OUTPUT.activationsMB]!);
  });

  test('every second product of Llama 3 8B: 57,344 bytes a token stay, of the input, queries, keys, values, attention and the gate', () => {
    const { phase: m, outputs } = outputsOf('llama3-8b');
    const kept = 2 * (m.hidden + (m.heads + 2 * m.kvHeads) * m.headDim + m.heads * m.headDim + m.ffn);
    expect(kept).toBe(57_344);
    const { outputs: some } = outputsOf('llama3-8b', 'workload.recomputeOperations=on');
    const share = some[OUTPUT.activationsMB]! / outputs[OUTPUT.activationsMB]!;
    // Without it: inputs of norms and of the products behind them, and all of the MLP, too.
    const all = kept + 2 * (3 * m.hidden + 2 * m.ffn);
    expect(share * (all / kept)).toBeCloseTo(1, 9);
  });

  test('the activation of experts: the input of their second product, of each token once for each of its experts', () => {
    const { phase: m } = outputsOf('mixtral-8x7b');
    const bytes = (2 * m.seq * m.expertsPerToken * m.ffn) / 8;
    const dropped = droppedMB('mixtral-8x7b', 'workload.recomputeExpertActivation=on');
    expect(dropped / (bytes * 1e-6)).toBeCloseTo(1, 9);
  });

  test('a module that the model does not have: nothing', () => {
    for (const module of ['UpProjections', 'Experts', 'ExpertActivation', 'SharedExperts']) {
      expect(droppedMB('llama3-70b', `workload.recompute${module}=on`)).toBe(0);
    }
  });
});

test('the core of fused attention runs again where a framework does so with selective recomputation, and drops nothing', () => {
  const fused = ['workload.attention=fused', 'compute.hostLaunchUs=0'];
  const selective = [...fused, 'workload.recomputation=selective'];
  const { outputs: none, phase: m } = outputsOf('llama3-8b', ...fused);
  expect(outputsOf('llama3-8b', ...selective).outputs[OUTPUT.timeUs]).toBe(none[OUTPUT.timeUs]);
  expect(outputsOf('llama3-8b', ...fused, 'workload.recomputeFusedCore=on').outputs[OUTPUT.timeUs]).toBe(
    none[OUTPUT.timeUs],
  );
  const { outputs: again } = outputsOf('llama3-8b', ...selective, 'workload.recomputeFusedCore=on');
  expect(again[OUTPUT.activationsMB]).toBe(none[OUTPUT.activationsMB]);
  const longer = outputsOf('llama3-8b', ...fused, 'workload.recomputation=full').outputs;
  expect(again[OUTPUT.timeUs]!).toBeLessThan(longer[OUTPUT.timeUs]!);
  // Two products of all queries with half of all keys, in each layer of the 8 sequences of a replica, over 8 tensor-parallel ranks.
  const tflop = (4 * m.seq ** 2 * m.heads * m.headDim * 0.5 * m.layers * 8) / 8 / 1e12;
  const us = again[OUTPUT.computeUs]! - none[OUTPUT.computeUs]!;
  expect(tflop / (us * 1e-6)).toBeGreaterThan(0.2 * 989);
  expect(tflop / (us * 1e-6)).toBeLessThan(989);
});

describe.each(['llama3-70b', 'mixtral-8x7b', 'deepseek-v3', 'gpt-j-6b'])('%s', (model) => {
  const every = RECOMPUTED_MODULES.map((module) => `workload.${module}=on`);

  test('each module takes time and saves memory, or neither; full recomputation is the end of it', () => {
    const none = outputsOf(model).outputs;
    const full = outputsOf(model, 'workload.recomputation=full').outputs;
    for (const set of [...every.map((one) => [one]), every]) {
      const some = outputsOf(model, ...set).outputs;
      const saved = none[OUTPUT.activationsMB]! - some[OUTPUT.activationsMB]!;
      const slower = some[OUTPUT.timeUs]! - none[OUTPUT.timeUs]!;
      expect(saved, set.join()).toBeGreaterThanOrEqual(0);
      expect(slower > 0, set.join()).toBe(saved > 0);
      expect(some[OUTPUT.timeUs]!, set.join()).toBeLessThanOrEqual(full[OUTPUT.timeUs]!);
      expect(some[OUTPUT.activationsMB]!, set.join()).toBeGreaterThanOrEqual(full[OUTPUT.activationsMB]!);
    }
  });

  test('with full recomputation modules are without effect', () => {
    const full = outputsOf(model, 'workload.recomputation=full').outputs;
    expect(outputsOf(model, 'workload.recomputation=full', ...every).outputs).toEqual(full);
  });

  test('what is dropped is made again: by each module that drops it', () => {
    const { phase } = outputsOf(model);
    const { layerForward, layerBackward } = opGraph(phase);
    const again = new Set(
      layerBackward.flatMap(({ when }) => Object.entries(when).flatMap(([flag, on]) => (on ? [flag] : []))),
    );
    for (const { name, droppedWith, saved } of layerForward) {
      if (saved[0] > 0) for (const module of droppedWith) expect(again, name).toContain(module);
    }
  });
});
