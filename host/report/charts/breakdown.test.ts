import { expect, it } from 'vitest';
import { OUTPUT, OUTPUT_COUNT } from '../../../kernels/outputs.js';
import { breakdownChart } from './breakdown.js';

function memoryAxis(usedGB: number, capacityGB: number) {
  const outputs = new Float64Array(OUTPUT_COUNT);
  outputs[OUTPUT.memoryMB] = usedGB * 1000;
  outputs[OUTPUT.weightsMB] = usedGB * 1000;
  const { option } = breakdownChart('memoryMB', [{ name: 'best', outputs }], '', [capacityGB * 1000]);
  return option.xAxis as { max?: number; interval?: number };
}

it.each([
  [44, 85, 100, 20],
  [19.4, 24, 25, 5],
  [100, 192, 200, 20],
  [3, 79, 100, 20],
])('with %d of %d GB the axis ends on a tick behind the capacity, at %d', (used, capacity, max, interval) => {
  expect(memoryAxis(used, capacity)).toMatchObject({ max, interval });
});

it('bars that are longer than the capacity have an axis of their own', () => {
  expect(memoryAxis(90, 85).max).toBeUndefined();
});
