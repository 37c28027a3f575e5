import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

/** Time of the optimiser, us, gradients and moments in as many bytes as are said. */
function optimizerUs(kernel: string, bytes: number, master: number): number {
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('dgx-h100', 'gpt3-13b', [
      ...['system.npus=8', 'workload.tp=1', 'workload.pp=1', 'workload.dp=8', 'workload.weightSharding=none'],
      ...['compute.memoryEfficiency=1', 'compute.elementwiseShare=1', `workload.optimizerKernel=${kernel}`],
      ...[
        `workload.mainGradientBytes=${bytes}`,
        `workload.momentBytes=${bytes}`,
        `workload.masterWeightBytes=${master}`,
      ],
    ]),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.optimizerUs]!;
}

it('Adam in one kernel moves its state once, in one for each operation two and a half times as much', () => {
  const times = (bytes: number, master: number) =>
    optimizerUs('unfused', bytes, master) / optimizerUs('fused', bytes, master);
  expect(times(2, 0)).toBeCloseTo(36 / 14, 3);
  expect(times(4, 4)).toBeCloseTo(74 / 30, 3);
});
