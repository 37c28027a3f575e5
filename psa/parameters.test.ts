import { expect, it } from 'vitest';
import { CODE, MAX_DIMENSIONS, PARAMETERS, SLOT, SLOT_COUNT, slotOf } from './parameters.js';

it('slots are dense and do not overlap', () => {
  const taken = PARAMETERS.flatMap(({ slot, perDimension }) =>
    Array.from({ length: perDimension ? MAX_DIMENSIONS : 1 }, (_, d) => slot + d),
  );
  expect(taken).toEqual(Array.from({ length: SLOT_COUNT }, (_, slot) => slot));
});

it('the algorithms of single collectives follow one another, as the kernels index them', () => {
  const { allReduceAlgorithm, allGatherAlgorithm, reduceScatterAlgorithm, allToAllAlgorithm } = SLOT.collective;
  expect([allGatherAlgorithm, reduceScatterAlgorithm, allToAllAlgorithm]).toEqual(
    [1, 2, 3].map((kind) => allReduceAlgorithm + MAX_DIMENSIONS * kind),
  );
});

it('the tables of slots and codes say what the rows say', () => {
  expect(SLOT.network.bandwidthGBps).toBe(slotOf('network.bandwidthGBps'));
  expect(CODE.network.topology).toEqual({ Ring: 0, Switch: 1, FullyConnected: 2, Torus2D: 3, Torus3D: 4 });
  expect(CODE.workload.axisOrder['tp-sp-ep-dp-pp']).toBe(0o43210);
});

it.each(PARAMETERS)('$name: bounds hold its neutral value, and what it changes fits its kind', (parameter) => {
  const { neutral, categories, min, max, changes, perDimension, nameOfZero } = parameter;
  if (typeof neutral === 'object') {
    const { value } = neutral;
    const number = typeof value === 'string' ? categories?.get(value) : value;
    expect(number).toBeGreaterThanOrEqual(min);
    expect(number).toBeLessThanOrEqual(max);
  }
  if (changes === 'links' || changes === 'dimension') expect(perDimension).toBe(true);
  if (nameOfZero !== undefined) expect(min).toBe(0);
});
