import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALGORITHM } from '../../collective/phase.js';
import { TOPOLOGY } from '../../network/network.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { mayWait, planCollective } from './collective.js';
import { type FlowShop, flowShopNs, isTree } from './flowShop.js';
import { inOrderNs, keepsOrder } from './inOrder.js';
import { Members } from './members.js';
import type { System } from './message.js';
import { algorithmNamed } from './phase.js';
import { UNTOLD, wholeTreesNs } from './wholeTrees.js';

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
    latencyNs: fc.oneof(fc.nat(3), fc.nat(1000)),
  })
  .map(({ algorithm, ...rest }) => ({ ...rest, algorithms: Array.from({ length: 4 }, () => algorithm) }));

const systems = fc
  .record({
    dimensions: fc.array(dimension, { minLength: 1, maxLength: 3 }),
    chunks: fc.integer({ min: 1, max: 6 }),
    queues: fc.constantFrom(1, 1, 2, 3),
    localBandwidthAware: fc.boolean(),
    endpointNs: fc.nat(3),
    activeChunks: fc.constantFrom(1, 1, 2, 4),
    memoryBandwidth: fc.constantFrom(0, 1e9, 1e11),
  })
  .map((system): System => {
    const npus = system.dimensions.reduce((product, each) => product * each.npus, 1);
    return { ...system, npus, peak: 1e12 };
  });

const shops = fc
  .record({
    system: systems,
    kind: fc.constantFrom(...Object.values(COLLECTIVE)),
    bytes: fc.integer({ min: 1, max: 3000 }),
  })
  .map(({ system, kind, bytes }): FlowShop | undefined => {
    const everybody = Array.from({ length: system.npus }, (_, npu) => npu);
    const plan = planCollective(system, new Members(everybody), kind, bytes);
    return 'shop' in plan ? plan.shop : undefined;
  })
  .filter((shop) => shop !== undefined);

test('chunks that keep their order end as those whose events are queued', () => {
  let trees = 0;
  fc.assert(
    fc.property(shops.filter(keepsOrder), (shop) => {
      trees += Number(shop.phases.some(isTree));
      expect(inOrderNs(shop)).toBe(flowShopNs(shop));
    }),
    { numRuns: 600, seed: 1 },
  );
  expect(trees).toBeGreaterThan(200);
});

test('trees as a whole end as those whose messages are queued, or tell that their order is not told', () => {
  const seen = { back: 0, deadlocks: 0, untold: 0 };
  fc.assert(
    fc.property(
      shops.filter(({ phases }) => phases.some(isTree)),
      (shop) => {
        const wholeNs = wholeTreesNs(shop);
        seen.untold += Number(wholeNs === UNTOLD);
        if (wholeNs === UNTOLD) return;
        seen.back += Number(!keepsOrder(shop));
        seen.deadlocks += Number(wholeNs === undefined);
        expect(wholeNs).toBe(flowShopNs(shop));
      },
    ),
    { numRuns: 1500, seed: 1 },
  );
  expect(seen.back).toBeGreaterThan(200);
  expect(seen.deadlocks).toBeGreaterThan(0);
  expect(seen.untold).toBeGreaterThan(10);
});

test('chunks that are known not to wait for one another for ever all end', () => {
  const seen = { single: 0, deadlocks: 0 };
  fc.assert(
    fc.property(
      shops.filter((shop) => shop.phases.some(isTree) && !keepsOrder(shop)),
      (shop) => {
        const isEndless = flowShopNs(shop) === undefined;
        if (isEndless) expect(mayWait({ shop })).toBe(true);
        seen.deadlocks += Number(isEndless);
        seen.single += Number(!mayWait({ shop }));
      },
    ),
    { numRuns: 3000, seed: 3 },
  );
  expect(seen.deadlocks).toBeGreaterThan(5);
  expect(seen.single).toBeGreaterThan(300);
});
