import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OUTPUT } from '../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { SLOT } from '../../psa/parameters.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { designEvaluator } from '../designs/designs.js';
import { explainGap, readMeasured } from './measuredGap.js';
import { stepTimes } from './stepLog.js';

const folder = temporaryFolder('measured');

it.each([
  ['4.2s', 4.2e6],
  ['350ms', 350e3],
  ['2 min', 120e6],
])('%s is a time', (text, timeUs) => {
  expect(readMeasured(text, 1)).toEqual({ timeUs, steps: 1 });
});

it.each(['4.2', '0s', '3 days'])('%s is none', (text) => {
  expect(() => readMeasured(text, 1)).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
});

it('reads the steps of logs, without those that warm up', () => {
  const megatron = join(folder, 'megatron.log');
  const line = (ms: number) =>
    ` iteration  10/ 500 | consumed samples: 1280 | elapsed time per iteration (ms): ${ms} | throughput per GPU (TFLOP/s/GPU): 612.1 |\n`;
  writeFileSync(megatron, [9000, 5000, 4300, 4200, 4210, 4190, 4205, 4195].map(line).join(''));
  expect(readMeasured(megatron, 1)).toEqual({ timeUs: 4200e3, steps: 5 });
  const titan = join(folder, 'titan.log');
  writeFileSync(
    titan,
    'step: 10  loss:  7.1  grad_norm: 2.1  memory: 61.8GiB(64%)  tps: 8,000  tflops: 463.5  mfu: 46%\n',
  );
  expect(readMeasured(titan, 16_384).timeUs).toBeCloseTo(2.048e6, 6);
  writeFileSync(titan, 'nothing\n');
  expect(() => readMeasured(titan, 1)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
});

it.each([
  [
    'NeMo 1',
    'Epoch 0: : 100%| 9/9 [10:48<00:00, reduced_train_loss=0.0172, global_step=9.00, train_step_timing in s=3.130]',
    3.13e6,
  ],
  [
    'NeMo 2',
    'Training epoch 0, iteration 8/249 | lr: 3.9e-06 | global_step: 8 | train_step_timing in s: 2.505 | consumed_samples: 16',
    2.505e6,
  ],
  ['Megatron-Bridge', 'Step Time : 4.87s GPU utilization: 612.3MODEL_TFLOP/s/GPU', 4.87e6],
  [
    'DeepSpeed',
    'steps: 200 loss: 5.5508 lm loss: 5.5103 moe loss: 0.0405 iter time (s): 0.936 samples/sec: 136.706',
    0.936e6,
  ],
  [
    'Megatron-LM',
    ' [2026-04-06 02:59:36] iteration 43/ 100 | consumed samples: 5504 | elapsed time per iteration (ms): 5444.9 | mem-max-allocated-bytes: 6 |',
    5444.9e3,
  ],
])('reads a line of %s', (_, line, timeUs) => {
  expect(stepTimes(`${line}\n`, 1)).toEqual([timeUs]);
});

it('reads the lines of torchtitan in colours, and each step once, whichever ranks print it', () => {
  const line = (rank: number, step: number, tps: string) =>
    `[rank${rank}]:[titan] 2026-01-15 10:37:01,390 - root - INFO - \x1b[31mstep: ${step}  \x1b[32mloss: 12.2  \x1b[34mtps: ${tps}  \x1b[36mtflops: 325.20\x1b[0m\n`;
  const log = [1, 10, 20]
    .map((step, i) => [0, 1].map((rank) => line(rank, step, ['86', '8,000', '8,192'][i]!)).join(''))
    .join('');
  expect(stepTimes(log, 16_384).map((us) => us / 1e6)).toEqual([16_384 / 86, 2.048, 2]);
});

it('finds the constant that was changed', () => {
  const set = ['system.npus=16', 'workload.tp=2', 'workload.batch=64', 'workload.recomputation=full'];
  const space = compileDesign(loadDefault('h100-sxm', 'llama3-8b', set, undefined, 'megatron-core'));
  const slower = space.fixed.slice();
  slower[SLOT.compute.gemmEfficiency] = 0.8 * space.fixed[SLOT.compute.gemmEfficiency]!;
  const timeUs = designEvaluator(space)(slower).outputs[OUTPUT.timeUs]!;
  const gap = explainGap(space, { timeUs, steps: 1 });
  expect(gap.ratio).toBeGreaterThan(1);
  const own = gap.explaining.find(({ name }) => name === 'compute.gemmEfficiency')!;
  expect(own.wouldBe / own.now).toBeCloseTo(0.8, 9);
  for (const { slot, wouldBe } of gap.explaining) {
    const design = space.fixed.slice();
    design[slot] = wouldBe;
    expect(designEvaluator(space)(design).outputs[OUTPUT.timeUs]! / timeUs).toBeCloseTo(1, 6);
  }
});
