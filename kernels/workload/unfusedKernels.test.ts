import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

/** Of other kernels, and of those that are one for each operation. */
const EFFICIENCY = 0.5;
const UNFUSED = 0.65;
/** Bytes a microsecond of H100's memory. */
const RATE = 3350e3;

function computeUs(...set: string[]): number {
  const job = ['system.npus=8', 'workload.tp=2', 'workload.dp=4', 'workload.batch=32', 'workload.microBatch=8'];
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('h100-sxm', 'llama3-8b', [...job, `compute.memoryEfficiency=${EFFICIENCY}`, ...set]),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.computeUs]!;
}

const tokens = 8 * 8192;

it('unfused norms: 10.7 times the 12 bytes a value of both passes, on each tensor-parallel rank', () => {
  const ofNorms = (set: string[]) => computeUs('workload.normKernel=unfused', ...set) - computeUs(...set);
  // Two norms in each of 32 layers and the last; llama3-8b is 4,096 wide.
  const values = 65 * 4096 * tokens;
  const whole = ((10.7 / UNFUSED - 1 / EFFICIENCY) * 12 * values) / RATE;
  expect(ofNorms([])).toBeCloseTo(whole, 0);
  expect(ofNorms(['workload.sequenceParallel=on'])).toBeCloseTo(whole / 2, 0);
});

it('an unfused softmax: 54 bytes a score instead of 10, where scores lie in memory', () => {
  const ofSoftmax = (attention: string) =>
    computeUs(attention, 'workload.softmaxKernel=unfused') - computeUs(attention);
  const scores = (32 * 32 * 8192 * tokens) / 2;
  expect(ofSoftmax('workload.attention=unfused')).toBeCloseTo(((54 / UNFUSED - 10 / EFFICIENCY) * scores) / RATE, 0);
  expect(ofSoftmax('workload.attention=fused')).toBe(0);
});
