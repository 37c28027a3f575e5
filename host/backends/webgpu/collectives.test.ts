import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Plan, planCollective, planNs, type Stop } from '../../../kernels/astra/collective/collective.js';
import { Members } from '../../../kernels/astra/collective/members.js';
import { linkBytesPerNs, type System } from '../../../kernels/astra/collective/message.js';
import { algorithmNamed } from '../../../kernels/astra/collective/phase.js';
import { ALGORITHM } from '../../../kernels/collective/phase.js';
import { TOPOLOGY } from '../../../kernels/network/network.js';
import { COLLECTIVE } from '../../../kernels/workload/operation.js';
import { packageRoot } from '../../../psa/packageRoot.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { validateCollectivesOnGpu } from '../../validate/collectives.js';
import { collectiveTimes } from './collectives.js';

const dimension = fc
  .record({
    topology: fc.constantFrom(...Object.values(TOPOLOGY)),
    npus: fc.constantFrom(2, 4, 8),
    GBps: fc.oneof(fc.constantFrom(25, 50, 100, 375), fc.double({ min: 0.01, max: 1e4, noNaN: true })),
    latencyNs: fc.oneof(fc.constantFrom(0, 20, 500, 1700), fc.double({ min: 1e-3, max: 1e6, noNaN: true })),
    algorithms: fc.array(
      fc
        .constantFrom('ring', 'direct', 'direct2', 'halvingDoubling', 'doubleBinaryTree')
        .map((name) => algorithmNamed(name)),
      { minLength: 4, maxLength: 4 },
    ),
  })
  .map(({ GBps, ...rest }) => ({ ...rest, bytesPerNs: linkBytesPerNs(GBps) }));

const systems: fc.Arbitrary<System> = fc
  .record({
    dimensions: fc.array(dimension, { minLength: 1, maxLength: 3 }),
    chunks: fc.constantFrom(1, 3, 4, 16),
    activeChunks: fc.constantFrom(1, 2, 4),
    queues: fc.constantFrom(1, 2, 3),
    localBandwidthAware: fc.boolean(),
    endpointNs: fc.constantFrom(1, 10, 100),
    memoryBandwidth: fc.oneof(fc.constantFrom(0, 5e10, 2e12), fc.double({ min: 1e9, max: 1e14, noNaN: true })),
    peak: fc.constant(1),
  })
  .map((system) => ({ ...system, npus: system.dimensions.reduce((product, { npus }) => product * npus, 1) }));

const plans: fc.Arbitrary<Plan | Stop> = fc
  .record({
    system: systems,
    kind: fc.constantFrom(...Object.values(COLLECTIVE)),
    bytes: fc.oneof(
      fc.integer({ min: 2 ** 10, max: 2 ** 44 }),
      fc.integer({ min: 10, max: 44 }).map((n) => 2 ** n),
    ),
    part: fc.constantFrom(1, 2, 4),
    irregular: fc.boolean(),
  })
  .map(({ system, kind, bytes, part, irregular }) => {
    // A list of one algorithm, which a group runs whatever its members.
    if (irregular) {
      const dimensions = system.dimensions.map((own, d) => (d === 0 ? own : { ...own, algorithms: [] }));
      const members = [0, 1, 5, 7, 2, 3, 4].filter((npu) => npu < system.npus).slice(0, 4);
      return planCollective({ ...system, dimensions }, new Members(members), kind, bytes);
    }
    const size = Math.max(2, Math.floor(system.npus / part));
    const stride = Math.floor(system.npus / size);
    const members = Array.from({ length: size }, (_, i) => i * stride);
    return planCollective(system, new Members(members), kind, bytes);
  });

/** Two dimensions of trees, whose NPUs take the chunks in different orders. */
function deadlock(): Plan | Stop {
  const trees = new Array<number>(4).fill(ALGORITHM.doubleBinaryTree);
  const link = { topology: TOPOLOGY.switch, bytesPerNs: linkBytesPerNs(100), latencyNs: 500, algorithms: trees };
  const direct = { ...link, topology: TOPOLOGY.fullyConnected, npus: 2, algorithms: [1, 1, 1, 1] };
  const system = {
    dimensions: [{ ...link, npus: 8 }, { ...link, npus: 4 }, direct],
    npus: 64,
    chunks: 16,
    activeChunks: 1,
    queues: 1,
    localBandwidthAware: true,
    endpointNs: 10,
    memoryBandwidth: 1e12,
    peak: 1,
  };
  const everybody = Array.from({ length: 64 }, (_, npu) => npu);
  return planCollective(system, new Members(everybody), COLLECTIVE.allReduce, 2 ** 20);
}

describe.skipIf(!(await webgpuAvailable()))('collectives in WGSL', () => {
  test.each([
    ['collectives', 364],
    ['collectives-edge', 121],
  ])('are the program to the nanosecond in %s, with the same that do not finish', async (file, cases) => {
    const results = await validateCollectivesOnGpu(join(packageRoot, `test/data/astra-sim/${file}.json`));
    expect(results.cases).toBe(cases);
    expect(results.exact).toBe(cases);
  });

  test('are their f64 twins on random systems, deadlocks too', async () => {
    const sample = [deadlock(), ...fc.sample(plans, { numRuns: 400, seed: 1 })].flatMap((plan) =>
      'stop' in plan ? [] : plan,
    );
    const { times } = await collectiveTimes(sample);
    const expected = sample.map(planNs);
    expect(expected[0]).toBeUndefined();
    expect(sample.filter((plan) => 'replay' in plan).length).toBeGreaterThan(10);
    expect(expected.some((time) => time !== undefined && time > 2 ** 32)).toBe(true);
    expect(times).toEqual(expected);
  });
});
