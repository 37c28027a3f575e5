import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../psa/packageRoot.js';
import { type ParameterName, slotOf } from '../../psa/parameters.js';
import { dimension, networkState, tpCollectiveUs } from '../../test/collectiveState.js';
import { readNetwork, TOPOLOGY } from '../network/network.js';
import { COLLECTIVE } from '../workload/operation.js';
import { ALGORITHM } from './phase.js';
import { treeLinks } from './trees.js';

describe('switches that reduce', () => {
  const node = dimension(TOPOLOGY.switch, 8, ALGORITHM.ring, 100, 0);
  const rail = (nodes: number) => dimension(TOPOLOGY.switch, nodes, ALGORITHM.ring, 10, 0);
  const allReduceUs = (nodes: number, scalars: Partial<Record<ParameterName, number>>) =>
    tpCollectiveUs(
      networkState([node, rail(nodes)], 8 * nodes, { 'collective.multiDimensional': 2, ...scalars }),
      0,
      800,
    );

  test('carry an all-reduce (n + 1)/n times instead of 2 (n − 1)/n times', () => {
    expect(allReduceUs(1, {})).toBeCloseTo(2 * (7 / 8) * 8000, 3);
    expect(allReduceUs(1, { 'network.inSwitchEfficiency': 0.9 })).toBeCloseTo(((9 / 8) * 8000) / 0.9, 3);
    // Slower than a ring: it is not taken.
    expect(allReduceUs(1, { 'network.inSwitchEfficiency': 0.5 })).toBeCloseTo(2 * (7 / 8) * 8000, 3);
  });

  test('let two nodes send each other every byte once', () => {
    expect(allReduceUs(2, {})).toBeCloseTo((2 * (15 / 16) * 80_000) / 8, 3);
    // Up and down a tree go large pieces, of each GPU its own.
    const treesUs = (levels: number) => 2 * levels * (28 + 8 * 6);
    expect(allReduceUs(2, { 'network.inSwitchEfficiency': 0.9 })).toBeCloseTo(80_000 / 8 + treesUs(1), 3);
    // Of four nodes one has children: it sends nearly what a ring does, later.
    expect(allReduceUs(4, { 'network.inSwitchEfficiency': 0.9 })).toBeCloseTo((2 * (31 / 32) * 80_000) / 8, 3);
  });

  test('help no ring over several nodes, whose chains pass every GPU', () => {
    // Between fast nodes the links inside bound a ring, and trees whose nodes give as often as they send.
    const fast = (nodes: number) => dimension(TOPOLOGY.switch, nodes, ALGORITHM.ring, 1000, 0);
    const us = (nodes: number) =>
      tpCollectiveUs(
        networkState([node, fast(nodes)], 8 * nodes, {
          'collective.multiDimensional': 2,
          'network.inSwitchEfficiency': 0.9,
        }),
        COLLECTIVE.allReduce,
        8000,
      );
    expect(us(2)).toBeCloseTo(((9 / 8) * 80_000) / 0.9 + 2 * (28 + 8 * 6), 3);
    expect(us(4)).toBeCloseTo(2 * (31 / 32) * 80_000, 3);
  });

  test('between nodes reduce in one level, and nodes give once', () => {
    const s = networkState([node, rail(16)], 128, {
      'collective.multiDimensional': 2,
      'network.inSwitchEfficiency': 0.9,
    });
    s.design[slotOf('network.inSwitchEfficiency') + 1] = 0.8;
    readNetwork(s);
    expect(tpCollectiveUs(s, COLLECTIVE.allReduce, 800)).toBeCloseTo(80_000 / 8 / 0.8 + 2 * (28 + 8 * 6), 3);
  });
});

describe('trees over nodes', () => {
  const node = (linkGBps: number) => dimension(TOPOLOGY.switch, 8, ALGORITHM.ring, linkGBps, 0);
  const rail = (nodes: number) => dimension(TOPOLOGY.switch, nodes, ALGORITHM.ring, 10, 0);
  // A hop is in and out of a switch: 2 us inside, 20 us between.
  const latencyUs = (nodes: number, npus: number) =>
    tpCollectiveUs(
      networkState(
        [
          dimension(TOPOLOGY.switch, npus, ALGORITHM.ring, 100, 1000),
          dimension(TOPOLOGY.switch, nodes, ALGORITHM.ring, 10, 10_000),
        ],
        npus * nodes,
        { 'collective.multiDimensional': 2, 'network.treeEfficiency': 0.5, 'network.inSwitchEfficiency': 0.9 },
      ),
      COLLECTIVE.allReduce,
      1e-9,
    );
  const us = (nodes: number, nodeGBps: number, pieceUs: number, sizeMB: number, collective = 'allReduce') =>
    tpCollectiveUs(
      networkState([node(nodeGBps), rail(nodes)], 8 * nodes, {
        'collective.multiDimensional': 2,
        'network.messageUs': 0.5,
        'network.pieceUs': pieceUs,
        'network.treeEfficiency': 1,
      }),
      COLLECTIVE[collective as keyof typeof COLLECTIVE],
      sizeMB,
    );

  test('send every byte of an all-reduce once, where a ring sends it nearly twice', () => {
    expect(us(2, 1000, 0, 800)).toBeCloseTo(80_000 / 8, 3);
    expect(us(4, 1000, 0, 800)).toBeCloseTo((2 * (31 / 32) * 80_000) / 8 + 31, 3);
    expect(us(2, 1000, 0, 800, 'allGather')).toBeCloseTo(((15 / 16) * 80_000) / 8 + 15 / 2, 3);
  });

  test('start after a chain in a node and a binary tree over the nodes, up and down', () => {
    expect(latencyUs(2, 8)).toBeCloseTo(2 * (7 * 2 + 20), 3);
    expect(latencyUs(16, 8)).toBeCloseTo(2 * (7 * 2 + 4 * 20), 3);
    expect(latencyUs(10, 1)).toBeCloseTo(2 * 4 * 20, 3);
    // A node alone is a ring.
    expect(latencyUs(1, 8)).toBeCloseTo(2 * 7 * 2, 3);
  });

  test('load the busiest node twice, three nodes once and a half', () => {
    expect([2, 3, 4, 64].map((nodes) => treeLinks(8 * nodes, nodes) * 8)).toEqual([1, 1.5, 2, 2]);
  });

  test('are slower than a ring inside the nodes, and where the first piece has far to go', () => {
    // Chains carry 2 D over a node's links, a ring 2 (n - 1)/n.
    expect(us(2, 10, 0, 800)).toBeCloseTo(2 * (15 / 16) * 80_000 + 15, 3);
    // Pieces cost no more than those of the protocol for large buffers: of trees 28 us a hop, of rings two more posts.
    const ringUs = (sizeMB: number) => {
      const x = (2 * (15 / 16) * 100 * sizeMB) / 8;
      return 15 + x + Math.min(2 * Math.sqrt(30 * 5 * x), 30);
    };
    const treeUs = (sizeMB: number) => {
      const x = (100 * sizeMB) / 8;
      return x + Math.min(2 * Math.sqrt(16 * 5 * x), 16 * 28);
    };
    for (const sizeMB of [0.1, 1, 4, 40, 800]) {
      expect(us(2, 1000, 5, sizeMB)).toBeCloseTo(Math.min(treeUs(sizeMB), ringUs(sizeMB)), 5);
    }
    expect(ringUs(4)).toBeLessThan(treeUs(4));
    expect(treeUs(800)).toBeLessThan(ringUs(800));
  });

  test("are joined by rings whose hops inside take what NVLink does, or a network card's post", () => {
    const gatherUs = (messageUs: number) =>
      tpCollectiveUs(
        networkState(
          [
            dimension(TOPOLOGY.switch, 8, ALGORITHM.ring, 100, 1000),
            dimension(TOPOLOGY.switch, 4, ALGORITHM.ring, 10, 10_000),
          ],
          32,
          { 'collective.multiDimensional': 2, 'network.messageUs': messageUs },
        ),
        COLLECTIVE.allGather,
        1e-9,
      );
    expect(gatherUs(0)).toBeCloseTo(28 * 2 + 3 * 20, 3);
    expect(gatherUs(5)).toBeCloseTo(28 * 5 + 3 * 20, 3);
    expect(gatherUs(50)).toBeCloseTo(31 * 50, 3);
  });
});

describe("NCCL's collectives on H100, as nccl-tests measured them", () => {
  interface Measured {
    readonly collective: string;
    readonly nodes: string;
    readonly gpus_per_node: string;
    readonly bytes: string;
    readonly time_us: string;
  }
  const file = join(packageRoot, 'test/data/collectives/h100.csv');
  const rows = parse<Measured>(readFileSync(file, 'utf8'), { columns: true });
  const kinds: Readonly<Record<string, number>> = {
    all_reduce: COLLECTIVE.allReduce,
    all_gather: COLLECTIVE.allGather,
    reduce_scatter: COLLECTIVE.reduceScatter,
    alltoall: COLLECTIVE.allToAll,
  };

  /** One set of constants: NVLink 4 at 80 % of 450 GB/s, InfiniBand at 98 % of 50 GB/s, a ring's step in two hops. */
  function errorOf({ collective, nodes, gpus_per_node, bytes, time_us }: Measured): number {
    const algorithm = collective === 'alltoall' ? ALGORITHM.direct : ALGORITHM.ring;
    const [npus, groups] = [Number(gpus_per_node), Number(nodes)];
    const dimensions = [
      dimension(TOPOLOGY.switch, npus, algorithm, 450 * 0.8, 365),
      dimension(TOPOLOGY.switch, groups, algorithm, 50 * 0.98, 2300),
    ];
    const s = networkState(dimensions, npus * groups, {
      'collective.multiDimensional': 2,
      'collective.chunks': 4,
      'network.collectiveStartUs': 5.2,
      'network.pieceUs': 3,
      'network.inSwitchEfficiency': 0.87,
      'network.messageUs': 2,
      'network.treeEfficiency': 1,
    });
    return Math.abs(tpCollectiveUs(s, kinds[collective]!, Number(bytes) / 1e6) / Number(time_us) - 1);
  }

  test.each([
    ['inside a node', (nodes: number) => nodes === 1, 0.1],
    ['between nodes', (nodes: number) => nodes > 1, 0.15],
  ])('%s: the median error is at most the third number, nine of ten are within 35 %', (_, has, most) => {
    const errors = rows
      .filter(({ nodes }) => has(Number(nodes)))
      .map(errorOf)
      .sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(25);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThanOrEqual(most);
    expect(errors[Math.floor(errors.length * 0.9)]).toBeLessThanOrEqual(0.35);
  });
});
