import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../psa/packageRoot.js';
import { dimension, networkState, openTp, tpCollectiveUs } from '../../test/collectiveState.js';
import { ceilLog2 } from '../bits.js';
import { TOPOLOGY } from '../network/network.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP } from '../workload/operation.js';
import { checkChannels, stationBusyUs } from './collective.js';
import { ALGORITHM, algorithmOf, phase } from './phase.js';

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
