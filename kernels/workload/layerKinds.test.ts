/** Layers of several kinds are simulated as their mean: what a model of them takes lies between models of each kind. */
import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { OUTPUT, OUTPUT_COUNT, type OutputName } from '../outputs.js';
import { createSimulator } from '../simulate.js';

/** One replica on eight NPUs: what is left is a sum over layers. */
const ONE_REPLICA = [
  'system.npus=8',
  'workload.tp=8',
  'workload.dp=1',
  'workload.pp=1',
  'model.batch=1',
  'model.mtpLayers=0',
  'compute.hostLaunchUs=0',
];

const SUMS = [
  'timeUs',
  'computeUs',
  'exposedTpUs',
  'weightsMB',
  'gradientsMB',
  'optimizerMB',
  'activationsMB',
] as const;

function simulated(model: string, set: readonly string[]): Record<OutputName, number> {
  const space = compileDesign(loadDefault('dgx-h100', model, [...ONE_REPLICA, ...set]));
  const row = new Float64Array(OUTPUT_COUNT);
  createSimulator(space.workload, space.tiers)(space.fixed, row, 0);
  return Object.fromEntries(Object.entries(OUTPUT).map(([name, place]) => [name, row[place]!])) as Record<
    OutputName,
    number
  >;
}

describe.each([
  [
    '3 dense layers of 61',
    'deepseek-v3',
    ['model.leadingDense=3'],
    ['model.leadingDense=61'],
    ['model.leadingDense=0'],
    3 / 61,
  ],
  [
    'each second of 48 a mixture',
    'llama4-scout',
    ['model.mixtureEvery=2'],
    ['model.mixtureEvery=64'],
    ['model.mixtureEvery=1'],
    1 / 2,
  ],
  [
    'each second layer of state space, the others MLPs',
    'nemotron-h-8b',
    ['model.layerPattern=M-'],
    ['model.layerPattern=M'],
    ['model.layerPattern=-', 'model.stateHeads=0'],
    1 / 2,
  ],
  ['10 global layers of 62', 'gemma3-27b', [], ['model.globalEvery=1'], ['model.globalEvery=0'], 10 / 62],
] as const)('%s', (_, model, mixed, one, other, share) => {
  const [both, first, second] = [mixed, one, other].map((set) => simulated(model, set)) as [
    Record<OutputName, number>,
    Record<OutputName, number>,
    Record<OutputName, number>,
  ];

  test.each(SUMS)('%s', (name) => {
    const mean = share * first[name] + (1 - share) * second[name];
    expect(both[name] / mean).toBeCloseTo(1, 9);
  });

  test('the kinds differ', () => expect(first.timeUs).not.toBeCloseTo(second.timeUs, 0));
});

test('a layer of both blocks computes what two layers of one block do, and keeps one input where it is recomputed', () => {
  const set = ['model.experts=1', 'model.expertsPerToken=1', 'model.sharedFfn=0', 'workload.recomputation=full'];
  const both = simulated('qwen3-next-80b-a3b', [...set, 'model.layerPattern=(M-)(*-)']);
  const apart = simulated('qwen3-next-80b-a3b', [...set, 'model.layerPattern=M-*-', 'model.layers=96']);
  for (const name of ['computeUs', 'exposedTpUs', 'weightsMB', 'optimizerMB'] as const) {
    expect(both[name] / apart[name]).toBeCloseTo(1, 9);
  }
  expect(both.activationsMB / apart.activationsMB).toBeCloseTo(1 / 2, 9);
});

test('a layer that predicts a later token takes a layer like the last, a product of twice the width, and the head again', () => {
  const gflop = (set: readonly string[]) => {
    const { timeUs, mfu } = simulated('deepseek-v3', set);
    return timeUs * mfu;
  };
  const without = gflop(['model.leadingDense=0']);
  const two = gflop(['model.leadingDense=0', 'model.layers=62']);
  const predicting = gflop(['model.leadingDense=0', 'model.mtpLayers=1']);
  const unit = gflop(['model.leadingDense=0', 'model.vocab=258560']) - without;
  // The head has 129,280 · 7,168 weights, the joined input 2 · 7,168².
  expect((predicting - two) / unit).toBeCloseTo(1 + (2 * 7168) / 129280, 6);
});

test('a tied head has no weights of its own on one stage, and a copy on the last of several', () => {
  const weightsMB = (set: readonly string[]) => simulated('llama3.2-1b', set).weightsMB;
  const table = (2 * 128256 * 2048 * 1e-6) / 8;
  const untied = ['model.tiedEmbeddings=false'];
  expect(weightsMB(untied) - weightsMB([])).toBeCloseTo(table, 6);
  const stages = ['system.npus=16', 'workload.pp=2', 'workload.dp=1'];
  expect(weightsMB([...untied, ...stages])).toBeCloseTo(weightsMB(stages), 6);
});
