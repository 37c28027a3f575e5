import { expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../psa/index.js';
import { explain } from './explain.js';

test.each([
  ['dgx-h100', 50 * 0.97],
  ['dgx-a100', 25 * 0.97],
])('%s exchanges tokens as NCCL does: a byte passes the network card once', (system, cardGBps) => {
  const set = ['system.npus=64', 'workload.tp=1', 'workload.pp=1', 'workload.ep=64', 'model.experts=64'];
  const space = compileDesign(loadDefault(system, 'mixtral-8x7b', set));
  const [graph] = explain(space.workload, space.tiers, space.fixed);
  const dispatch = graph!.operations.find(({ name }) => name === 'dispatch tokens')!;
  // Of a buffer for 64 NPUs, 7 of 8 parts leave the node, and 7 of 8 the NPU; chunks overlap the two.
  const cardMs = (7 / 8) * (dispatch.sizeMB / cardGBps);
  const tookMs = (dispatch.endUs - dispatch.startUs) / 1000;
  expect(tookMs).toBeGreaterThan(cardMs);
  expect(tookMs).toBeLessThan(1.25 * cardMs);
});
