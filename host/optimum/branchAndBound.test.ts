import { describe, expect, test } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { createCpuEvaluator } from '../backends/cpu/evaluator.js';
import { wholeSweep } from '../backends/requests.js';
import { branchAndBound, canBound } from './branchAndBound.js';

/** Of two dimensions; the others as they are. */
const ALGORITHMS = [2, 3].map((d) => `collective.algorithm[${d}]=${d === 2 ? 'ring' : 'halvingDoubling'}`);

/** Small enough to be evaluated whole. */
const SPACES = [
  { name: 'cosmic-workload', system: 'cosmic-512', model: 'vit-base', set: ['model.layers=4'] },
  {
    name: 'cosmic-collective',
    system: 'cosmic-512',
    model: 'vit-base',
    set: ['workload.dp=512', 'workload.pp=1', 'workload.sp=1', 'collective.chunks=2,16', ...ALGORITHMS],
  },
  {
    name: 'cosmic-network',
    system: 'cosmic-2048',
    model: 'vit-large',
    set: [
      'model.layers=4',
      // A switch has no price there.
      'network.topology[0]=Ring,FullyConnected',
      ...[0, 1, 2, 3].map((d) => `network.bandwidthGBps[${d}]=${d === 1 ? '50,500' : '100,250'}`),
    ],
  },
];

function evaluatorOf(name: string, options: object) {
  const space = compilePsa(loadPsa(name, { ...options, profile: 'astra-sim' }));
  return createCpuEvaluator(space, 1);
}

describe.each(SPACES)('$name, $model on $system', ({ name, ...options }) => {
  test.each([
    'time',
    'time*bandwidth',
    'time*cost',
    'bandwidth',
    'time^2*memory',
  ])('%s: what a whole sweep finds', async (text) => {
    const evaluator = evaluatorOf(name, options);
    const objectives = [parseObjective(text)];
    if (!canBound(evaluator, objectives)) throw new Error('there are bounds');
    const [optimum] = await branchAndBound(evaluator, objectives);
    const swept = await evaluator.sweep(wholeSweep(evaluator.space, objectives));
    expect(optimum!.ordinal).toBe(swept.top[0]!.ordinal);
    expect(optimum!.feasible).toBe(swept.feasible);
    expect(optimum!.evaluated).toBeLessThanOrEqual(swept.feasible);
  });
});

test('bounds of several objectives are as of each alone, whatever the threads', async () => {
  const { name, ...options } = SPACES[2]!;
  const evaluator = evaluatorOf(name, options);
  const objectives = ['time*bandwidth', 'time*cost'].map((text) => parseObjective(text));
  if (!canBound(evaluator, objectives)) throw new Error('there are bounds');
  const both = await branchAndBound(evaluator, objectives);
  const each = [
    ...(await branchAndBound(evaluator, objectives.slice(0, 1))),
    ...(await branchAndBound(evaluator, objectives.slice(1))),
  ];
  expect(both.map(({ ordinal }) => ordinal)).toEqual(each.map(({ ordinal }) => ordinal));
  const parallel = createCpuEvaluator(evaluator.space, 2);
  if (!canBound(parallel, objectives)) throw new Error('there are bounds');
  expect(await branchAndBound(parallel, objectives)).toEqual(both);
  await parallel.close();
});

test('no bound of the time bounds an objective that falls with it, nor are there bounds in the default profile', () => {
  const { name, ...options } = SPACES[0]!;
  const evaluator = evaluatorOf(name, options);
  expect(canBound(evaluator, [parseObjective('time')])).toBe(true);
  expect(canBound(evaluator, [parseObjective('time'), parseObjective('time^-1*memory')])).toBe(false);
  expect(canBound(evaluator, [parseObjective('reward-time')])).toBe(false);
  expect(canBound(createCpuEvaluator(compilePsa(loadPsa(name, options)), 1), [parseObjective('time')])).toBe(false);
});
