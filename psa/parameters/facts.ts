/**
 * What is known of a machine and of a job besides how fast it is: facts, of which a step's time knows nothing. Days, energy,
 * dollars and goodput follow from them (kernels/outputs.ts).
 */
import { logarithmic, number, type ParameterRow, whole } from './row.js';

/** A fact that a file may not know: 0, or `unknown`. */
const known = { ...logarithmic, min: 0, nameOfZero: 'unknown', neutral: { value: 0 }, changes: 'nothing' } as const;

/** One that adds nothing where no file says it. */
const extra = { ...number, min: 0, neutral: { value: 0 }, changes: 'nothing' } as const;

export const job = {
  tokens: { ...known, slot: 139, max: 1e18, unit: 'tokens', description: 'tokens that the job trains on, or serves' },
  storageGBps: {
    ...known,
    slot: 140,
    max: 1e6,
    unit: 'GB/s',
    description:
      'rate at which the whole job writes a checkpoint while it waits: to storage, or to memory of the hosts',
  },
  spareNodes: {
    ...whole,
    slot: 141,
    min: 0,
    max: 2 ** 16,
    neutral: { value: 0 },
    changes: 'nothing',
    unit: 'nodes',
    description: 'nodes beside those of the job that stand in for nodes under repair; they are paid for',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;

export const power = {
  npuBusyW: { ...known, slot: 142, max: 1e5, unit: 'W', description: 'power of an NPU that computes' },
  npuIdleW: {
    ...known,
    slot: 143,
    max: 1e5,
    unit: 'W',
    description: 'power of an NPU that waits, for others or for data; unknown: as one that computes',
  },
  hostW: {
    ...extra,
    slot: 144,
    max: 1e5,
    unit: 'W',
    description: 'power of the rest of a node for each of its NPUs: hosts, fans, switches inside',
  },
  networkWPerGBps: {
    ...extra,
    slot: 145,
    perDimension: true,
    max: 1e4,
    unit: 'W per GB/s',
    description: "power of links and switches of a dimension for each GB/s of an NPU's bandwidth there",
  },
  overhead: {
    ...number,
    slot: 149,
    min: 1,
    max: 10,
    neutral: { value: 1 },
    changes: 'nothing',
    description: 'power usage effectiveness (PUE): what the data centre draws for each W of its machines',
  },
  gridGramsPerKWh: {
    ...known,
    slot: 150,
    max: 1e4,
    unit: 'g/kWh',
    description: 'carbon dioxide (equivalent) for each kWh of the grid',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;

/** Of a dimension's network; a box of a proof has one. */
const networkPrice = {
  ...logarithmic,
  perDimension: true,
  min: 0,
  max: 1e6,
  nameOfZero: 'tier',
  neutral: { value: 0 },
  changes: 'layout',
  unit: '$ per GB/s',
} as const;

const hours = { ...known, max: 1e9, unit: 'h' } as const;

export const reliability = {
  npuMtbfHours: { ...hours, slot: 151, description: 'mean time between failures of one NPU that interrupt a job' },
  nodeMtbfHours: { ...hours, slot: 152, description: 'the same of the rest of one node: host, network, software' },
  nodeNpus: {
    ...whole,
    slot: 153,
    min: 1,
    max: 2 ** 16,
    neutral: { value: 1 },
    changes: 'nothing',
    unit: 'NPUs',
    description: 'NPUs of a node: what is replaced as a whole',
  },
  restartS: {
    ...number,
    slot: 154,
    min: 0,
    max: 1e6,
    // MegaScale (arXiv 2402.15627, 6.3): jobs are detected and back at where they were within 15 minutes.
    neutral: { value: 900 },
    changes: 'nothing',
    unit: 's',
    description: 'from a failure to the first step after it, besides the steps that are lost; 900 unless a file says',
  },
  repairHours: {
    ...extra,
    slot: 155,
    max: 1e5,
    unit: 'h',
    description: 'until a node that failed is back; without spares the job waits for it. 0: others stand in at once',
  },
  speedSpread: {
    ...extra,
    slot: 169,
    max: 1,
    description:
      'standard deviation of the time that NPUs take for the same work, as a share of it: all wait for the slowest',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;

export const prices = {
  npuUsd: { ...known, slot: 156, max: 1e9, unit: '$', description: 'price of an NPU with its share of the node' },
  npuHourUsd: { ...known, slot: 157, max: 1e6, unit: '$/h', description: 'rent of an NPU for an hour' },
  kWhUsd: { ...known, slot: 158, max: 1e4, unit: '$/kWh', description: 'price of electricity' },
  lifeYears: {
    ...number,
    slot: 159,
    min: 0.1,
    max: 100,
    // Assumed: operators write servers off over four to six years.
    neutral: { value: 4 },
    changes: 'nothing',
    unit: 'years',
    description: 'years over which what is bought is written off; 4 unless a file says',
  },
  upkeepShare: {
    ...extra,
    slot: 160,
    max: 10,
    unit: '1/year',
    description: 'yearly cost of staff, space and repairs, as a share of what was bought',
  },
  linksUsdPerGBps: {
    ...networkPrice,
    slot: 161,
    description:
      "price of a Ring's or a FullyConnected dimension's links for each GB/s of an NPU's bandwidth there; 0 (or `tier`): LIBRA's of its tier",
  },
  switchUsdPerGBps: {
    ...networkPrice,
    slot: 165,
    description: 'the same of a Switch: links, ports and NICs',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
