import { expect, it } from 'vitest';
import { OUTPUT, OUTPUT_COUNT } from '../../kernels/outputs.js';
import { SLOT, SLOT_COUNT } from '../../psa/parameters.js';
import { capacityText, memoryUse } from './memoryUse.js';

function useOf(usedGB: number, capacityGB: number, reserveGB: number) {
  const design = new Float64Array(SLOT_COUNT);
  design[SLOT.compute.memoryCapacityGB] = capacityGB;
  design[SLOT.compute.reserveGB] = reserveGB;
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
