import { expect, test } from 'vitest';
import { OUTPUT, OUTPUT_COUNT } from '../kernels/outputs.js';
import { createSimulator } from '../kernels/simulate.js';
import { compileDesign, loadDefault } from '../psa/index.js';

// Published of 1,024 H100 in fp8 with attention in 16 bits: a step of four sequences of 1,048,576 tokens takes 6.6 s, or 13.2 s if
// the rate that was published counts what a causal mask leaves out.
test("a million tokens of Llama 2 7B: nearly all of a step is attention, at its kernel's measured efficiency", () => {
  const set = [
    'system.npus=1024',
    'workload.tp=8',
    'workload.pp=1',
    'workload.sp=32',
    'workload.dp=4',
    'model.seq=1048576',
  ].concat(['batch=4', 'weightSharding=zero1', 'recomputation=none'].map((one) => `workload.${one}`));
  const { workload, tiers, fixed } = compileDesign(loadDefault('dgx-h100', 'llama2-7b', set));
  const outputs = new Float64Array(OUTPUT_COUNT);
  createSimulator(workload, tiers)(fixed, outputs, 0);
  expect(outputs[OUTPUT.timeUs]! / 1e6).toBeGreaterThan(6.6);
  expect(outputs[OUTPUT.timeUs]! / 1e6).toBeLessThan(13.2);
});
