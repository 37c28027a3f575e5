import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const MEMORY_EFFICIENCY = 0.5;
const JOB = [
  ...['system.npus=64', 'workload.dp=64', 'workload.ep=64', 'workload.batch=1280', 'workload.microBatch=4'],
  ...['workload.expertLoad=1', 'compute.hostLaunchUs=0', 'compute.hostExpertUs=0'],
  `compute.memoryEfficiency=${MEMORY_EFFICIENCY}`,
  'compute.elementwiseShare=1',
];

function microBatchUs(model: string, kernel: 'fused' | 'unfused'): number {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('gb300', model, [...JOB, `workload.expertBiasKernel=${kernel}`], undefined, 'megatron-core'),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.timeUs]! / 5;
}

it('biases of experts apart move 68 bytes for each value of the output, and clamps of a gate 18 for each of theirs', () => {
  const gainedUs = microBatchUs('gpt-oss-120b', 'unfused') - microBatchUs('gpt-oss-120b', 'fused');
  // 36 layers, 4 sequences of 4,096 tokens, 4 experts each, 2,880 values there and twice as many in gate and up; 8,000 GB/s.
  const movedUs = (36 * 4 * 4096 * 4 * 2880 * (68 + 2 * 18)) / 1e6 / (8 * MEMORY_EFFICIENCY);
  expect(gainedUs).toBeGreaterThan(movedUs);
  // Each of four operations starts besides.
  expect(gainedUs).toBeLessThan(movedUs + 36 * 4 * 3);
});

it('experts without biases take as long', () => {
  expect(microBatchUs('qwen3-30b-a3b', 'unfused')).toBe(microBatchUs('qwen3-30b-a3b', 'fused'));
});
