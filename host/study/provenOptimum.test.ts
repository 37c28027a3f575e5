/** Proofs against the evaluation of all designs: spaces of the paper's cases, and those that agents are studied on. */
import { describe, expect, test } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import { wholeSweep } from '../backends/requests.js';
import { provenOptimum } from './provenOptimum.js';
import { STUDY_SPACES } from './spaces.js';

/** Two bandwidths of each dimension, and prices for all designs. */
const CUT = [
  'network.topology[0]=Ring,FullyConnected',
  ...[0, 1, 2, 3].map((d) => `network.bandwidthGBps[${d}]=${d % 2 === 0 ? '50,500' : '100'}`),
];

describe.each(['cosmic-workload', 'cosmic-collective', 'cosmic-network'])('%s', (name) => {
  test.each([
    ['gpt3-175b', 'cosmic-1024'],
    ['gpt3-13b', 'cosmic-512'],
    ['vit-large', 'cosmic-2048'],
    ['vit-base', 'cosmic-512'],
  ])('%s on %s: a proof finds what a sweep finds', { timeout: 60_000 }, async (model, system) => {
    const space = compilePsa(loadPsa(name, { model, system, set: name === 'cosmic-network' ? CUT : [] }));
    const evaluator = createCpuEvaluator(space, 1);
    for (const objective of ['time*bandwidth', 'time*cost'].map((text) => parseObjective(text))) {
      const proven = await provenOptimum(evaluator, objective, undefined);
      const [best] = (await evaluator.sweep(wholeSweep(space, [objective]))).top;
      expect(proven!.best === undefined).toBe(best === undefined);
      if (best !== undefined) expect(proven!.best!.objectives[0]! / best.objectives[0]!).toBeCloseTo(1, 9);
    }
  });
});

/** Each of these spaces was swept whole for its optimum. */
test.each([
  ['workload', 5_239_844_937],
  ['collective', 21_717_807_110],
  ['network', 2_282_365_927],
  ['full', 1_090_219_063],
])('the space %s of the study of agents has the optimum that a sweep has', { timeout: 60_000 }, async (name, swept) => {
  const { preset, set } = STUDY_SPACES.find((space) => space.name === name)!;
  const space = compilePsa(loadPsa(preset, { set: [...set] }));
  const proven = await provenOptimum(createCpuEvaluator(space, 1), parseObjective('time*cost'), undefined);
  expect(Math.round(proven!.best!.objectives[0]!)).toBe(swept);
});
