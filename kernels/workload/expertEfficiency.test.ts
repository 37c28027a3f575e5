import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const JOB = [
  ...['system.npus=8', 'workload.dp=8', 'workload.ep=8', 'workload.batch=64', 'workload.microBatch=8'],
  ...['compute.hostLaunchUs=0', 'compute.hostExpertUs=0', 'workload.expertLoad=1'],
];

function computeUs(model: string, expertEfficiency: number): number {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault(
      'h100-sxm',
      model,
      [...JOB, `compute.expertEfficiency=${expertEfficiency}`],
      undefined,
      'megatron-core',
    ),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.computeUs]!;
}

it('products of experts at half the rate take the time of their FLOPs once more, and other models none', () => {
  // Mixtral 8x7B: 32 layers, 3 products of 4,096 by 14,336 for each of 2 experts of a token, forward and twice backward.
  const mflop = (3 * 2 * 32 * 2 * 3 * 4096 * 14336 * 8 * 2048) / 1e6;
  const gained = computeUs('mixtral-8x7b', 0.5) - computeUs('mixtral-8x7b', 1);
  expect(gained).toBeGreaterThan(mflop / (989 * 0.82 * 0.82));
  expect(gained).toBeLessThan((1.1 * mflop) / (989 * 0.82 * 0.82));
  expect(computeUs('llama3-8b', 0.5)).toBe(computeUs('llama3-8b', 1));
});
