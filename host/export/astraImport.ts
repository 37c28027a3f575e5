/** Network and system files of ASTRA-sim as a target system of ours. */
import { stringify } from 'yaml';
import { linkCount, TOPOLOGY } from '../../kernels/network/network.js';
import { parseSource } from '../../psa/document.js';
import { CosmicError, excerpt, withoutControls } from '../../psa/errors.js';
import { readSystem } from '../../psa/system.js';
import {
  type AstraNetwork,
  type AstraSystemFile,
  IMPLEMENTATIONS,
  readAstraNetwork,
  readAstraSystem,
} from './astraInputs.js';

const TOPOLOGIES = { Ring: TOPOLOGY.ring, Switch: TOPOLOGY.switch, FullyConnected: TOPOLOGY.fullyConnected } as const;

/** Where the program leaves compute to the trace: an A100's (NVIDIA A100 data sheet: 312 TFLOP/s, 2,039 GB/s). */
const ASSUMED = { peakTflops: 312, memoryBandwidthGBps: 2039 } as const;

export interface ImportOptions {
  /** Of the new system. */
  readonly name: string;
  /** ASTRA-sim has no limit of memory. */
  readonly memoryCapacityGB: number;
}

export interface ImportedSystem {
  /** A system file. */
  readonly yaml: string;
  /** What the files say and ours cannot, and what is assumed. */
  readonly notes: readonly string[];
}

interface Part<Values> {
  readonly values: Values;
  readonly notes: readonly string[];
}

/** `direct` for a window of all peers; a narrower one is the dimension's. */
function windowOf(name: string, npus: number): number {
  const messages = Number(/^direct(\d+)$/.exec(name)?.[1] ?? 0);
  return messages >= npus - 1 ? 0 : messages;
}

/** @throws CosmicError SCHEMA where one dimension has direct exchanges with different windows */
function windowsOf(file: string, system: AstraSystemFile, { npus_count }: AstraNetwork): number[] {
  return npus_count.map((npus, d) => {
    const names = IMPLEMENTATIONS.flatMap((key) => system[key]?.[d] ?? []).filter((name) => name.startsWith('direct'));
    const windows = new Set(names.map((name) => windowOf(name, npus)));
    if (windows.size <= 1) return [...windows][0] ?? 0;
    throw new CosmicError('SCHEMA', `dimension ${d} has direct exchanges of different windows: ${names.join(', ')}`, {
      file,
      remedy: 'give all collectives the same directK in a dimension',
    });
  });
}

function onlyInAstraSim(given: boolean, name: string): string[] {
  return given
    ? [`${name} counts in the astra-sim profile alone: the default profile has one chunk and all peers at once`]
    : [];
}

function collectiveOf(file: string, system: AstraSystemFile, network: AstraNetwork): Part<Record<string, unknown>> {
  const plain = (names: readonly string[] | undefined) => names?.map((name) => name.replace(/^direct\d+$/, 'direct'));
  const [allReduce, allGather, reduceScatter, allToAll] = IMPLEMENTATIONS.map((name) => plain(system[name]));
  const lists = {
    allReduceAlgorithm: allReduce,
    allGatherAlgorithm: allGather,
    reduceScatterAlgorithm: reduceScatter,
    allToAllAlgorithm: allToAll,
  };
  const shared = new Set(Object.values(lists).map(String)).size === 1 && allReduce !== undefined;
  const given = Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined));
  const windows = windowsOf(file, system, network);
  const windowed = windows.some((window) => window > 0);
  return {
    values: {
      schedulingPolicy: system['scheduling-policy'],
      chunks: system['preferred-dataset-splits'],
      activeChunks: system['active-chunks-per-dimension'],
      multiDimensional: system['collective-optimization'],
      ...(shared ? { algorithm: allReduce } : { algorithm: 'topology', ...given }),
      ...(windowed && { directWindow: windows }),
    },
    notes: [
      ...onlyInAstraSim(system['active-chunks-per-dimension'] > 1, 'active-chunks-per-dimension'),
      ...onlyInAstraSim(windowed, 'directK'),
      ...IMPLEMENTATIONS.filter((name) => system[name] === undefined).map(
        (name) => `${name} is missing: the algorithm that suits the topology is assumed`,
      ),
    ],
  };
}

/** @throws CosmicError SCHEMA where a roofline lacks a side */
function computeOf(file: string, system: AstraSystemFile): Part<typeof ASSUMED | Record<string, number>> {
  const [peak, bandwidth] = [system['peak-perf'], system['local-mem-bw']];
  if (Number(system['roofline-enabled']) === 0) {
    const { peakTflops, memoryBandwidthGBps } = ASSUMED;
    const reduction =
      bandwidth === undefined || bandwidth === 0
        ? ''
        : `; its local-mem-bw serves the reductions of collectives alone: set compute.memoryBandwidthGBps=${bandwidth} to time those as it does`;
    return {
      values: ASSUMED,
      notes: [
        `without roofline-enabled the program takes compute times from the trace: ${peakTflops} TFLOP/s and ` +
          `${memoryBandwidthGBps} GB/s are assumed until you change them${reduction}`,
      ],
    };
  }
  for (const [name, value] of Object.entries({ 'peak-perf': peak, 'local-mem-bw': bandwidth })) {
    if (value !== undefined && value > 0) continue;
    throw new CosmicError('SCHEMA', `${name} is ${value ?? 'missing'}, and roofline-enabled needs it`, {
      file,
      remedy: `give ${name}, or leave out roofline-enabled`,
    });
  }
  return { values: { peakTflops: peak!, memoryBandwidthGBps: bandwidth! }, notes: [] };
}

function onOneLine(path: string): string {
  return withoutControls(excerpt(path, 200));
}

/** @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE where what the files say has no place in a system file */
function checkSystem(yaml: string, networkFile: string): void {
  try {
    readSystem(parseSource(yaml, networkFile));
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error;
    throw new CosmicError(error.code, `the system that these files describe is refused: ${error.message}`, {
      file: networkFile,
      remedy: `${error.remedy}, in the network or the system file`,
    });
  }
}

/**
 * Reads ASTRA-sim's network (YAML or JSON) and system (JSON) files.
 *
 * @throws CosmicError FILE_NOT_FOUND, YAML_SYNTAX, SCHEMA where they have what we do not simulate, VALUE_OUT_OF_RANGE
 */
export function importAstra(networkFile: string, systemFile: string, options: ImportOptions): ImportedSystem {
  const network = readAstraNetwork(networkFile);
  const { topology, npus_count, bandwidth, latency } = network.data;
  const system = readAstraSystem(systemFile, topology.length);
  const collective = collectiveOf(systemFile, system.data, network.data);
  const compute = computeOf(systemFile, system.data);
  const file = {
    name: options.name,
    description: 'imported from ASTRA-sim',
    npus: npus_count.reduce((product, n) => product * n, 1),
    dimensions: topology.map((name, d) => ({
      topology: name,
      npus: npus_count[d]!,
      bandwidthGBps: bandwidth[d]! * linkCount(TOPOLOGIES[name], npus_count[d]!),
      latencyNs: latency[d]!,
    })),
    endpointDelayNs: system.data['endpoint-delay'],
    compute: { ...compute.values, memoryCapacityGB: options.memoryCapacityGB },
    collective: collective.values,
    workload: { tp: npus_count[0]!, sp: 1, pp: 1 },
  };
  const comment = `# From ${onOneLine(networkFile)} and ${onOneLine(systemFile)} of ASTRA-sim. Bandwidth is per NPU and dimension: the link's times its links.\n`;
  const yaml = comment + stringify(file, { lineWidth: 0 });
  checkSystem(yaml, networkFile);
  return {
    yaml,
    notes: [
      'GB/s of the network are GiB/s in ASTRA-sim and in the astra-sim profile; in the default profile links are 7.4 % slower',
      `ASTRA-sim has no memory limit: the capacity is ${options.memoryCapacityGB} GB until you change it`,
      'the parallel degrees are a start (tp over the first dimension, dp over the rest): change them',
      ...compute.notes,
      ...collective.notes,
      ...network.notes,
      ...system.notes,
    ],
  };
}
