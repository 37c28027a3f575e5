/**
 * Jobs of nanotron (Hugging Face's sweep on nodes of 8 H100, 2024 and 2025): each states the bandwidths that NCCL's tests reached
 * in it, and whether it ran before or after a fix of its pipeline. Numbers here are fitted to all its jobs.
 */
import { loadSoftware } from '../../../psa/software.js';
import { headLayers } from './overrides.js';
import { NODE, type Phrase } from './phrase.js';
import type { TrainingRow } from './row.js';

/** GB/s inside a node: below this the links themselves are slow. */
const LINKS_GBPS = 360;

/**
 * GB/s inside a node, that tell two kinds of jobs apart: those that reach it (439 to 460) have a host that launches as PyTorch does;
 * of the others (410 to 432) no layer takes less than 2.7 ms for each tensor-parallel rank, whatever its width and micro-batch.
 */
const GOOD_HOST_GBPS = 435;

/** What each rank of tensors that are parallel beyond a node adds to a launch of the framework, a share of it. */
const BEYOND_NODE = 0.078;
/** A launch of the other jobs, where tensors are parallel, and what each rank adds to it: shares of a launch of the framework. */
const POOR_HOST = { share: 0.4, perRank: 0.64 };

/** A launch of nanotron, where nothing slows it, us. */
const frameworkLaunchUs = () => loadSoftware('nanotron').defaults.get('compute.hostLaunchUs')![0]!;

/** Of the framework's launch, which is fitted to all its jobs: that of a job. */
function launchShare({ tp }: TrainingRow, insideGBps: number): number {
  const beyond = tp > NODE ? BEYOND_NODE * tp : 0;
  if (insideGBps < GOOD_HOST_GBPS && tp > 1) return POOR_HOST.share + POOR_HOST.perRank * tp + beyond;
  return 1 + beyond;
}

/** What two nodes reach, GB/s: fewer nodes than a job has are slower than the tests' hops tell. */
const TWO_NODES_GBPS = 180;

/** Over the all-reduce in buckets of DistributedDataParallel: ZeRO-1 reduces and gathers in whole buffers. */
const WHOLE_BUFFERS = 2;

/** Nodes over which the group of the most traffic lies: of tensors beyond a node, else that of gradients. */
function nodesSpanned({ tp, pp, gpus }: TrainingRow): number {
  return tp > NODE ? tp / NODE : Math.max(gpus / NODE / pp, 1);
}

/** Bandwidth between nodes, GB/s a GPU: that of the tests is bound by hops, so that a group of fewer nodes is so much faster. */
function betweenNodesGBps(row: TrainingRow, allReduceGBps: number): number {
  const buffers = row.tp <= NODE && row.weight_sharding === 'zero1' ? WHOLE_BUFFERS : 1;
  const reached = (buffers * allReduceGBps * (row.gpus / NODE)) / nodesSpanned(row);
  return Math.min(reached, TWO_NODES_GBPS) / NODE;
}

/**
 * Before the fix a stage waited this long for each tensor that it received and sent, for either pass: one of each between stages, us.
 * Stages that share a node's fast links did not wait, those of a node whose links are slow did.
 */
const TRANSFER_WAIT_US = 220_000;

function transferWait({ pp }: TrainingRow): string[] {
  return pp === 1 ? [] : [`compute.hostMicroBatchUs=${pp === 2 ? TRANSFER_WAIT_US : 2 * TRANSFER_WAIT_US}`];
}

export const NANOTRON: readonly Phrase[] = [
  {
    pattern: /NCCL all-reduce\S* measured in the job GB\/s ([\d.]+)\//,
    says: 'between nodes the bandwidth that was measured in the job, by the nodes of a group',
    set: ([, gbps], row) =>
      row.gpus <= NODE
        ? []
        : [`network.bandwidthGBps[1]=${betweenNodesGBps(row, Number(gbps))}`, 'network.efficiency[1]=1'],
  },
  {
    pattern: /intra-node ([\d.]+)\//,
    says: 'inside a node the bandwidth that was measured in the job, where it is below that of the links',
    set: ([, gbps]) => (Number(gbps) < LINKS_GBPS ? [`network.bandwidthGBps[0]=${gbps}`] : []),
  },
  {
    pattern: /intra-node ([\d.]+)\//,
    says: 'the host as jobs with that bandwidth inside a node have it',
    set: ([, gbps], row) => [`compute.hostLaunchUs=${frameworkLaunchUs() * launchShare(row, Number(gbps))}`],
  },
  {
    pattern: /before the source's pipeline fix/,
    says: 'a wait for each tensor between stages of several nodes, as before a fix of nanotron',
    set: (_, row) => (row.gpus <= NODE ? [] : transferWait(row)),
  },
  {
    pattern: /intra-node ([\d.]+)\//,
    says: 'the same wait where the links of a node are slow',
    set: ([, gbps], row) => (Number(gbps) < LINKS_GBPS ? transferWait(row) : []),
  },
  {
    pattern: /nanotron/,
    says: "stages that count the head as so many layers as it has FLOPs (nanotron's)",
    set: (_, row) => (row.pp === 1 ? [] : [`workload.headLayers=${headLayers(row)}`]),
  },
  {
    pattern: /DDP bucket/,
    says: 'gradients of replicated weights beside the last backward pass, in buckets',
    set: (_, { weight_sharding = 'none' }) => (weight_sharding === 'none' ? ['workload.gradientOverlap=on'] : []),
  },
];
