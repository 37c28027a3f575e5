import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALGORITHM } from '../../collective/phase.js';
import { TOPOLOGY } from '../../network/network.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { chunksOf } from './chunks.js';
import { groupNs, type Plan, planCollective, planNs } from './collective.js';
import { Members } from './members.js';
import { linkBytesPerNs, messageNs, reductionNs, routeNs, type System } from './message.js';
import { algorithmNamed } from './phase.js';
import { treesOf } from './tree.js';

const { allReduce, allGather, reduceScatter, allToAll } = COLLECTIVE;

interface Choice {
  readonly topology: number;
  readonly npus: number;
  readonly algorithm: number;
}

function systemOf(choices: readonly Choice[], changes: Partial<System> = {}): System {
  return {
    dimensions: choices.map(({ topology, npus, algorithm }) => ({
      topology,
      npus,
      bytesPerNs: linkBytesPerNs(100),
      latencyNs: 500,
      algorithms: [algorithm, algorithm, algorithm, algorithm],
    })),
    npus: choices.reduce((product, { npus }) => product * npus, 1),
    chunks: 4,
    activeChunks: 1,
    queues: 1,
    localBandwidthAware: true,
    endpointNs: 10,
    memoryBandwidth: 1e12,
    peak: 1e14,
    ...changes,
  };
}

const ring = (npus: number): Choice => ({ topology: TOPOLOGY.ring, npus, algorithm: ALGORITHM.ring });
const tree = (npus: number): Choice => ({ topology: TOPOLOGY.switch, npus, algorithm: ALGORITHM.doubleBinaryTree });
const MB = 2 ** 20;

/** Time of a collective over all NPUs; undefined where it does not end. */
function allNpusNs(system: System, kind: number, bytes: number): number | undefined {
  const everybody = Array.from({ length: system.npus }, (_, npu) => npu);
  const time = groupNs(system, new Members(everybody), kind, bytes);
  return typeof time === 'number' ? time : undefined;
}

const choice = fc.record({
  topology: fc.constantFrom(...Object.values(TOPOLOGY)),
  npus: fc.constantFrom(2, 4, 8),
  algorithm: fc.constantFrom(ALGORITHM.ring, ALGORITHM.direct, ALGORITHM.halvingDoubling),
});

describe('messages', () => {
  test('are charged in the innermost dimension in which their ends differ', () => {
    const system = systemOf([ring(4), ring(4)]);
    expect(routeNs(system, 0, 5, MB)).toBe(routeNs(system, 0, 1, MB));
    expect(routeNs(system, 0, 2, MB)).toBe(messageNs(system.dimensions[0]!, 2, MB));
    expect(routeNs(system, 0, 3, MB)).toBe(routeNs(system, 0, 1, MB));
    expect(routeNs(system, 3, 3, MB)).toBe(0);
  });

  test('GB/s of a link are GiB/s', () => {
    expect(linkBytesPerNs(1)).toBe(1.073741824);
  });

  test('reduction without a memory bandwidth takes no time', () => {
    expect(reductionNs(systemOf([ring(2)], { memoryBandwidth: 0 }), MB)).toBe(0);
    expect(reductionNs(systemOf([ring(2)]), 1e6)).toBe(3000);
  });
});

describe('chunks', () => {
  test('a size that is no multiple costs one more whole chunk', () => {
    expect(chunksOf(systemOf([ring(4)]), allReduce, 4 * MB)).toEqual({ count: 4, bytes: MB });
    expect(chunksOf(systemOf([ring(4)]), allReduce, 4 * MB + 1)).toEqual({ count: 5, bytes: MB });
  });

  test('are at least as large as there are NPUs, but those of an all-gather', () => {
    expect(chunksOf(systemOf([ring(8)]), allReduce, 16)).toEqual({ count: 4, bytes: 8 });
    expect(chunksOf(systemOf([ring(8)]), allGather, 16)).toEqual({ count: 4, bytes: 4 });
    expect(chunksOf(systemOf([ring(8)]), allGather, 3)).toBeUndefined();
  });
});

describe('a collective', () => {
  test('by an algorithm that ASTRA-sim does not have is not taken for another one, in groups neither', () => {
    const other: Choice = { topology: TOPOLOGY.ring, npus: 4, algorithm: ALGORITHM.topology };
    for (const [system, members] of [
      [systemOf([other]), [0, 1, 2, 3]],
      [systemOf([other]), [0, 1]],
      [systemOf([other, ring(4)]), [0, 1]],
    ] as const) {
      expect(groupNs(system, new Members([...members]), COLLECTIVE.allReduce, MB)).toEqual({
        stop: 'an algorithm that ASTRA-sim does not have',
      });
    }
  });

  test('over a ring is the sum of its messages', () => {
    const system = systemOf([ring(4)], { chunks: 1 });
    const dimension = system.dimensions[0]!;
    const step = messageNs(dimension, 1, MB / 4) + 10;
    const reduction = reductionNs(system, MB / 4);
    expect(allNpusNs(system, reduceScatter, MB)).toBe(10 + 3 * (step + reduction));
    expect(allNpusNs(system, allReduce, MB)).toBe(10 + 6 * step + 3 * reduction);
    expect(allNpusNs(system, allGather, MB / 4)).toBe(10 + 3 * step);
    expect(allNpusNs(system, allToAll, MB)).toBe(10 + 6 * step);
  });

  test('a window as wide as the peers is the direct algorithm, a narrower one is not faster', () => {
    const of = (name: string, kind: number) =>
      allNpusNs(systemOf([{ topology: TOPOLOGY.ring, npus: 8, algorithm: algorithmNamed(name)! }]), kind, MB)!;
    for (const kind of [allReduce, allGather, reduceScatter, allToAll]) {
      expect(of('direct7', kind)).toBe(of('direct', kind));
      expect(of('direct2', kind)).toBeGreaterThan(of('direct', kind));
    }
  });

  test('over a group of all NPUs is that over all NPUs', () => {
    const system = systemOf([ring(4), ring(2)]);
    expect(groupNs(system, new Members([0, 1, 2, 3, 4, 5, 6, 7]), allReduce, MB)).toBe(
      allNpusNs(system, allReduce, MB),
    );
    expect(groupNs(system, new Members([5]), allReduce, MB)).toBe(0);
  });

  test('chunks in the queues of several dimensions overlap, but no more than the longest station lets them', () => {
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 1, 2), (choices, kind) => {
        const one = allNpusNs(systemOf(choices, { chunks: 1 }), kind, MB)!;
        const four = allNpusNs(systemOf(choices, { chunks: 4 }), kind, 4 * MB)!;
        const unbounded = allNpusNs(systemOf(choices, { chunks: 4, activeChunks: 4 }), kind, 4 * MB)!;
        expect(four).toBeGreaterThanOrEqual(one);
        expect(four).toBeLessThanOrEqual(4 * one);
        expect(unbounded).toBe(one);
      }),
    );
  });

  test('numbers beyond 32 bits stay whole nanoseconds', () => {
    const time = allNpusNs(systemOf([ring(16)], { chunks: 1 }), allReduce, 2 ** 44)!;
    expect(time).toBeGreaterThan(2 ** 32);
    expect(Number.isSafeInteger(time)).toBe(true);
  });

  test('chunks that wait for one another for ever have no time', () => {
    const dimensions = [
      { topology: TOPOLOGY.switch, npus: 8, algorithm: ALGORITHM.doubleBinaryTree },
      { topology: TOPOLOGY.switch, npus: 4, algorithm: ALGORITHM.doubleBinaryTree },
      { topology: TOPOLOGY.fullyConnected, npus: 2, algorithm: ALGORITHM.direct },
    ];
    expect(allNpusNs(systemOf(dimensions, { chunks: 16 }), allReduce, MB)).toBeUndefined();
    expect(allNpusNs(systemOf(dimensions, { chunks: 1 }), allReduce, MB)).toBeGreaterThan(0);
  });

  test('of halving-doubling with an odd size comes back with less than it went', () => {
    // Switch of 4, 12 bytes at 1 GB/s: 6 and 3 bytes there, 2 and 4 back, as the program prints it; 4 bytes leave it none.
    const links = { topology: TOPOLOGY.switch, npus: 4, bytesPerNs: linkBytesPerNs(1), latencyNs: 500 };
    const dimension = { ...links, algorithms: [2, 2, 2, 2].map(() => ALGORITHM.halvingDoubling) };
    const system = systemOf([], { dimensions: [dimension], npus: 4, chunks: 1, memoryBandwidth: 0 });
    expect(allNpusNs(system, allReduce, 12)).toBe(10 + 4 * 10 + 1005 + 1002 + 1001 + 1003);
    expect(groupNs(system, new Members([0, 1, 2, 3]), allReduce, 4)).toMatchObject({
      stop: expect.stringContaining('no bytes'),
    });
  });

  test('members that are followed one by one end as those that one stands for', () => {
    const everywhere = fc.record({
      algorithm: fc.constantFrom(ALGORITHM.direct, ALGORITHM.halvingDoubling, algorithmNamed('direct2')!),
      kind: fc.constantFrom(allReduce, allGather, reduceScatter),
      topology: fc.constantFrom(TOPOLOGY.switch, TOPOLOGY.fullyConnected),
      queues: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(everywhere, ({ algorithm, kind, topology, queues }) => {
        const system = systemOf([{ topology, npus: 16, algorithm }], { queues, activeChunks: 2 });
        const [alike, shuffled] = [
          [0, 2, 4, 6],
          [4, 0, 6, 2],
        ].map((members) => planCollective(system, new Members(members), kind, MB + 1));
        expect(alike).toHaveProperty('shop');
        expect(shuffled).toHaveProperty('replay');
        expect(planNs(shuffled as Plan)).toBe(planNs(alike as Plan));
      }),
    );
  });

  test('what the program cannot run has no time', () => {
    const odd = { topology: TOPOLOGY.switch, npus: 6, algorithm: ALGORITHM.halvingDoubling };
    expect(allNpusNs(systemOf([odd]), allReduce, MB)).toBeUndefined();
    const exchange = { topology: TOPOLOGY.switch, npus: 8, algorithm: ALGORITHM.halvingDoubling };
    expect(allNpusNs(systemOf([exchange]), allToAll, MB)).toBeUndefined();
  });
});

describe('double binary trees', () => {
  test('have one root, at the last and at the first NPU, and reach everybody', () => {
    for (const npus of [2, 4, 8, 16]) {
      const [last, first] = treesOf(npus);
      expect(last!.parent.indexOf(-1)).toBe(npus - 1);
      expect(first!.parent.indexOf(-1)).toBe(0);
      for (const { parent, children } of [last!, first!]) {
        expect(parent.filter((place) => place < 0)).toHaveLength(1);
        expect(children.flat().sort((a, b) => a - b)).toHaveLength(npus - 1);
        children.forEach((own, place) => {
          for (const child of own) expect(parent[child]).toBe(place);
        });
      }
    }
  });

  test('one chunk goes up and down the tree', () => {
    const system = systemOf([tree(8)], { chunks: 1 });
    const message = messageNs(system.dimensions[0]!, 2, MB);
    const reduction = 10 + reductionNs(system, MB);
    expect(allNpusNs(system, allReduce, MB)).toBe(2 * 10 + 2 * 3 * message + 5 * reduction);
  });

  test('two chunks take less than twice as long: nodes that have ended begin the next one', () => {
    const one = allNpusNs(systemOf([tree(8)], { chunks: 1 }), allReduce, MB)!;
    const two = allNpusNs(systemOf([tree(8)], { chunks: 2 }), allReduce, 2 * MB)!;
    expect(two).toBeGreaterThan(one);
    expect(two).toBeLessThan(2 * one);
  });
});
