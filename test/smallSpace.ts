import { completeFields } from '../psa/modelFields.js';
import { PARAMETERS, type ParameterDefinition, SLOT_COUNT, slotOf } from '../psa/parameters.js';
import type { CompiledSpace, Gene, ModelPhase } from '../psa/space.js';
import { numberOf } from '../psa/specs.js';

const NPUS = 64;

const { mlp: _, ...PHASE_FIELDS } = completeFields(
  {
    layers: 24,
    hidden: 2048,
    ffn: 8192,
    heads: 16,
    seq: 1024,
    vocab: 50000,
    mlp: 'gelu',
    batch: 128,
  },
  (field) => new Error(`${field} is missing`),
);
const PHASE: ModelPhase = { model: 'small', ...PHASE_FIELDS };

/** Values of a design of which no gene is in charge, where they are not the neutral ones; a number stands for all dimensions. */
const FIXED: Record<string, number | readonly number[]> = {
  'workload.dp': 1,
  'workload.tp': 1,
  'workload.sp': 1,
  'workload.pp': 1,
  'workload.microBatch': 0,
  'workload.pipelineSchedule': 0,
  'workload.attention': 0,
  'collective.chunks': 4,
  'collective.algorithm': 4,
  'collective.allReduceAlgorithm': 5,
  'collective.allGatherAlgorithm': 5,
  'collective.reduceScatterAlgorithm': 5,
  'collective.allToAllAlgorithm': 5,
  'network.topology': 0,
  'network.npus': [8, 8, 1, 1],
  'network.bandwidthGBps': [300, 50, 0, 0],
  'network.latencyNs': 700,
  'network.endpointDelayNs': 10,
  'compute.peakTflops': 312,
  'compute.memoryBandwidthGBps': 2000,
  'compute.memoryCapacityGB': 40,
  'compute.hostLaunchUs': 0,
};

function neutralValue(parameter: ParameterDefinition): number {
  if (typeof parameter.neutral === 'string') throw new Error(`${parameter.name} has no neutral value`);
  return numberOf(parameter, parameter.neutral.value);
}

function fixedDesign(): Float64Array {
  const design = new Float64Array(SLOT_COUNT);
  for (const parameter of PARAMETERS) {
    const { name, slot, perDimension } = parameter;
    const value = FIXED[name] ?? neutralValue(parameter);
    if (perDimension) design.set(typeof value === 'number' ? new Array<number>(4).fill(value) : value, slot);
    else design[slot] = value as number;
  }
  return design;
}

function gene(parameters: readonly string[], slots: readonly number[], rows: readonly (readonly number[])[]): Gene {
  return {
    name: parameters.join(' × '),
    parameters,
    scale: parameters.length > 1 ? 'tuple' : 'log',
    size: rows.length,
    unconstrainedSize: rows.length,
    slots,
    table: Float64Array.from(rows.flat()),
  };
}

function single(name: string, values: readonly number[], dimension = 0): Gene {
  return gene(
    [name],
    [slotOf(name) + dimension],
    values.map((value) => [value]),
  );
}

/** All (dp, tp, pp) whose product is the number of NPUs. */
function parallelGene(): Gene {
  const powers = [1, 2, 4, 8, 16, 32, 64];
  const rows = powers.flatMap((dp) =>
    powers.filter((tp) => NPUS % (dp * tp) === 0).map((tp) => [dp, tp, NPUS / (dp * tp)]),
  );
  const names = ['workload.dp', 'workload.tp', 'workload.pp'];
  return gene(names, names.map(slotOf), rows);
}

/** A space of two network dimensions and 64 NPUs that has feasible and infeasible designs, ties, and unpriced ones. */
export function smallSpace(): CompiledSpace {
  const genes = [
    single('workload.microBatch', [0, 1, 2]),
    parallelGene(),
    single('network.bandwidthGBps', [50, 100, 200, 400], 0),
    single('network.bandwidthGBps', [25, 50, 100], 1),
    single('network.topology', [0, 1, 2], 0),
    single('network.topology', [0, 1, 2], 1),
    single('workload.weightSharding', [0, 1, 2]),
    single('collective.chunks', [2, 4]),
  ];
  return {
    name: 'small',
    systemName: 'small-64',
    overrides: [],
    npus: NPUS,
    dimensions: 2,
    workload: { name: 'small', phases: [PHASE] },
    genes,
    count: genes.reduce((count, { size }) => count * BigInt(size), 1n),
    fixed: fixedDesign(),
    tiers: [1, 3],
  };
}
