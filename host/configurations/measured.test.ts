import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { OUTPUT } from '../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { SLOT } from '../../psa/parameters.js';
import { designEvaluator } from '../designs/designs.js';
import { explainGap, readMeasured } from './measured.js';

const folder = mkdtempSync(join(tmpdir(), 'cosmic-measured-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
