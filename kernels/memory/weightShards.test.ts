import { expect, it } from 'vitest';
import { designEvaluator, namedOutputs } from '../../host/designs/designs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { allParameters } from '../workload/modelSize.js';

function run(...set: string[]) {
  const space = compileDesign(
    loadDefault('dgx-h100', 'llama3-8b', [
      ...['system.npus=8', 'workload.tp=1', 'workload.pp=1', 'workload.dp=8', 'workload.weightSharding=zero3', ...set],
    ]),
  );
  const { weightsMB, gradientsMB, optimizerMB } = namedOutputs(designEvaluator(space)(space.fixed).outputs);
  return { weightsMB, statesMB: weightsMB + gradientsMB + optimizerMB, model: space.workload.phases[0]! };
}

it('of weights whose shards are those of the optimiser alone a rank has 16 bytes a parameter, not 18', () => {
  const [half, master] = [run(), run('workload.weightShards=master')];
  const shardM = allParameters(half.model) / 8e6;
  expect((half.statesMB - master.statesMB) / (2 * shardM)).toBeCloseTo(1, 5);
  const gathered = half.weightsMB - 2 * shardM;
  expect((master.statesMB - gathered) / (16 * shardM)).toBeCloseTo(1, 5);
});

it('where there are no others, and of weights that are not sharded, those in half precision stay', () => {
  const without = 'workload.masterWeightBytes=0';
  expect(run(without, 'workload.weightShards=master').weightsMB).toBe(run(without).weightsMB);
  const whole = 'workload.weightSharding=zero1';
  expect(run(whole, 'workload.weightShards=master').weightsMB).toBe(run(whole).weightsMB);
});
