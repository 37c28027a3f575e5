/** Copies of what tensor-parallel ranks gather and scatter of several sequences. */
import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const EFFICIENCY = 0.8;
const JOB = [
  'system.npus=8',
  'workload.tp=8',
  'workload.pp=1',
  'workload.dp=1',
  'workload.sequenceParallel=on',
  'workload.tensorOverlap=off',
];
const KERNELS = ['compute.hostLaunchUs=0', 'compute.kernelOverheadUs=0', `compute.memoryEfficiency=${EFFICIENCY}`];

/** What copies take in a step of one micro-batch, us. */
function copiedUs(sequences: number, ...set: string[]): number {
  const timeUs = (layout: string) => {
    const given = [
      `workload.batch=${sequences}`,
      `workload.microBatch=${sequences}`,
      `workload.tensorLayout=${layout}`,
    ];
    const { workload, tiers, fixed } = compileDesign(
      loadDefault('dgx-h100', 'gpt3-13b', [...JOB, ...KERNELS, 'workload.recomputation=none', ...given, ...set]),
    );
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(workload, tiers)(fixed, outputs, 0);
    return outputs[OUTPUT.timeUs]!;
  };
  return timeUs('batchOutermost') - timeUs('sequenceOutermost');
}

/** One pass over what all ranks have of a sequence, 2,048 tokens of 5,120 values in half precision, us. */
const PASS_US = (2048 * 5120 * 2) / (3350e3 * EFFICIENCY);
/** Gathers, and reductions, of 40 layers: two and two, backward three and two of those and as many again; of the head and the embedding. */
const GATHERS = 40 * 6 + 3;
const SCATTERS = 40 * 4 + 2;

it('each collective of several sequences reads and writes its buffer once more, at the bandwidth of the memory', () => {
  const passes = copiedUs(4) / PASS_US / 4;
  expect(passes / 2).toBeCloseTo(GATHERS + SCATTERS, -1);
});

it('does so however fast other element-wise kernels are', () => {
  expect(copiedUs(4, 'compute.elementwiseShare=0.25')).toBeCloseTo(copiedUs(4), 0);
});

it('pieces that travel beside products are copied where they are summed alone', () => {
  const passes = copiedUs(4, 'workload.tensorOverlap=on', 'workload.tensorPipelining=0') / PASS_US / 4;
  expect(passes / 2).toBeCloseTo(SCATTERS, -1);
});

it.each([
  ['one sequence', 1, []],
  ['ranks that have all themselves', 4, ['workload.tp=1', 'workload.dp=8', 'workload.batch=32']],
  ['partial sums that are reduced whole', 4, ['workload.sequenceParallel=off']],
])('nothing is copied of %s', (_, sequences, set) => {
  expect(copiedUs(sequences, ...set)).toBe(0);
});
