import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const MICRO_BATCHES = 8;
const JOB = ['system.npus=4', 'workload.tp=4', 'workload.pp=1', `workload.batch=${MICRO_BATCHES}`];
const ALONE = ['workload.microBatch=1', 'workload.mainGradientBytes=4', 'compute.hostLaunchUs=0'];

/** What unfused sums take longer, of each micro-batch, us. */
function gainedUs(...set: string[]): number {
  const timeUs = (accumulation: string) => {
    const { workload, tiers, fixed } = compileDesign(
      loadDefault('dgx-h100', 'gpt3-13b', [
        ...JOB,
        ...ALONE,
        `workload.gradientAccumulation=${accumulation}`,
        'compute.memoryEfficiency=0.5',
        'compute.elementwiseShare=1',
        ...set,
      ]),
    );
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(workload, tiers)(fixed, outputs, 0);
    return outputs[OUTPUT.timeUs]!;
  };
  return (timeUs('unfused') - timeUs('fused')) / MICRO_BATCHES;
}

/** Of 12.9 billion parameters with 10 bytes each on four NPUs of 3,350 GB/s, and the head once more than it is kept. */
const MOVED_US = (12.9e9 * 10) / 4 / 3350e3 / 0.5;

it('gradients that are added by operations of their own move 10 bytes for each parameter and micro-batch', () => {
  expect(gainedUs() / MOVED_US).toBeGreaterThan(1);
  expect(gainedUs() / MOVED_US).toBeLessThan(1.06);
});

it('sums in half precision move 6', () => {
  expect(gainedUs('workload.mainGradientBytes=2') / gainedUs()).toBeCloseTo(0.6, 2);
});

it('shards that leave layer by layer are not added up so', () => {
  const sharded = [
    'system.npus=8',
    'workload.dp=2',
    `workload.batch=${2 * MICRO_BATCHES}`,
    'workload.weightSharding=zero3',
  ];
  expect(gainedUs(...sharded)).toBe(0);
});
