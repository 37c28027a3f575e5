import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

function computeUs(memoryEfficiency: number, lossEfficiency: number, tp = 1, loss = 'plain'): number {
  const set = [
    `compute.memoryEfficiency=${memoryEfficiency}`,
    `compute.lossEfficiency=${lossEfficiency}`,
    `workload.loss=${loss}`,
  ];
  const job = [
    'system.npus=8',
    `workload.tp=${tp}`,
    `workload.dp=${8 / tp}`,
    'workload.batch=64',
    'workload.microBatch=8',
  ];
  const { workload, tiers, fixed } = compileDesign(loadDefault('h100-sxm', 'llama3-8b', [...job, ...set]));
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.computeUs]!;
}

it('the loss passes over its logits at the rate of its own kernels: 38 bytes a logit, whatever layers reach', () => {
  // 8 sequences of 8,192 tokens, a vocabulary of 128,256; H100's memory moves 3,350 bytes a nanosecond.
  const lossUs = (efficiency: number) => (38 * 8 * 8192 * 128_256) / (3350e3 * efficiency);
  expect(computeUs(0.3, 0) - computeUs(0.3, 0.9)).toBeCloseTo(lossUs(0.3) - lossUs(0.9), 0);
  expect(computeUs(0.3, 0.6) - computeUs(0.3, 0.9)).toBeCloseTo(lossUs(0.6) - lossUs(0.9), 0);
  expect(computeUs(0.3, 0.3)).toBeCloseTo(computeUs(0.3, 0), 3);
});

it('of logits in half precision it moves 12 bytes', () => {
  const savedUs = ((38 - 12) * 8 * 8192 * 128_256) / (3350e3 * 0.9);
  expect(computeUs(0.3, 0.9) - computeUs(0.3, 0.9, 1, 'half')).toBeCloseTo(savedUs, 0);
});
