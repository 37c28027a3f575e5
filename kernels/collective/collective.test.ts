import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../psa/packageRoot.js';
import { packAxisOrder } from '../../psa/parameters/axes.js';
import { type ParameterName, slotOf } from '../../psa/parameters.js';
import { layAxes, linkCount, readNetwork, TOPOLOGY } from '../network/network.js';
import { createState, type State } from '../state.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP } from '../workload/operation.js';
import { checkChannels, collectiveUs, openChannels, stationBusyUs } from './collective.js';
import { ALGORITHM, algorithmOf, ceilLog2, phase, treeLinks } from './phase.js';

interface Dimension {
  topology: number;
  npus: number;
  /** Of one link. */
  linkGBps: number;
  latencyNs: number;
  algorithm: number;
}

/** A state whose tensor-parallel group is the innermost `tp` NPUs of the given dimensions. */
function networkState(
  dimensions: Dimension[],
  tp: number,
  scalars: Partial<Record<ParameterName, number>> = {},
): State {
  const s = createState({ name: 'none', phases: [] }, [0, 0, 0, 0]);
  const put = (name: ParameterName, value: number, offset = 0) => {
    s.design[slotOf(name) + offset] = value;
  };
  for (let d = 0; d < 4; d++) {
    const { topology, npus, linkGBps, latencyNs, algorithm } = dimensions[d] ?? {
      topology: TOPOLOGY.ring,
      npus: 1,
      linkGBps: 1,
      latencyNs: 0,
      algorithm: ALGORITHM.ring,
    };
    put('network.topology', topology, d);
    put('network.npus', npus, d);
    put('network.bandwidthGBps', linkGBps * linkCount(topology, npus), d);
    put('network.latencyNs', latencyNs, d);
    put('network.efficiency', 1, d);
    put('collective.algorithm', algorithm, d);
    for (const kind of ['allReduce', 'allGather', 'reduceScatter', 'allToAll'] as const) {
      put(`collective.${kind}Algorithm`, ALGORITHM.same, d);
    }
  }
  const npus = dimensions.reduce((product, dimension) => product * dimension.npus, 1);
  for (const name of ['workload.sp', 'workload.ep', 'workload.pp'] as const) put(name, 1);
  put('workload.tp', tp);
  put('workload.dp', npus / tp);
  put('workload.axisOrder', packAxisOrder(['tp', 'sp', 'ep', 'dp', 'pp']));
  // Reductions cost nothing unless a test says so.
  put('compute.memoryBandwidthGBps', 1e12);
  put('compute.memoryEfficiency', 1);
  put('compute.elementwiseShare', 1);
  put('network.reductionShare', 1);
  put('collective.chunks', 1);
  put('collective.multiDimensional', 1);
  for (const [name, value] of Object.entries(scalars)) put(name as ParameterName, value);
  readNetwork(s);
  layAxes(s);
  return s;
}

/** Opens a channel of the tensor-parallel group. */
function openTp(s: State, kind: number): void {
  openChannels(s, 1 << (kind * CHANNEL_GROUPS + GROUP.tp), 1 << GROUP.tp, 1 << GROUP.tp);
}

/** Time of a collective of the tensor-parallel group, us. */
function tpCollectiveUs(s: State, kind: number, sizeMB: number): number {
  openTp(s, kind);
  return collectiveUs(s, kind * CHANNEL_GROUPS + GROUP.tp, sizeMB);
}

function dimension(topology: number, npus: number, algorithm: number, linkGBps = 100, latencyNs = 500): Dimension {
  return { topology, npus, linkGBps, latencyNs, algorithm };
}

describe('against ASTRA-sim, where its rules are physics', () => {
  interface Run {
    id: string;
    comm_size_bytes: number;
    network: { topology: string[]; npus_count: number[]; bandwidth_GBps: number[]; latency_ns: number[] };
    total_npus: number;
    preferred_dataset_splits: number;
    endpoint_delay_ns: number;
    time_ns: number;
    algorithm: (keyof typeof ALGORITHM)[];
  }
  const file = join(packageRoot, 'test/data/astra-sim-all-gather.json');
  const { runs } = JSON.parse(readFileSync(file, 'utf8')) as { runs: Run[] };
  const topologies: Record<string, number> = {
    Ring: TOPOLOGY.ring,
    Switch: TOPOLOGY.switch,
    FullyConnected: TOPOLOGY.fullyConnected,
  };

  test.each(runs)('$id: $algorithm', (run) => {
    const dimensions = run.network.topology.map((topology, d) => ({
      topology: topologies[topology]!,
      npus: run.network.npus_count[d]!,
      // The program's "GB/s" are GiB/s.
      linkGBps: (run.network.bandwidth_GBps[d]! * 2 ** 30) / 1e9,
      latencyNs: run.network.latency_ns[d]!,
      algorithm: ALGORITHM[run.algorithm[d]!],
    }));
    const s = networkState(dimensions, run.total_npus, {
      'network.endpointDelayNs': run.endpoint_delay_ns,
      'collective.chunks': run.preferred_dataset_splits,
    });
    // The program is given the shard of an NPU, the simulator the whole buffer.
    const timeUs = tpCollectiveUs(s, COLLECTIVE.allGather, run.comm_size_bytes * run.total_npus * 1e-6);
    // Truncation to whole nanoseconds and one more endpoint delay a phase remain.
    expect(Math.abs(timeUs * 1e3 - run.time_ns) / run.time_ns).toBeLessThan(0.01);
  });
});

describe('a phase', () => {
  const n = 8;
  const mb = 64;
  const hopUs = 0.5;
  const linkUsPerMB = 10;

  function time(kind: number, topology: number, algorithm: number, size = n, tp = size): number {
    const s = networkState([dimension(topology, size, algorithm)], tp);
    phase(s, kind, algorithmOf(s, kind, 0), 0, s.groupFactor[GROUP.tp * 4]!, s.groupSpan[GROUP.tp * 4]!);
    return s.phaseAlphaUs + s.phaseLinks * s.linkUsPerMB[0]! * mb;
  }

  test('ring on a Switch: 2(n − 1) steps of D/n (Thakur et al., 2005)', () => {
    const expected = 2 * (n - 1) * (2 * hopUs + (mb / n) * linkUsPerMB);
    expect(time(COLLECTIVE.allReduce, TOPOLOGY.switch, ALGORITHM.ring)).toBeCloseTo(expected, 5);
  });

  test('ring on a Ring uses both directions', () => {
    const expected = (n - 1) * (hopUs + (mb / n / 2) * linkUsPerMB);
    expect(time(COLLECTIVE.reduceScatter, TOPOLOGY.ring, ALGORITHM.ring)).toBeCloseTo(expected, 5);
  });

  test('a part of a Ring is a line, with half the lanes', () => {
    const expected = 3 * (hopUs + (mb / 4) * linkUsPerMB);
    expect(time(COLLECTIVE.reduceScatter, TOPOLOGY.ring, ALGORITHM.ring, n, 4)).toBeCloseTo(expected, 5);
  });

  test('direct on FullyConnected: one message of D/n over each link', () => {
    const expected = hopUs + (mb / n) * linkUsPerMB;
    expect(time(COLLECTIVE.allGather, TOPOLOGY.fullyConnected, ALGORITHM.direct)).toBeCloseTo(expected, 5);
  });

  test('a part of FullyConnected has only the links among its members', () => {
    const expected = hopUs + (mb / 4) * linkUsPerMB;
    expect(time(COLLECTIVE.allToAll, TOPOLOGY.fullyConnected, ALGORITHM.direct, n, 4)).toBeCloseTo(expected, 5);
  });

  test('halving-doubling on a Switch: log2 n steps, (n − 1)/n of D', () => {
    const expected = 3 * 2 * hopUs + ((n - 1) / n) * mb * linkUsPerMB;
    expect(time(COLLECTIVE.reduceScatter, TOPOLOGY.switch, ALGORITHM.halvingDoubling)).toBeCloseTo(expected, 5);
  });

  test('the farthest messages of an exchange on a Ring load its middle links most: brute-force routing', () => {
    for (const size of [2, 3, 4, 5, 8, 16]) {
      // Route every pair the short way, ties half and half, and count bytes on each directed link.
      const clockwise = new Array<number>(size).fill(0);
      for (let from = 0; from < size; from++) {
        for (let distance = 1; distance < size; distance++) {
          const share = distance * 2 < size ? 1 : distance * 2 === size ? 0.5 : 0;
          for (let hop = 0; hop < distance; hop++) clockwise[(from + hop) % size]! += (share * mb) / size;
        }
      }
      const expected = Math.floor(size / 2) * hopUs + Math.max(...clockwise) * linkUsPerMB;
      expect(time(COLLECTIVE.allToAll, TOPOLOGY.ring, ALGORITHM.direct, size)).toBeCloseTo(expected, 6);
    }
  });

  test('halving-doubling of a group that is no power of two has a status', () => {
    const s = networkState([dimension(TOPOLOGY.switch, 6, ALGORITHM.halvingDoubling)], 6);
    checkChannels(s, 1 << (COLLECTIVE.allReduce * CHANNEL_GROUPS + GROUP.tp), 1 << GROUP.tp);
    expect(s.badChannels).toBe(1 << (COLLECTIVE.allReduce * CHANNEL_GROUPS + GROUP.tp));
  });

  test('ceilLog2', () => {
    expect([1, 2, 3, 4, 5, 8, 9, 1024].map(ceilLog2)).toEqual([0, 1, 2, 2, 3, 3, 4, 10]);
  });
});

describe('a collective', () => {
  const rings = [dimension(TOPOLOGY.ring, 4, ALGORITHM.ring), dimension(TOPOLOGY.ring, 4, ALGORITHM.ring, 25)];

  test('localBWAware sends a quarter of the buffer to the outer dimension, baseline all of it', () => {
    const busyUs = [0, 1].map((mode) => {
      const s = networkState(rings, 16, { 'collective.multiDimensional': mode, 'network.endpointDelayNs': 0 });
      openTp(s, COLLECTIVE.allReduce);
      return stationBusyUs(s, COLLECTIVE.allReduce * CHANNEL_GROUPS + GROUP.tp, 1, 1e6);
    });
    expect(busyUs[0]! / busyUs[1]!).toBeCloseTo(4, 3);
  });

  test('reduce-scatter and all-gather make an all-reduce', () => {
    const total = (kind: number) => {
      const s = networkState(rings, 16);
      return tpCollectiveUs(s, kind, 64);
    };
    const halves = total(COLLECTIVE.reduceScatter) + total(COLLECTIVE.allGather);
    expect(total(COLLECTIVE.allReduce)).toBeCloseTo(halves, 5);
  });

  test('chunks overlap the dimensions: many reach the slowest station alone', () => {
    const s = networkState(rings, 16, { 'collective.chunks': 1024 });
    const timeUs = tpCollectiveUs(s, COLLECTIVE.reduceScatter, 1e6);
    const channel = COLLECTIVE.reduceScatter * CHANNEL_GROUPS + GROUP.tp;
    const busyUs = [0, 1].map((d) => stationBusyUs(s, channel, d, 1e6));
    expect(timeUs / Math.max(...busyUs)).toBeLessThan(1.01);
  });

  test('reductions read and write local memory: 3 bytes for each received', () => {
    const slow = networkState([dimension(TOPOLOGY.switch, 8, ALGORITHM.ring, 1e9, 0)], 8, {
      'compute.memoryBandwidthGBps': 50,
    });
    expect(tpCollectiveUs(slow, COLLECTIVE.reduceScatter, 80)).toBeCloseTo(((7 / 8) * 80 * 3 * 1000) / 50, 1);
  });

  test('one NPU communicates nothing', () => {
    const s = networkState(rings, 1);
    expect(tpCollectiveUs(s, COLLECTIVE.allReduce, 1e9)).toBe(0);
  });
});

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
    expect(allReduceUs(2, { 'network.inSwitchEfficiency': 0.9 })).toBeCloseTo(80_000 / 8, 3);
    expect(allReduceUs(4, { 'network.inSwitchEfficiency': 0.9 })).toBeCloseTo((2 * (31 / 32) * 80_000) / 8, 3);
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
        'network.pieceUs': pieceUs,
        'network.treeEfficiency': 1,
      }),
      COLLECTIVE[collective as keyof typeof COLLECTIVE],
      sizeMB,
    );

  test('send every byte of an all-reduce once, where a ring sends it nearly twice', () => {
    expect(us(2, 1000, 0, 800)).toBeCloseTo(80_000 / 8, 3);
    expect(us(4, 1000, 0, 800)).toBeCloseTo((2 * (31 / 32) * 80_000) / 8, 3);
    expect(us(2, 1000, 0, 800, 'allGather')).toBeCloseTo(((15 / 16) * 80_000) / 8, 3);
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
    expect(us(2, 10, 0, 800)).toBeCloseTo(2 * (15 / 16) * 80_000, 3);
    const ringUs = (sizeMB: number) => {
      const x = (2 * (15 / 16) * 100 * sizeMB) / 8;
      return x + 2 * Math.sqrt(5 * x);
    };
    const treeUs = (sizeMB: number) => {
      const x = (100 * sizeMB) / 8;
      return x + 2 * Math.sqrt(16 * 5 * x);
    };
    expect(us(2, 1000, 5, 800)).toBeCloseTo(treeUs(800), 3);
    expect(us(2, 1000, 5, 4)).toBeCloseTo(ringUs(4), 6);
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
