/** Tables of NCCL's collectives: nccl-tests, aiconfigurator's, vidur's. All sizes are whole buffers in bytes, times in us. */
import { z } from 'zod';
import { machineOf } from '../gpus.js';
import type { KernelBench } from './bench.js';
import type { CollectiveName } from './collectiveTime.js';
import { columnsOfShape, type KernelTable } from './tables.js';

const count = z.coerce.number().int().min(1);
const positive = z.coerce.number().positive();
const text = z.string().default('');

const KINDS: Readonly<Record<string, CollectiveName>> = {
  all_reduce: 'allReduce',
  all_gather: 'allGather',
  reduce_scatter: 'reduceScatter',
  alltoall: 'allToAll',
};

interface Measurement {
  readonly gpu: string;
  readonly collective: string;
  /** GPUs of a node, and nodes. */
  readonly gpusPerNode: number;
  readonly nodes: number;
  readonly bytes: number;
  readonly set: readonly string[];
}

/** GPUs of each domain of the machine, and domains: a rack of NVL72 is one of many trays. */
function domains(gpusPerNode: number, nodes: number, rack?: number): readonly [inner: number, outer: number] {
  const gpus = gpusPerNode * nodes;
  if (rack === undefined) return [gpusPerNode, nodes];
  return gpus <= rack ? [gpus, 1] : [rack, gpus / rack];
}

function predict(
  { gpu, collective: name, gpusPerNode, nodes, bytes, set }: Measurement,
  { networks }: KernelBench,
): number | string {
  const machine = machineOf(gpu);
  const collective = KINDS[name];
  if (machine === undefined || machine.card) return `no network of the GPU ${gpu}`;
  if (collective === undefined) return `${name} is no collective of a step`;
  const [inner, outer] = domains(gpusPerNode, nodes, machine.rack);
  if (!Number.isInteger(outer)) return `${nodes} nodes do not fill racks`;
  const group = { machine: machine.preset, inner, outer, set };
  return networks.collectiveUs(group, collective, bytes);
}

const aicRow = z.strictObject({
  gpu: z.string(),
  library: z.string(),
  library_version: text,
  implementation: text,
  collective: z.string(),
  data_type: text,
  gpus: count,
  buffer_bytes: count,
  time_us: positive,
  algorithm_gb_per_s: positive.optional(),
  bus_gb_per_s: positive.optional(),
});

const ncclTestsRow = z.strictObject({
  source: z.string(),
  gpu: z.string(),
  nodes: count,
  gpus: count,
  gpus_per_node: count,
  network: text,
  nccl: text,
  algorithm: text,
  collective: z.string(),
  bytes: count.optional(),
  time_us: positive.optional(),
  algorithm_gb_per_s: positive.optional(),
  bus_gb_per_s: positive.optional(),
});

const vidurRow = z.strictObject({
  cluster: z.string(),
  collective: z.string(),
  gpus: count,
  gpus_per_node: count,
  bytes: count,
  time_us_median: positive,
  time_us_min: positive,
  bus_gb_per_s: positive.optional(),
});

/**
 * A hop of EFA, in and out of a switch, as nodes of A100 have it, with four cards: calibrated on all-reduces below 64 KiB of two of them, whose
 * trees pass it twice each way. Far above InfiniBand's; aws-ofi-nccl (src/platform-aws.cpp) has NCCL reckon with 75 us. The second generation's,
 * as nodes of H100 have it, on the same rows of theirs.
 */
const FIRST_EFA_LATENCY_NS = 36_000;
const SECOND_EFA_LATENCY_NS = 14_000;

/** `EFA 4x100Gb/s a node`: GB/s of a GPU's part of the node's cards, and the latency of EFA, whose first generation has four. */
function railOverrides(network: string, gpusPerNode: number): string[] {
  const [, cards, gigabits] = /(\d+)x(\d+)Gb\/s/.exec(network) ?? [];
  if (cards === undefined) return [];
  const bandwidth = `network.bandwidthGBps[1]=${(Number(cards) * Number(gigabits)) / 8 / gpusPerNode}`;
  if (!network.startsWith('EFA')) return [bandwidth];
  const latencyNs = Number(cards) === 4 ? FIRST_EFA_LATENCY_NS : SECOND_EFA_LATENCY_NS;
  return [bandwidth, `network.latencyNs[1]=${latencyNs}`];
}

/** What an algorithm that was forced means here; undefined where there is none like it. */
function algorithmOverrides(algorithm: string): string[] | undefined {
  if (/^(default|NVLS|NVLSTree|NVLS\/NVLSTree)$/.test(algorithm)) return [];
  if (algorithm === 'Ring') return ['network.inSwitchEfficiency=0', 'network.treeEfficiency=0'];
  // Switches of InfiniBand that reduce, measured at three quarters of their bandwidth.
  if (/^coll-?net/i.test(algorithm)) return ['network.inSwitchEfficiency[1]=0.75'];
  return undefined;
}

const where = (nodes: number): string => (nodes > 1 ? 'between nodes' : 'inside a node');

const ncclTests = {
  name: 'collectives of nccl-tests',
  schema: ncclTestsRow,
  ...columnsOfShape(ncclTestsRow.shape),
  kindOf: () => 'collectives',
  measured: ({ gpu, nodes, collective, time_us }) => ({
    gpu,
    precision: where(nodes),
    framework: collective,
    timeUs: time_us ?? 0,
  }),
  idOf: ({ nodes, gpus_per_node, algorithm, bytes }) => `${nodes} × ${gpus_per_node}, ${algorithm}, ${bytes} bytes`,
  predict: ({ gpu, collective, bytes, time_us, nodes, gpus_per_node, network, ...row }, bench) => {
    const algorithm = algorithmOverrides(row.algorithm);
    if (bytes === undefined || time_us === undefined) return 'a peak without its size';
    if (algorithm === undefined) return `NCCL forced to ${row.algorithm}`;
    const rails = nodes > 1 ? railOverrides(network, gpus_per_node) : [];
    return predict({ gpu, collective, gpusPerNode: gpus_per_node, nodes, bytes, set: [...algorithm, ...rails] }, bench);
  },
} satisfies KernelTable<z.infer<typeof ncclTestsRow>>;

const aic = {
  name: 'collectives of aiconfigurator',
  schema: aicRow,
  ...columnsOfShape(aicRow.shape),
  kindOf: () => 'collectives',
  measured: ({ gpu, collective, time_us }) => ({
    gpu,
    precision: where(1),
    framework: collective,
    timeUs: time_us,
  }),
  idOf: ({ gpus, buffer_bytes }) => `${gpus} GPUs, ${buffer_bytes} bytes`,
  predict: ({ gpu, library, collective, gpus, buffer_bytes: bytes }, bench) =>
    library === 'nccl'
      ? predict({ gpu, collective, gpusPerNode: gpus, nodes: 1, bytes, set: [] }, bench)
      : `an all-reduce of ${library}'s own`,
} satisfies KernelTable<z.infer<typeof aicRow>>;

const vidurGpu = (cluster: string): string => cluster.replace(/_(dgx|pairwise_nvlink)$/, '_sxm');

const vidur = {
  name: 'collectives of vidur',
  schema: vidurRow,
  ...columnsOfShape(vidurRow.shape),
  kindOf: () => 'collectives',
  measured: ({ cluster, gpus, gpus_per_node, collective, time_us_min }) => ({
    gpu: vidurGpu(cluster),
    precision: where(gpus > gpus_per_node ? 2 : 1),
    framework: collective,
    timeUs: time_us_min,
  }),
  idOf: ({ cluster, gpus, bytes }) => `${cluster}, ${gpus} GPUs, ${bytes} bytes`,
  predict: ({ cluster, collective, gpus, gpus_per_node, bytes }, bench) => {
    if (!/_dgx$/.test(cluster)) return `the links of ${cluster} are not known`;
    if (gpus > gpus_per_node) return `the network between nodes of ${cluster} is not known`;
    return predict({ gpu: vidurGpu(cluster), collective, gpusPerNode: gpus, nodes: 1, bytes, set: [] }, bench);
  },
} satisfies KernelTable<z.infer<typeof vidurRow>>;

export const COLLECTIVE_TABLES = [ncclTests, aic, vidur] as unknown as readonly KernelTable[];
