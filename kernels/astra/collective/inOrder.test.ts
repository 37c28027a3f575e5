import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALGORITHM } from '../../collective/phase.js';
import { TOPOLOGY } from '../../network/network.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { planCollective } from './collective.js';
import { flowShopNs } from './flowShop.js';
import { inOrderNs, keepsOrder } from './inOrder.js';
import { Members } from './members.js';
import type { System } from './message.js';
import { algorithmNamed } from './phase.js';

const { ring, direct, halvingDoubling, doubleBinaryTree } = ALGORITHM;

const dimension = fc
  .record({
    topology: fc.constantFrom(...Object.values(TOPOLOGY)),
    npus: fc.constantFrom(2, 4, 8),
    algorithm: fc.oneof(
      fc.constant(doubleBinaryTree),
      fc.constantFrom(ring, direct, halvingDoubling, algorithmNamed('direct2')!),
    ),
    // Small numbers, so that events often meet.
    bytesPerNs: fc.constantFrom(1, 2, 64),
    latencyNs: fc.nat(3),
  })
  .map(({ algorithm, ...rest }) => ({ ...rest, algorithms: Array.from({ length: 4 }, () => algorithm) }));

const systems = fc
  .record({
    dimensions: fc.array(dimension, { minLength: 1, maxLength: 3 }),
    chunks: fc.integer({ min: 1, max: 6 }),
    queues: fc.constantFrom(1, 1, 2, 3),
    localBandwidthAware: fc.boolean(),
    endpointNs: fc.nat(3),
    memoryBandwidth: fc.constantFrom(0, 1e9, 1e11),
  })
  .map((system): System => {
    const npus = system.dimensions.reduce((product, each) => product * each.npus, 1);
    return { ...system, npus, activeChunks: 1, peak: 1e12 };
  });

test('chunks that keep their order end as those whose events are queued', () => {
  let trees = 0;
  fc.assert(
    fc.property(
      systems,
      fc.constantFrom(...Object.values(COLLECTIVE)),
      fc.integer({ min: 1, max: 3000 }),
      (system, kind, bytes) => {
        const everybody = Array.from({ length: system.npus }, (_, npu) => npu);
        const plan = planCollective(system, new Members(everybody), kind, bytes);
        if (!('shop' in plan) || !keepsOrder(plan.shop)) return;
        trees += Number(plan.shop.phases.some(({ algorithm }) => algorithm === doubleBinaryTree));
        expect(inOrderNs(plan.shop)).toBe(flowShopNs(plan.shop));
      },
    ),
    { numRuns: 1500, seed: 1 },
  );
  expect(trees).toBeGreaterThan(200);
});
