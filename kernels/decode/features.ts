/** What no design of a space has need not be computed: each feature is a constant of the kernels of a space. */
import { CODE, findParameter, MAX_DIMENSIONS, type ParameterName } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { numberOf } from '../../psa/specs.js';
import { MULTI_DIMENSIONAL } from '../collective/collective.js';
import { CONTEXT_EXCHANGE, torusAxes } from '../network/network.js';
import { constantName } from '../wgslText.js';
import { type Flag, type Group, KEPT_TENSORS, OFFLOADED_MODULES, type Operation } from '../workload/operation.js';
import { RECOMPUTED_MODULES } from '../workload/recomputation.js';
import { anyHas } from './genes.js';

export interface Feature {
  /** In WGSL: whether any design of the space has the feature. */
  readonly constant: string;
  /** What decides. */
  readonly parameters: readonly ParameterName[];
  /** Whether a design with this value of one of them has it. */
  readonly has: (value: number) => boolean;
  /** A value of each as a PsA writes it: of a space whose designs all have the feature, and of one without. */
  readonly on: string;
  readonly off: string;
  /** Rows of op graphs that run with it only: those that ask for a flag, and collectives of a group. */
  readonly rows?: { readonly flag?: Flag; readonly group?: Group };
}

/** Is a value another one than that of designs without a feature? */
function isOther({ parameters, off }: Pick<Feature, 'parameters' | 'off'>): Feature['has'] {
  const without = Number.isNaN(Number(off)) ? numberOf(findParameter(parameters[0]!)!, off) : Number(off);
  return (value) => value !== without;
}

/** Each module that may be recomputed by itself. */
const recomputedModules = RECOMPUTED_MODULES.map(
  (flag): Row => ({
    constant: `HAS_${constantName(flag.replace('recompute', 'recomputed'))}`,
    parameters: [`workload.${flag}`],
    on: 'on',
    off: 'off',
    rows: { flag },
  }),
);

/** Each tensor that layers which are recomputed whole may keep. */
const keptTensors = KEPT_TENSORS.map(
  (flag): Row => ({
    constant: `HAS_${constantName(flag.replace('keep', 'kept'))}`,
    parameters: [`workload.${flag}`],
    on: 'device',
    off: 'off',
    rows: { flag },
  }),
);

/** Without `has`, designs have the feature whose value is another one than `off`. */
type Row = Omit<Feature, 'has'> & Partial<Pick<Feature, 'has'>>;

const ROWS: readonly Row[] = [
  ...recomputedModules,
  ...keptTensors,
  {
    constant: 'HAS_TENSORS_ON_HOST',
    parameters: KEPT_TENSORS.map((tensor) => `workload.${tensor}` as const),
    has: (value) => value === CODE.workload.keepQkv.host,
    on: 'host',
    off: 'off',
  },
  {
    constant: 'HAS_OWN_ALGORITHMS',
    parameters: [
      'collective.allReduceAlgorithm',
      'collective.allGatherAlgorithm',
      'collective.reduceScatterAlgorithm',
      'collective.allToAllAlgorithm',
    ],
    on: 'ring',
    off: 'same',
  },
  {
    constant: 'HAS_FLAT_RING',
    parameters: ['collective.multiDimensional'],
    has: (value) => value === MULTI_DIMENSIONAL.flatRing,
    on: 'flatRing',
    off: 'localBWAware',
  },
  {
    constant: 'HAS_TORUS',
    parameters: ['network.topology'],
    has: (value) => torusAxes(value) > 0,
    on: 'Torus3D',
    off: 'Ring',
  },
  { constant: 'HAS_IN_SWITCH_REDUCTION', parameters: ['network.inSwitchEfficiency'], on: '0.8', off: '0' },
  { constant: 'HAS_TREES', parameters: ['network.treeEfficiency'], on: '0.8', off: '0' },
  { constant: 'HAS_EXCHANGE_EFFICIENCY', parameters: ['network.exchangeEfficiency'], on: '0.8', off: '1' },
  { constant: 'HAS_PIECES', parameters: ['network.pieceUs'], on: '3', off: '0' },
  {
    constant: 'HAS_CONTEXT_RING',
    parameters: ['workload.contextExchange'],
    has: (value) => value === CONTEXT_EXCHANGE.ring || value === CONTEXT_EXCHANGE.twoLevel,
    on: 'ring',
    off: 'allGather',
    rows: { flag: 'contextRing', group: 'contextRing' },
  },
  {
    constant: 'HAS_HEAD_EXCHANGE',
    parameters: ['workload.contextExchange'],
    has: (value) => value === CONTEXT_EXCHANGE.allToAll || value === CONTEXT_EXCHANGE.twoLevel,
    on: 'allToAll',
    off: 'allGather',
    rows: { flag: 'exchangeHeads' },
  },
  { constant: 'HAS_EXPERT_LOAD_SPREAD', parameters: ['workload.expertLoadSpread'], on: '0.2', off: '0' },
  { constant: 'HAS_UNBALANCED_CONTEXT', parameters: ['workload.contextBalance'], on: 'off', off: 'on' },
  {
    constant: 'HAS_EXPERTS_APART',
    parameters: ['workload.etp'],
    on: '1',
    off: 'tp',
    rows: { flag: 'expertsApart', group: 'etp' },
  },
  {
    constant: 'HAS_DISPATCH_BY_NODE',
    parameters: ['workload.expertDispatch'],
    has: (value) => value === CODE.workload.expertDispatch.byNode,
    on: 'byNode',
    off: 'allToAll',
    rows: { flag: 'expertsByNode' },
  },
  {
    constant: 'HAS_DISPATCH_MASKS',
    parameters: ['workload.capacityDispatch'],
    on: 'masks',
    off: 'copies',
    rows: { flag: 'dispatchMasks' },
  },
  { constant: 'HAS_MASTER_SHARDS', parameters: ['workload.weightShards'], on: 'master', off: 'half' },
  { constant: 'HAS_SHARD_GROUPS', parameters: ['workload.shardGroup'], on: '1', off: 'all' },
  { constant: 'HAS_TENSOR_OVERLAP', parameters: ['workload.tensorOverlap'], on: 'on', off: 'off' },
  { constant: 'HAS_TENSOR_PIPELINING', parameters: ['workload.tensorPipelining'], on: '0.5', off: '0' },
  { constant: 'HAS_EXPERT_OVERLAP', parameters: ['workload.expertOverlap'], on: 'on', off: 'off' },
  { constant: 'HAS_UNFUSED_OPTIMIZER', parameters: ['workload.optimizerKernel'], on: 'unfused', off: 'fused' },
  { constant: 'HAS_OPTIMIZER_OFFLOAD', parameters: ['workload.optimizerOffload'], on: '1', off: '0' },
  { constant: 'HAS_OFFLOADED_LAYERS', parameters: ['workload.offloadedLayers'], on: '2', off: 'none' },
  {
    constant: 'HAS_OFFLOADED_MODULES',
    parameters: OFFLOADED_MODULES.map((module) => `workload.${module}` as const),
    on: 'on',
    off: 'off',
  },
  { constant: 'HAS_RECOMPUTED_LAYERS', parameters: ['workload.recomputedLayers'], on: '2', off: 'all' },
  { constant: 'HAS_RESHARDING', parameters: ['workload.reshardAfter'], on: 'step', off: 'forward' },
  {
    constant: 'HAS_WEIGHT_COPIES',
    parameters: ['workload.shardLayout'],
    has: (value) => value === CODE.workload.shardLayout.perParameter,
    on: 'perParameter',
    off: 'inPlace',
    rows: { flag: 'weightsCopied' },
  },
  {
    constant: 'HAS_GRADIENT_COPIES',
    parameters: ['workload.shardLayout'],
    on: 'flat',
    off: 'inPlace',
    rows: { flag: 'gradientsCopied' },
  },
  {
    constant: 'HAS_TENSOR_COPIES',
    parameters: ['workload.tensorLayout'],
    on: 'batchOutermost',
    off: 'sequenceOutermost',
    rows: { flag: 'sequencesJoined' },
  },
  { constant: 'HAS_LATE_SCATTERS', parameters: ['workload.gradientSync'], on: 'step', off: 'microBatch' },
  {
    constant: 'HAS_LATE_GATHERS',
    parameters: ['workload.prefetchLayers'],
    has: (value) => value === 0,
    on: '0',
    off: '1',
  },
  {
    constant: 'HAS_SPLIT_BACKWARD',
    parameters: ['workload.pipelineSchedule'],
    has: (value) => value >= CODE.workload.pipelineSchedule.zbH1,
    on: 'zbH1',
    off: '1f1b',
  },
  {
    constant: 'HAS_HOST_TIME',
    parameters: ['compute.hostLaunchUs', 'compute.hostMicroBatchUs', 'compute.hostExpertUs', 'compute.hostShardUs'],
    on: '20',
    off: '0',
  },
  { constant: 'HAS_LAUNCH_BLOCKING', parameters: ['compute.launchBlocking'], on: 'on', off: 'off' },
  { constant: 'HAS_HOST_OF_EXPERTS', parameters: ['compute.hostExpertUs', 'compute.hostShardUs'], on: '20', off: '0' },
  {
    constant: 'HAS_BALANCED_EDGES',
    parameters: ['workload.embeddingLayers', 'workload.headLayers'],
    on: '1',
    off: '0',
  },
  {
    constant: 'HAS_STATED_ENDS',
    parameters: ['workload.firstStageLayers', 'workload.lastStageLayers'],
    on: '1',
    off: 'even',
  },
  {
    constant: 'HAS_SHAPES',
    parameters: [
      'compute.gemmHalfDepth',
      'compute.gemmDepthNs',
      'compute.attentionHalfDepth',
      'compute.attentionDepthNs',
      'compute.attentionOverheadUs',
      'compute.expertPadding',
      'compute.cacheEfficiency',
      'compute.gemmMemoryEfficiency',
    ],
    on: '1',
    off: '0',
  },
  { constant: 'HAS_LOSS', parameters: ['workload.loss'], on: 'plain', off: 'inPlace' },
  {
    constant: 'HAS_UNFUSED_KERNELS',
    parameters: [
      'workload.normKernel',
      'workload.softmaxKernel',
      'workload.rotaryKernel',
      'workload.activationKernel',
      'workload.combineKernel',
    ],
    on: 'unfused',
    off: 'fused',
  },
  { constant: 'HAS_EXPERT_ROOM', parameters: ['workload.expertRoom'], on: 'allRanks', off: 'asNeeded' },
  { constant: 'HAS_STAGE_OUTPUTS', parameters: ['workload.stageOutputs'], on: 'kept', off: 'freed' },
  { constant: 'HAS_WEIGHT_GRADIENT_BUFFERS', parameters: ['workload.weightGradientBuffers'], on: 'on', off: 'off' },
  {
    constant: 'HAS_BUFFERS',
    parameters: [
      'workload.bucketBytes',
      'workload.reductionBufferGB',
      'workload.updateBufferBytes',
      'workload.gatherBuffers',
      'compute.workspaceGB',
      'compute.allocatorSlack',
    ],
    on: '2',
    off: '0',
  },
  { constant: 'HAS_SYNCHRONOUS_ATTENTION', parameters: ['compute.synchronousAttention'], on: '0.5', off: '0' },
  { constant: 'HAS_OPERAND_GATHERS', parameters: ['workload.tensorGather'], on: 'operands', off: 'half' },
  {
    constant: 'HAS_SHARED_LINKS',
    parameters: ['collective.schedulingPolicy'],
    has: (value) => value === CODE.collective.schedulingPolicy.shared,
    on: 'shared',
    off: 'LIFO',
  },
  { constant: 'HAS_EARLY_END', parameters: ['workload.recomputationEnd'], on: 'needed', off: 'block' },
  { constant: 'HAS_RECOMPUTED_FUSED_CORE', parameters: ['workload.recomputeFusedCore'], on: 'on', off: 'off' },
  { constant: 'HAS_LOSS_EFFICIENCY', parameters: ['compute.lossEfficiency'], on: '0.9', off: '0' },
  { constant: 'HAS_EXPERT_EFFICIENCY', parameters: ['compute.expertEfficiency'], on: '0.6', off: '1' },
  { constant: 'HAS_EXPERT_BIAS_APART', parameters: ['workload.expertBiasKernel'], on: 'unfused', off: 'fused' },
  { constant: 'HAS_ROTARY_COPIES', parameters: ['workload.rotaryKernel'], on: 'operations', off: 'fused' },
  {
    constant: 'HAS_GRADIENTS_ADDED',
    parameters: ['workload.gradientAccumulation'],
    has: (value) => value === 1,
    on: 'unfused',
    off: 'fused',
  },
  {
    constant: 'HAS_PRECISION',
    parameters: ['workload.precision', 'workload.attentionPrecision'],
    on: 'fp8',
    off: 'bf16',
  },
];

export const FEATURES: readonly Feature[] = ROWS.map((row) => ({ has: isOther(row), ...row }));

/** Whether any design of the space has the feature. */
export function hasFeature(space: CompiledSpace, { parameters, has }: Feature): boolean {
  return parameters.some((name) => {
    const { slot, perDimension } = findParameter(name)!;
    const slots = Array.from({ length: perDimension ? MAX_DIMENSIONS : 1 }, (_, d) => slot + d);
    return slots.some((each) => anyHas(space, each, has));
  });
}

function hasNamed(space: CompiledSpace, constant: string): boolean {
  return FEATURES.some((feature) => feature.constant === constant && hasFeature(space, feature));
}

/** Do designs of the space shard in groups of the replicas? */
export function hasShardGroups(space: CompiledSpace): boolean {
  return hasNamed(space, 'HAS_SHARD_GROUPS');
}

/** Do designs of the space send tokens once to each node? */
export function hasDispatchByNode(space: CompiledSpace): boolean {
  return hasNamed(space, 'HAS_DISPATCH_BY_NODE');
}

/** The rows of an op graph that designs of the space may run, without the conditions that all of them meet. */
export function rowsWithin(space: CompiledSpace): (rows: readonly Operation[]) => readonly Operation[] {
  const absent = FEATURES.flatMap((feature) => (feature.rows && !hasFeature(space, feature) ? [feature.rows] : []));
  const happens = (row: Operation) =>
    absent.every(
      ({ flag, group }) =>
        (flag === undefined || !row.when[flag]) && (row.kind !== 'collective' || row.group !== group),
    );
  const conditionsOf = (row: Operation): Operation['when'] =>
    Object.fromEntries(Object.entries(row.when).filter(([name]) => absent.every(({ flag }) => flag !== name)));
  const present = (modules: readonly Flag[]) => modules.filter((module) => absent.every(({ flag }) => flag !== module));
  return (rows) =>
    rows.filter(happens).map((row) => ({
      ...row,
      when: conditionsOf(row),
      droppedWith: present(row.droppedWith),
      halfDroppedWith: present(row.halfDroppedWith),
    }));
}
