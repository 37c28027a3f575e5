import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { Plans } from './plans.js';
import type { StgWorkload } from './schedule/rowTimes.js';

const WORKLOAD: StgWorkload = {
  ...{ dp: 1, tp: 1, cp: 1, pp: 1, sharded: false, tpsp: false, microBatch: 1, batch: 1 },
  ...{ layers: 1000, hidden: 8, ffn: 8, vocab: 8, seq: 8 },
};

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

function heldBytes(): number {
  // What one collection finalises the next one frees.
  for (let i = 0; i < 2; i++) collect();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

test('plans do not hold graphs that are forgotten for others', () => {
  const plans = new Plans();
  const before = heldBytes();
  const all = Array.from({ length: 40 }, (_, i) => plans.of(0, { ...WORKLOAD, layers: 1000 + i }));
  for (const plan of all) plan.packed(true);
  // Some 6 MB of those five that are kept; 50 of all.
  expect(heldBytes() - before).toBeLessThan(20e6);
  // All plans live until here.
  expect(all.length).toBe(40);
});
