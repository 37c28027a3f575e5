import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

/** Products alone count: no collective, no launch, memory as fast as can be. */
const JOB = [
  ...['system.npus=1', 'workload.batch=4', 'workload.microBatch=4', 'workload.recomputation=none', 'model.seq=4096'],
  ...['compute.memoryBandwidthGBps=1e7', 'compute.kernelOverheadUs=0', 'compute.memoryCapacityGB=100000'],
  ...['compute.gemmHalfDepth=0', 'compute.gemmDepthNs=0', 'compute.gemmEfficiency=1', 'compute.sustainedClock=1'],
];

function stepOf(...set: string[]): { us: number; mb: number; modelWork: number } {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('tpu-v5p', 'mixtral-8x7b', [...JOB, ...set], undefined, 'maxtext'),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  const us = outputs[OUTPUT.timeUs]!;
  return { us, mb: outputs[OUTPUT.memoryMB]!, modelWork: outputs[OUTPUT.mfu]! * us };
}

const DISPATCH = ['copies', 'masks'].map((kind) => `workload.capacityDispatch=${kind}`) as [string, string];

it('five products with masks of all tokens and places of a sequence dispatch and combine', () => {
  const [copies, masks] = DISPATCH.map((dispatch) => stepOf(dispatch, 'workload.expertCapacity=1.25'));
  // 32 layers, 4 sequences of 4,096 tokens, 2 experts each and a quarter more places, 4,096 wide; 459 TFLOP/s.
  const places = 4096 * 2 * 1.25;
  const productsUs = (5 * 32 * 4 * 2 * 4096 * places * 4096) / 459e6;
  expect((masks!.us - copies!.us) / productsUs).toBeGreaterThan(0.98);
  expect((masks!.us - copies!.us) / productsUs).toBeLessThan(1.02);
  // Two masks and what experts return are kept, 2 bytes a value.
  const keptMB = (32 * 4 * 2 * (2 * 4096 * places + places * 4096)) / 1e6;
  expect(masks!.mb - copies!.mb).toBeCloseTo(keptMB, 0);
  // They are no work of the model's.
  expect(masks!.modelWork).toBeCloseTo(copies!.modelWork, 6);
});

it('experts that take as many tokens as come have no places, nor has inference masks', () => {
  const [copies, masks] = DISPATCH.map((dispatch) => stepOf(dispatch, 'workload.expertCapacity=none'));
  expect(masks).toEqual(copies);
  const [oneWay, other] = DISPATCH.map((dispatch) =>
    stepOf(dispatch, 'workload.expertCapacity=1.25', 'model.phase=prefill'),
  );
  expect(other).toEqual(oneWay);
});
