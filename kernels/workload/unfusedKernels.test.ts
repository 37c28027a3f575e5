import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const EFFICIENCY = 0.5;
/** Bytes a microsecond of H100's memory at that. */
const RATE = 3350e3 * EFFICIENCY;

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

it('unfused norms: nine times the 12 bytes a value of both passes, on each tensor-parallel rank', () => {
  const ofNorms = (set: string[]) => computeUs('workload.normKernel=unfused', ...set) - computeUs(...set);
  // Two norms in each of 32 layers and the last; llama3-8b is 4,096 wide.
  const values = 65 * 4096 * tokens;
  expect(ofNorms([])).toBeCloseTo((8 * 12 * values) / RATE, 0);
  expect(ofNorms(['workload.sequenceParallel=on'])).toBeCloseTo((8 * 12 * values) / 2 / RATE, 0);
});

it('an unfused softmax: 28 bytes a score instead of 10, where scores lie in memory', () => {
  const ofSoftmax = (attention: string) =>
    computeUs(attention, 'workload.softmaxKernel=unfused') - computeUs(attention);
  const scores = (32 * 32 * 8192 * tokens) / 2;
  expect(ofSoftmax('workload.attention=unfused')).toBeCloseTo((18 * scores) / RATE, 0);
  expect(ofSoftmax('workload.attention=fused')).toBe(0);
});
