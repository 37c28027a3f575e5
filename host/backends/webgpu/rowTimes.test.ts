import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { System } from '../../../kernels/astra/collective/message.js';
import { algorithmNamed } from '../../../kernels/astra/collective/phase.js';
import { isKnown, SystemReader, stgWorkload } from '../../../kernels/astra/design.js';
import { firstSendRow, SENDS } from '../../../kernels/astra/graph/stageGraph.js';
import { RowTimes, type StgWorkload, stagesAgree } from '../../../kernels/astra/schedule/rowTimes.js';
import { packRows, ROWS_STATUS } from '../../../kernels/astra/schedule/rowTimesLayout.js';
import { readNetwork, TOPOLOGY } from '../../../kernels/network/network.js';
import { createState } from '../../../kernels/state.js';
import { readGraph } from '../../../kernels/workload/graph.js';
import { compilePsa, designOf, loadPsa } from '../../../psa/index.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import type { OpenDevice } from './device.js';
import { createRowTimesPipelines, type RowTimesPipelines, rowTimesWork } from './rowTimes.js';
import { processDevice } from './session.js';
import { readWork } from './submit.js';

const DESIGNS = 300;

/** Designs of one workload. */
interface Batch {
  readonly times: RowTimes;
  readonly systems: System[];
}

/** Random designs of a space that the program takes, by their workload. */
function batchesOf(name: string, model: string): Batch[] {
  const space = compilePsa(loadPsa(name, { model, profile: 'astra-sim' }));
  const state = createState(space.workload, space.tiers, 0);
  const batches = new Map<string, Batch>();
  for (let i = 0n; i < BigInt(DESIGNS); i++) {
    state.design = designOf(space, (i * 0x9e3779b97f4a7c15n + 12345n) % space.count);
    readNetwork(state);
    readGraph(state);
    const workload: StgWorkload = stgWorkload(state);
    if (!isKnown(state, workload) || workload.pp > workload.layers) continue;
    const key = JSON.stringify(workload);
    const batch = batches.get(key) ?? { times: new RowTimes(workload), systems: [] };
    batches.set(key, batch);
    batch.systems.push(new SystemReader().read(state));
  }
  return [...batches.values()];
}

/** Times in the device's order as the CPU has them; undefined where the program comes to no end. */
function expectedOf({ times }: Batch, system: System): number[] | undefined {
  if (times.read(system) !== undefined) return undefined;
  const { durationNs, stagesAgree, pieces } = times;
  const sends = firstSendRow(pieces);
  const told = stagesAgree ? durationNs.slice(0, 1) : durationNs;
  return [
    ...told.flatMap((row) => [...row.subarray(0, sends)]),
    ...durationNs.flatMap((row) => [...row.subarray(sends, sends + SENDS)]),
  ];
}

const degree = fc.constantFrom(1, 1, 2, 3, 4, 8);
const algorithm = fc
  .constantFrom('ring', 'direct', 'direct2', 'direct0', 'halvingDoubling', 'doubleBinaryTree')
  .map((name) => algorithmNamed(name)!);

const workloads: fc.Arbitrary<StgWorkload> = fc
  .record({
    hidden: fc.constantFrom(1, 96, 1000, 12_288),
    ffn: fc.constantFrom(7, 400, 49_152),
    vocab: fc.constantFrom(11, 50_257),
    seq: fc.constantFrom(24, 2048),
    dp: degree,
    tp: degree,
    cp: degree,
    pp: degree,
    sharded: fc.boolean(),
    tpsp: fc.boolean(),
  })
  .map((workload) => ({ ...workload, layers: 9, batch: 24 * workload.dp, microBatch: 24 * workload.dp }));

/** Systems of so many NPUs, in dimensions as a workload's groups are and otherwise, with what a run's file may say of them. */
function systemsFor({ dp, tp, cp, pp }: StgWorkload): fc.Arbitrary<System> {
  const npus = dp * tp * cp * pp;
  const sizes = fc.constantFrom([npus], [dp * tp, cp * pp], [dp, tp * cp, pp], [pp, cp, tp, dp]);
  const dimension = (size: number) =>
    fc.record({
      topology: fc.constantFrom(...Object.values(TOPOLOGY)),
      npus: fc.constant(size),
      bytesPerNs: fc.oneof(fc.constantFrom(25, 50, 375), fc.double({ min: 0.1, max: 1e4, noNaN: true })),
      latencyNs: fc.constantFrom(0, 0.3, 20, 500, 1700),
      algorithms: fc.tuple(algorithm, algorithm, algorithm, algorithm),
    });
  return sizes
    .chain((all) =>
      fc.record({
        dimensions: fc.tuple(...all.filter((size) => size > 1).map(dimension)),
        listed: fc.integer({ min: 1, max: 4 }),
        chunks: fc.constantFrom(1, 3, 16),
        activeChunks: fc.constantFrom(1, 2),
        queues: fc.constantFrom(1, 3),
        localBandwidthAware: fc.boolean(),
        endpointNs: fc.constantFrom(0.9, 1, 10.5),
        memoryBandwidth: fc.double({ min: 1e9, max: 1e13, noNaN: true }),
        peak: fc.double({ min: 1e9, max: 1e15, noNaN: true }),
      }),
    )
    .map(({ dimensions, listed, ...rest }) => ({
      ...rest,
      npus,
      dimensions: dimensions.map((own, d) =>
        d < listed ? own : { ...own, algorithms: [undefined, undefined, undefined, undefined] },
      ),
    }));
}

describe.skipIf(!(await webgpuAvailable()))('times of rows in WGSL', () => {
  let open: OpenDevice;
  let pipelines: RowTimesPipelines;
  beforeAll(async () => {
    open = await processDevice();
    pipelines = await createRowTimesPipelines(open);
  });

  /** Times of all designs in the order of the batches, undefined where the program comes to no end; null where the device cannot tell. */
  async function onDevice(batches: readonly Batch[]): Promise<(number[] | undefined | null)[]> {
    const designs = batches.map(({ times, systems }) => {
      const agree = stagesAgree(systems[0]!, times.workload);
      return { packed: packRows(times.workload, times.pieces, agree), systems };
    });
    const work = await rowTimesWork(open, pipelines, designs);
    const [ns, statuses] = await Promise.all(
      [work.durations, work.statuses].map((buffer, i) =>
        readWork(open, i === 0 ? work.work : {}, {
          parts: [{ buffer, bytes: buffer.size }],
          take: (bytes) => new Uint32Array(bytes.slice(0)),
        }),
      ),
    );
    work.destroy();
    let design = 0;
    let at = 0;
    const next = () => ns![at++]! * 2 ** 32 + ns![at++]!;
    return designs.flatMap(({ packed, systems }) =>
      systems.map(() => {
        const times = Array.from({ length: packed.durations }, next);
        const status = statuses![design++];
        if (status === ROWS_STATUS.untold) return null;
        return status === ROWS_STATUS.stop ? undefined : times;
      }),
    );
  }

  test.each([
    ['cosmic-full', 'gpt3-175b'],
    ['cosmic-full', 'vit-large'],
    ['cosmic-network', 'gpt3-175b'],
  ])("are the CPU's to the nanosecond in %s of %s", async (name, model) => {
    const batches = batchesOf(name, model);
    const got = await onDevice(batches);
    const expected = batches.flatMap((batch) => batch.systems.map((system) => expectedOf(batch, system)));
    const known = expected.filter((_, i) => got[i] !== null);
    expect(known.length).toBeGreaterThan(0.99 * expected.length);
    expect(got.filter((times) => times !== null)).toEqual(known);
  });

  test("are the CPU's in random systems, whose stages may differ, and so is what comes to no end", async () => {
    const sample = workloads
      .filter(({ dp, tp, cp, pp }) => dp * tp * cp * pp > 1)
      .chain((workload) => fc.record({ workload: fc.constant(workload), system: systemsFor(workload) }));
    const batches = fc
      .sample(sample, { numRuns: 400, seed: 1 })
      .map(({ workload, system }) => ({ times: new RowTimes(workload), systems: [system] }));
    const got = await onDevice(batches);
    const expected = batches.map((batch) => expectedOf(batch, batch.systems[0]!));
    const known = expected.filter((_, i) => got[i] !== null);
    expect(known.length).toBeGreaterThan(0.95 * expected.length);
    expect(known.filter((times) => times !== undefined).length).toBeGreaterThan(0.3 * known.length);
    expect(got.filter((times) => times !== null)).toEqual(known);
  });
});
