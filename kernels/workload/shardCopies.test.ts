import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const MICRO_BATCHES = 4;
const RANKS = 8;
const JOB = [`system.npus=${RANKS}`, 'workload.tp=1', 'workload.pp=1', `workload.dp=${RANKS}`];
const BATCH = [`workload.batch=${4 * RANKS * MICRO_BATCHES}`, 'workload.microBatch=4', 'compute.hostLaunchUs=0'];
const SHARDED = ['workload.weightSharding=zero3', 'workload.gradientBytes=4', 'workload.shardingOverlap=1'];

/** What copies of a layout take longer, of each micro-batch, us. */
function gainedUs(layout: string, ...set: string[]): number {
  const timeUs = (shardLayout: string) => {
    const { workload, tiers, fixed } = compileDesign(
      loadDefault('dgx-h100', 'gpt3-13b', [
        ...JOB,
        ...BATCH,
        ...SHARDED,
        `workload.shardLayout=${shardLayout}`,
        'compute.memoryEfficiency=0.5',
        'compute.lossEfficiency=0.9',
        ...set,
      ]),
    );
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(workload, tiers)(fixed, outputs, 0);
    return outputs[OUTPUT.timeUs]!;
  };
  return (timeUs(layout) - timeUs('inPlace')) / MICRO_BATCHES;
}

/** One byte of each of 12.9 billion parameters at nine tenths of 3,350 GB/s. */
const BYTE_US = 12.9e9 / 3350e3 / 0.9;

it('weights of parameters apart are copied for each pass, and gradients as they leave: 4, 4 and 6 bytes', () => {
  const bytes = gainedUs('perParameter') / BYTE_US;
  expect(bytes).toBeGreaterThan(13.5);
  expect(bytes).toBeLessThan(14.5);
});

it('gradients of a flat parameter are joined, 4 bytes where they travel in two', () => {
  const bytes = gainedUs('flat', 'workload.gradientBytes=2') / BYTE_US;
  expect(bytes).toBeGreaterThan(3.9);
  expect(bytes).toBeLessThan(4.2);
});

it('weights that stay are copied once', () => {
  const stays = gainedUs('perParameter', 'workload.reshardAfter=backward') / BYTE_US;
  expect(stays).toBeGreaterThan(9.7);
  expect(stays).toBeLessThan(10.5);
});

it('what a step gathers and reduces once is copied once, 4 bytes and 6', () => {
  const once = gainedUs('perParameter', 'workload.reshardAfter=step', 'workload.gradientSync=step') / BYTE_US;
  expect(once * MICRO_BATCHES).toBeGreaterThan(9.6);
  expect(once * MICRO_BATCHES).toBeLessThan(10.5);
});

it('nothing is copied of weights that are whole', () => {
  expect(gainedUs('perParameter', 'workload.weightSharding=zero1')).toBe(0);
});
