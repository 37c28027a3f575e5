import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../psa/packageRoot.js';
import { temporaryFolder, writerIn } from '../../test/temporaryFolder.js';
import { type CollectiveRun as AstraRun, readCollectiveRuns } from '../astraRuns/runFiles.js';
import { importAstra } from '../export/astraImport.js';
import { busFactor, type CollectiveCall, openSystem } from './collectiveRun.js';
import { timeCollective } from './profiles.js';

const write = writerIn(temporaryFolder('collective'));

/** Of one dimension, or of 4 × 8; 400 GB/s and 1 us each; memory reads and writes 2,000 GB/s. */
function systemOf(topology: string, more: string[] = []) {
  const dimension = (npus: number) =>
    `  - { topology: ${topology}, npus: ${npus}, bandwidthGBps: 400, latencyNs: 1000 }\n`;
  const text =
    `name: x\nnpus: 32\ndimensions:\n${dimension(4)}${dimension(8)}` +
    'compute: { peakTflops: 100, memoryBandwidthGBps: 2000, memoryEfficiency: 1, memoryCapacityGB: 80 }\n' +
    'collective: { algorithm: ring, chunks: 1, multiDimensional: localBWAware }\n';
  return openSystem(write('x.yaml', text), more);
}

const GB: Pick<CollectiveCall, 'bytes'> = { bytes: 1e9 };

describe('in the default profile, by hand', () => {
  it('a ring all-reduce of the inner 4 behind a switch', () => {
    const run = timeCollective(systemOf('Switch'), { collective: 'allReduce', npus: 4, ...GB });
    // 2 (n − 1) messages of two hops, 2 (n − 1) / n of the buffer over the port, three passes of memory for half of it.
    const timeUs = 2 * 3 * 2 + 2 * (3 / 4) * (1e9 / 400e3) + 3 * (3 / 4) * (1e9 / 2000e3);
    expect(run).toEqual({
      timeUs: expect.closeTo(timeUs, 6),
      phases: [
        { dimension: 0, collective: 'allReduce', npus: 4, algorithm: 'ring', busyUs: expect.closeTo(timeUs, 6) },
      ],
    });
  });

  it('an all-gather of all 32 on rings: the outer dimension first, with a quarter of the data', () => {
    const run = timeCollective(systemOf('Ring'), { collective: 'allGather', npus: 32, ...GB });
    const busyUs = [3 + (3 / 4) * (1e9 / 400e3), 7 + ((7 / 8) * (1e9 / 400e3)) / 4];
    expect(run).toMatchObject({
      timeUs: expect.closeTo(busyUs[0]! + busyUs[1]!, 6),
      phases: [
        { dimension: 0, npus: 4, busyUs: expect.closeTo(busyUs[0]!, 6) },
        { dimension: 1, npus: 8, busyUs: expect.closeTo(busyUs[1]!, 6) },
      ],
    });
  });

  it('bus bandwidth is what each NPU sends at least', () => {
    expect(
      ['allReduce', 'allGather', 'reduceScatter', 'allToAll'].map((name) => busFactor(name as 'allReduce', 8)),
    ).toEqual([1.75, 0.875, 0.875, 0.875]);
  });

  it('is refused where there is no such group, and stops where an algorithm does not admit it', () => {
    const call = { collective: 'allReduce', npus: 3, ...GB } as const;
    expect(() => timeCollective(systemOf('Switch'), call)).toThrow(/no groups of 3/);
    const halving = systemOf('Switch', ['network.npus[0]=6', 'system.npus=48', 'collective.algorithm=halvingDoubling']);
    expect(timeCollective(halving, { ...call, npus: 6 })).toEqual({ stop: 'halving-doubling needs a power of two' });
  });
});

const KINDS = {
  all_reduce: 'allReduce',
  all_gather: 'allGather',
  reduce_scatter: 'reduceScatter',
  all_to_all: 'allToAll',
} as const;

function imported(run: AstraRun) {
  const { topology, npus_count, bandwidth_GBps: bandwidth, latency_ns: latency } = run.network;
  const system = {
    'endpoint-delay': run.endpoint_delay_ns,
    'preferred-dataset-splits': run.preferred_dataset_splits,
    'active-chunks-per-dimension': run.active_chunks_per_dimension,
    'collective-optimization': run.collective_optimization,
    ...Object.fromEntries(Object.entries(run.impl).map(([name, list]) => [`${name}-implementation`, list])),
    'roofline-enabled': 1,
    'peak-perf': 100,
    'local-mem-bw': run.local_mem_bw_GBps,
  };
  const files = [
    write('network.yml', JSON.stringify({ topology, npus_count, bandwidth, latency })),
    write('system.json', JSON.stringify(system)),
  ] as const;
  const { yaml } = importAstra(...files, { name: 'x', memoryCapacityGB: 80 });
  return openSystem(write('imported.yaml', yaml), [], 'astra-sim');
}

it('ASTRA-sim has no torus', () => {
  const slice = openSystem('tpu-v5p', [], 'astra-sim');
  expect(() => timeCollective(slice, { collective: 'allReduce', npus: 128, ...GB })).toThrow(/torus/);
});

describe('in the astra-sim profile, as the program printed it', () => {
  const runs = readCollectiveRuns(join(packageRoot, 'test/data/astra-sim/collectives.json')).filter(
    ({ groups, num_queues_per_dim = 1, network, impl, time_ns, preferred_dataset_splits }) =>
      groups === undefined &&
      num_queues_per_dim === 1 &&
      time_ns !== null &&
      preferred_dataset_splits <= 64 &&
      Object.values(impl).every((list) => list.length === network.topology.length),
  );
  const some = runs.filter((_, i) => i % 5 === 0);

  it(`times ${some.length} of ${runs.length} runs to the nanosecond`, () => {
    expect(some.length).toBeGreaterThan(30);
    for (const run of some) {
      const npus = run.total_npus;
      const bytes = run.comm_size_bytes * (run.collective === 'all_gather' ? npus : 1);
      const timed = timeCollective(imported(run), { collective: KINDS[run.collective], npus, bytes });
      expect({ id: run.id, ...timed }).toMatchObject({ id: run.id, timeUs: expect.closeTo(run.time_ns! / 1000, 6) });
    }
  });
});
