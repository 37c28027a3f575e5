import { expect, it } from 'vitest';
import { OUTPUT, OUTPUT_COUNT } from '../../kernels/outputs.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { SLOT, SLOT_COUNT } from '../../psa/parameters.js';
import { designEvaluator } from '../designs/designs.js';
import { capacityText, memoryUse, verdictText } from './memoryUse.js';

function useOf(usedGB: number, capacityGB: number, reserveGB: number) {
  const design = new Float64Array(SLOT_COUNT);
  design[SLOT.compute.memoryCapacityGB] = capacityGB;
  design[SLOT.compute.reserveGB] = reserveGB;
  design[SLOT.compute.programShare] = 1;
  const outputs = new Float64Array(OUTPUT_COUNT);
  outputs[OUTPUT.reservedMB] = usedGB * 1000;
  return memoryUse({ design, outputs });
}

it.each([
  [79.3, 80, true],
  [73.7, 80, true],
  [73.5, 80, false],
])('%d of %d GB is worth a word: %s', (used, capacity, tight) => {
  expect(useOf(used, capacity, 0).tight).toBe(tight);
});

it('names the reserve beside the capacity', () => {
  expect(capacityText(useOf(1, 85, 2))).toBe('85 GB, of which 2 stay in reserve');
  expect(capacityText(useOf(1, 24, 0))).toBe('24 GB');
});

it('a program that takes a share of the memory leaves the rest, or the reserve, whichever is more', () => {
  const space = (share: number) =>
    compileDesign(loadDefault('b200', 'llama3-8b', ['system.npus=8', `compute.programShare=${share}`]));
  const useAt = (share: number) => memoryUse(designEvaluator(space(share))(space(share).fixed));
  // 191.5 GB, of which 2 stay in reserve.
  expect(useAt(0.75).reserveMB).toBeCloseTo(0.25 * 191.5e3, 3);
  expect(useAt(0.995).reserveMB).toBeCloseTo(2000, 3);
  expect(useAt(0.75).leftMB).toBeCloseTo(0.75 * 191.5e3 - useAt(0.75).usedMB, 3);
});

it("PyTorch's loss over 32,768 tokens of Llama 3 8B: 83.9 GiB were measured (torchtitan, FSDP over 8 GPUs)", () => {
  const space = compileDesign(
    loadDefault('dgx-h100', 'llama3-8b', [
      'system.npus=8',
      ...['tp=1', 'pp=1', 'dp=8', 'weightSharding=zero3', 'sequenceParallel=off', 'recomputation=full', 'batch=8'].map(
        (text) => `workload.${text}`,
      ),
      'model.seq=32768',
    ]),
  );
  const evaluated = designEvaluator(space)(space.fixed);
  expect(Math.abs(evaluated.outputs[OUTPUT.memoryMB]! / (83.9 * 1073.741824) - 1)).toBeLessThan(0.05);
  expect(verdictText(space, evaluated)).toMatch(/^does not fit: 6\.\d+ GB too much, most of it loss \(59\.\d+ GB\)$/);
});

it('says what is left, and where the most is', () => {
  const text = (...set: string[]): string => {
    const space = compileDesign(loadDefault('dgx-h100', 'llama3-70b', ['system.npus=64', 'workload.pp=2', ...set]));
    return verdictText(space, designEvaluator(space)(space.fixed));
  };
  expect(text()).toMatch(/^does not fit: 1\d\.\d+ GB too much on the first stage, most of it optimizer state/);
  expect(text('compute.memoryCapacityGB=107')).toMatch(/^tight, with 3\.\d+ GB to spare on the first stage/);
  expect(text('compute.memoryCapacityGB=192')).toMatch(/^fits, with 8\d\.\d+ GB to spare$/);
});
