import { expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { SLOT } from '../../psa/parameters.js';
import { listPresets } from '../../psa/presets.js';
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { createSimulator } from '../simulate.js';

const JOB = ['system.npus=8', 'workload.tp=1', 'workload.dp=8', 'workload.batch=8', 'workload.rotaryKernel=operations'];

function stepUs(memoryEfficiency: number, elementwiseShare: number): number {
  const set = [`compute.memoryEfficiency=${memoryEfficiency}`, `compute.elementwiseShare=${elementwiseShare}`];
  const { workload, tiers, fixed } = compileDesign(
    loadDefault('h100-sxm', 'llama3-8b', [...JOB, ...set, 'network.reductionShare=1', 'compute.lossEfficiency=0.9']),
  );
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  return outputs[OUTPUT.timeUs]!;
}

it('a share of what kernels of the machine reach is as if these reached so much less', () => {
  expect(stepUs(0.8, 0.5)).toBe(stepUs(0.4, 1));
  expect(stepUs(0.8, 0.5)).toBeGreaterThan(stepUs(0.8, 0.6));
});

it('what kernels of a machine reach of its memory is its own under every framework but one for inference', () => {
  const efficiencyOn = (machine: string, software?: string) =>
    compileDesign(loadDefault(machine, 'llama3-8b', ['system.npus=8'], undefined, software)).fixed[
      SLOT.compute.memoryEfficiency
    ];
  for (const software of listPresets('software').filter((name) => name !== 'tensorrt-llm')) {
    for (const machine of ['h100-sxm', 'b200']) expect(efficiencyOn(machine, software)).toBe(efficiencyOn(machine));
  }
});
