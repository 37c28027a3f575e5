import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { UNFUSED_EFFICIENCY } from './rates.js';

function computeUs(kernel: string, memoryEfficiency: number, model = 'gpt-oss-20b', more: string[] = []): number {
  const set = [
    ...more,
    `compute.memoryEfficiency=${memoryEfficiency}`,
    'compute.kernelOverheadUs=0',
    `workload.rotaryKernel=${kernel}`,
  ];
  const job = ['system.npus=8', 'workload.tp=1', 'workload.dp=8', 'workload.batch=8', 'workload.recomputation=none'];
  const { workload, tiers, fixed } = compileDesign(loadDefault('gb300', model, [...job, ...set]));
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.computeUs]!;
}

it('an operation each passes 29 times over 64 queries and 8 keys of 64 values, whatever other kernels reach', () => {
  // 24 layers, 4,096 tokens; GB300's memory moves 8,000 bytes a nanosecond.
  const us = (24 * 4096 * (64 + 8) * 64 * 29 * 2) / (8000e3 * UNFUSED_EFFICIENCY);
  for (const efficiency of [0.3, 0.7]) {
    expect(computeUs('operations', efficiency) - computeUs('fused', efficiency)).toBeCloseTo(us, 3);
    expect(computeUs('unfused', efficiency)).toBe(computeUs('fused', efficiency));
  }
});

it('heads of latent attention are joined anew, queries and keys, where rotations are not in place', () => {
  // 61 layers and two passes of 4,096 tokens: 128 heads of 192 values, 4 passes over both forward and backward.
  const us = (61 * 2 * 4096 * 128 * 192 * 4 * 2) / (8000e3 * UNFUSED_EFFICIENCY);
  const latent = (kernel: string) => computeUs(kernel, 0.4, 'deepseek-v3', ['model.mtpLayers=0']);
  expect(latent('unfused') - latent('fused')).toBeCloseTo(us, 1);
  expect(latent('operations')).toBeGreaterThan(latent('unfused'));
});
