/**
 * The catalogue of all parameters of the four stacks: their names, kinds, units and legal values, and the slot that each
 * takes in a design. A design is one vector of {@link SLOT_COUNT} numbers; a PsA says which of them vary.
 * The reference's schema: arXiv 2505.15020; the remainder is what an honest simulation needs besides.
 */

export type Stack = 'workload' | 'collective' | 'network' | 'compute';

/** How search agents may treat a parameter's values: unordered, ordered, or ordered on a logarithmic scale. */
export type Scale = 'category' | 'linear' | 'log';

export interface ParameterDefinition {
  /** `stack.parameter`, as in a PsA. */
  readonly name: string;
  readonly stack: Stack;
  readonly scale: Scale;
  /** One value per network dimension (four slots) or one for the whole design (one slot). */
  readonly perDimension: boolean;
  /** Whole numbers only. */
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  /** Names of a category's values, with the number that stands for each in a design. */
  readonly categories: ReadonlyMap<string, number> | undefined;
  readonly unit: string;
  readonly description: string;
  /** First slot in the design vector. */
  readonly slot: number;
}

/** The most network dimensions that a design may have. */
export const MAX_DIMENSIONS = 4;

/** The parallelism axes, in the order of their numbers. */
export const AXES = ['tp', 'sp', 'ep', 'dp', 'pp'] as const;
export type Axis = (typeof AXES)[number];

/**
 * An axis order as one number: three bits per axis, innermost first.
 *
 * @example
 * packAxisOrder(['tp', 'sp', 'ep', 'dp', 'pp']); // 0o43210
 */
export function packAxisOrder(order: readonly Axis[]): number {
  return order.reduce((packed, axis, place) => packed + AXES.indexOf(axis) * 8 ** place, 0);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

const axisOrders = new Map(permutations(AXES).map((order) => [order.join('-'), packAxisOrder(order)]));

function codes(...names: string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, code) => [name, code]));
}

const onOff = codes('off', 'on');
const topologies = codes('Ring', 'Switch', 'FullyConnected');
/** `topology`: ring on a Ring, direct on FullyConnected, halvingDoubling on a Switch. */
const algorithms = codes('ring', 'direct', 'halvingDoubling', 'doubleBinaryTree', 'topology');
/** `same`: what collective.algorithm says for the dimension. */
const algorithmOverrides = codes('ring', 'direct', 'halvingDoubling', 'doubleBinaryTree', 'topology', 'same');

type Spec = Omit<ParameterDefinition, 'slot' | 'stack' | 'name'>;

const shared = { perDimension: false, categories: undefined, unit: '' } as const;
const degree = { ...shared, scale: 'log', integer: true, min: 1, max: 2 ** 20, unit: 'NPUs' } as const;
const fraction = { ...shared, scale: 'linear', integer: false, min: 0.001, max: 1 } as const;

function category(categories: ReadonlyMap<string, number>, description: string, perDimension = false): Spec {
  const numbers = [...categories.values()];
  return {
    ...shared,
    scale: 'category',
    integer: true,
    perDimension,
    min: Math.min(...numbers),
    max: Math.max(...numbers),
    categories,
    description,
  };
}

const specs = {
  'workload.dp': { ...degree, description: 'data parallel degree' },
  'workload.tp': { ...degree, description: 'tensor parallel degree' },
  'workload.sp': { ...degree, description: 'sequence (context) parallel degree' },
  'workload.pp': { ...degree, description: 'pipeline parallel degree (stages)' },
  'workload.ep': { ...degree, description: 'expert parallel degree; a factor of dp' },
  'workload.microBatch': {
    ...shared,
    scale: 'log',
    integer: true,
    min: 0,
    max: 2 ** 20,
    unit: 'sequences',
    description: 'sequences per micro-batch and data-parallel rank; 0 (or `all`): the whole local batch in one',
  },
  'workload.batch': {
    ...shared,
    scale: 'log',
    integer: true,
    min: 0,
    max: 2 ** 20,
    unit: 'sequences',
    description: "global batch; 0: the model's own",
  },
  'workload.pipelineSchedule': category(codes('gpipe', '1f1b', 'interleaved'), 'pipeline schedule'),
  'workload.virtualStages': {
    ...shared,
    scale: 'log',
    integer: true,
    min: 1,
    max: 64,
    unit: 'per NPU',
    description: 'model chunks per pipeline stage (interleaving); above 1 only with the interleaved schedule',
  },
  'workload.recomputation': category(codes('none', 'selective', 'full'), 'activations recomputed in the backward pass'),
  'workload.sequenceParallel': category(onOff, 'norms and residuals split over the tensor-parallel group'),
  'workload.weightSharding': category(codes('none', 'zero1', 'zero3'), 'state sharded over the data-parallel group'),
  'workload.axisOrder': category(axisOrders, 'order of the axes over the network dimensions, innermost first'),
  'workload.attention': category(codes('unfused', 'fused'), 'attention kernel: scores in memory, or kept on chip'),
  'workload.gradientOverlap': category(onOff, 'gradients are reduced beside the backward pass, or after it'),
  'workload.gradientBytes': {
    ...shared,
    scale: 'log',
    integer: true,
    min: 1,
    max: 8,
    unit: 'bytes',
    description: 'size of a gradient on its way between data-parallel ranks',
  },
  'workload.shardingOverlap': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1,
    description: 'share of the traffic of sharded weights (ZeRO-3) that runs beside compute',
  },
  'workload.pipelineOverlap': category(
    onOff,
    'sends between pipeline stages run beside compute, or stages wait for them',
  ),
  'workload.tensorOverlap': category(onOff, 'tensor-parallel reductions run beside weight gradients, or alone'),

  'collective.schedulingPolicy': category(codes('LIFO', 'FIFO'), 'which queued collective goes first'),
  'collective.chunks': {
    ...shared,
    scale: 'log',
    integer: true,
    min: 1,
    max: 1024,
    unit: 'per collective',
    description: 'chunks that a collective is split into (preferred-dataset-splits)',
  },
  'collective.multiDimensional': category(
    codes('baseline', 'localBWAware', 'flatRing'),
    'collectives over several dimensions: dimension by dimension, or one ring over all NPUs (not all-to-all)',
  ),
  'collective.algorithm': category(algorithms, 'collective algorithm', true),
  'collective.allReduceAlgorithm': category(algorithmOverrides, 'all-reduce algorithm', true),
  'collective.allGatherAlgorithm': category(algorithmOverrides, 'all-gather algorithm', true),
  'collective.reduceScatterAlgorithm': category(algorithmOverrides, 'reduce-scatter algorithm', true),
  'collective.allToAllAlgorithm': category(algorithmOverrides, 'all-to-all algorithm', true),

  'network.topology': category(topologies, 'topology of a dimension', true),
  'network.npus': { ...degree, perDimension: true, description: 'NPUs of a dimension' },
  'network.bandwidthGBps': {
    ...shared,
    scale: 'linear',
    integer: false,
    perDimension: true,
    min: 0.001,
    max: 1e6,
    unit: 'GB/s',
    description: "bandwidth per NPU and dimension, divided among the NPU's links there",
  },
  'network.latencyNs': {
    ...shared,
    scale: 'log',
    integer: false,
    perDimension: true,
    min: 0,
    max: 1e9,
    unit: 'ns',
    description: 'latency of a hop',
  },
  'network.efficiency': {
    ...fraction,
    perDimension: true,
    description: 'share of the peak bandwidth that messages reach',
  },
  'network.endpointDelayNs': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e9,
    unit: 'ns',
    description: 'time to inject one message',
  },

  'network.collectiveOverheadUs': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e6,
    unit: 'us',
    description: 'time to start a collective, per doubling of its group',
  },
  'network.shardingEfficiency': {
    ...fraction,
    description: 'share of the bandwidth that gathers of sharded weights reach',
  },

  'compute.peakTflops': {
    ...shared,
    scale: 'log',
    integer: false,
    min: 1e-3,
    max: 1e6,
    unit: 'TFLOP/s',
    description: 'peak arithmetic rate of an NPU',
  },
  'compute.memoryBandwidthGBps': {
    ...shared,
    scale: 'log',
    integer: false,
    min: 1e-3,
    max: 1e7,
    unit: 'GB/s',
    description: "bandwidth of an NPU's memory",
  },
  'compute.memoryCapacityGB': {
    ...shared,
    scale: 'log',
    integer: false,
    min: 1e-3,
    max: 1e6,
    unit: 'GB',
    description: "capacity of an NPU's memory (1 GB = 1e9 bytes)",
  },
  'compute.gemmEfficiency': {
    ...fraction,
    description: 'share of the peak arithmetic rate that matrix products reach',
  },
  'compute.memoryEfficiency': { ...fraction, description: 'share of the memory bandwidth that kernels reach' },
  'compute.attentionHalfDim': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e5,
    unit: 'elements',
    description:
      'head size d at which unfused attention reaches half of the peak: d/(d + half); 0: like other products',
  },
  'compute.fusedAttentionHalfDim': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e5,
    unit: 'elements',
    description: 'the same for fused attention',
  },
  'compute.hostLaunchUs': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e6,
    unit: 'us',
    description: "the host's time to launch one operation; the longer of host and NPU counts",
  },
  'compute.hostMicroBatchUs': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e9,
    unit: 'us',
    description: "the host's time for each pass of a micro-batch through a stage, besides launches",
  },
  'compute.kernelOverheadUs': {
    ...shared,
    scale: 'linear',
    integer: false,
    min: 0,
    max: 1e6,
    unit: 'us',
    description: 'time to start one kernel',
  },
} satisfies Record<string, Spec>;

/** The names of all parameters, `stack.parameter`. */
export type ParameterName = keyof typeof specs;

function layOut(): ParameterDefinition[] {
  let slot = 0;
  return Object.entries<Spec>(specs).map(([name, spec]) => {
    const definition = { ...spec, name, stack: name.split('.')[0] as Stack, slot };
    slot += spec.perDimension ? MAX_DIMENSIONS : 1;
    return definition;
  });
}

/** Every parameter, in the order of their slots. */
export const PARAMETERS: readonly ParameterDefinition[] = layOut();

const byName = new Map(PARAMETERS.map((parameter) => [parameter.name, parameter]));

/** The parameter of that name, or undefined. */
export function findParameter(name: string): ParameterDefinition | undefined {
  return byName.get(name);
}

/** Numbers in a design. */
export const SLOT_COUNT = PARAMETERS.reduce((sum, p) => sum + (p.perDimension ? MAX_DIMENSIONS : 1), 0);

/** First slot of a parameter. Throws on an unknown name: for names written in code, not by users. */
export function slotOf(name: string): number {
  const parameter = byName.get(name);
  if (parameter === undefined) throw new Error(`no parameter ${name}`);
  return parameter.slot;
}

/**
 * The number that stands for a category's value in a design. Throws on an unknown name: for names written in code, not by
 * users.
 *
 * @example
 * categoryCode('network.topology', 'Ring'); // 0
 */
export function categoryCode(parameter: string, category: string): number {
  const code = byName.get(parameter)?.categories?.get(category);
  if (code === undefined) throw new Error(`no ${parameter} ${category}`);
  return code;
}
