/** Network and system files of ASTRA-sim as a target system of ours. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { linkCount, TOPOLOGY } from '../../kernels/network/network.js';
import { readSource } from '../../psa/document.js';
import { CosmicError } from '../../psa/errors.js';
import { validated } from '../../psa/validate.js';

const TOPOLOGIES = { Ring: TOPOLOGY.ring, Switch: TOPOLOGY.switch, FullyConnected: TOPOLOGY.fullyConnected } as const;

const perDimension = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(4);
const networkSchema = z.object({
  topology: perDimension(z.enum(['Ring', 'Switch', 'FullyConnected'])),
  npus_count: perDimension(z.int().min(1)),
  bandwidth: perDimension(z.number().positive()),
  latency: perDimension(z.number().min(0)),
});

const algorithms = perDimension(z.enum(['ring', 'direct', 'halvingDoubling', 'doubleBinaryTree']));
const systemSchema = z.object({
  'scheduling-policy': z.enum(['LIFO', 'FIFO']).default('LIFO'),
  'endpoint-delay': z.number().min(0).default(0),
  'active-chunks-per-dimension': z.int().min(1).default(1),
  'preferred-dataset-splits': z.int().min(1).default(1),
  'all-reduce-implementation': algorithms,
  'all-gather-implementation': algorithms,
  'reduce-scatter-implementation': algorithms,
  'all-to-all-implementation': algorithms,
  'collective-optimization': z.enum(['baseline', 'localBWAware']).default('baseline'),
  'local-mem-bw': z.number().positive(),
  'peak-perf': z.number().positive(),
});

export interface ImportOptions {
  /** Of the new system. */
  readonly name: string;
  /** ASTRA-sim has no limit of memory. */
  readonly memoryCapacityGB: number;
}

export interface ImportedSystem {
  /** A system file. */
  readonly yaml: string;
  /** What the files say and ours cannot. */
  readonly notes: readonly string[];
}

/** @throws CosmicError SCHEMA where lists differ in length */
function checkLengths(file: string, lists: Readonly<Record<string, readonly unknown[]>>, dimensions: number): void {
  for (const [name, list] of Object.entries(lists)) {
    if (list.length === dimensions) continue;
    throw new CosmicError('SCHEMA', `${name} has ${list.length} values for ${dimensions} network dimensions`, {
      file,
      remedy: 'give one value per dimension',
    });
  }
}

function collectiveOf(system: z.output<typeof systemSchema>) {
  const lists = {
    allReduceAlgorithm: system['all-reduce-implementation'],
    allGatherAlgorithm: system['all-gather-implementation'],
    reduceScatterAlgorithm: system['reduce-scatter-implementation'],
    allToAllAlgorithm: system['all-to-all-implementation'],
  };
  const shared = new Set(Object.values(lists).map(String)).size === 1;
  return {
    schedulingPolicy: system['scheduling-policy'],
    chunks: system['preferred-dataset-splits'],
    multiDimensional: system['collective-optimization'],
    ...(shared ? { algorithm: lists.allReduceAlgorithm } : { algorithm: 'topology', ...lists }),
  };
}

/**
 * Reads ASTRA-sim's network (YAML or JSON) and system (JSON) files.
 *
 * @throws CosmicError FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA where they have what we do not simulate
 */
export function importAstra(networkFile: string, systemFile: string, options: ImportOptions): ImportedSystem {
  const network = validated(networkSchema, readSource(networkFile));
  const system = validated(systemSchema, readSource(systemFile));
  const dimensions = network.topology.length;
  const { npus_count, bandwidth, latency } = network;
  checkLengths(networkFile, { npus_count, bandwidth, latency }, dimensions);
  const collective = collectiveOf(system);
  checkLengths(
    systemFile,
    Object.fromEntries(Object.entries(collective).filter(([, v]) => Array.isArray(v))) as Record<string, string[]>,
    dimensions,
  );
  const file = {
    name: options.name,
    description: 'imported from ASTRA-sim',
    npus: npus_count.reduce((product, n) => product * n, 1),
    dimensions: network.topology.map((topology, d) => ({
      topology,
      npus: npus_count[d]!,
      bandwidthGBps: bandwidth[d]! * linkCount(TOPOLOGIES[topology], npus_count[d]!),
      latencyNs: latency[d]!,
    })),
    endpointDelayNs: system['endpoint-delay'],
    compute: {
      peakTflops: system['peak-perf'],
      memoryBandwidthGBps: system['local-mem-bw'],
      memoryCapacityGB: options.memoryCapacityGB,
    },
    collective,
    workload: { tp: npus_count[0]!, sp: 1, pp: 1 },
  };
  const active = system['active-chunks-per-dimension'];
  const comment = `# From ${networkFile} and ${systemFile} of ASTRA-sim. Bandwidth is per NPU and dimension: the link's times its links.\n`;
  return {
    yaml: comment + stringify(file, { lineWidth: 0 }),
    notes: [
      'ASTRA-sim reads GB/s of the network as GiB/s: the numbers are kept, so links are 7.4 % slower here',
      `ASTRA-sim has no memory limit: the capacity is ${options.memoryCapacityGB} GB until you change it`,
      'the parallel degrees are a start (tp over the first dimension, dp over the rest): change them',
      ...(active === 1 ? [] : [`${active} active chunks per dimension are simulated as one`]),
    ],
  };
}
