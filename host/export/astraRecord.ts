/**
 * A design in ASTRA-sim's terms. Formats: ASTRA-sim's examples (github.com/astra-sim/astra-sim, examples/network/analytical
 * and examples/system/native_collectives) and the flags of its symbolic tensor graph generator, STG
 * (github.com/astra-sim/symbolic_tensor_graph, main.py).
 */
import { linkCount } from '../../kernels/network/network.js';
import { CODE } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type DesignValues, isInOrder, notExpressible, type TrainedDesign, trainedDesign } from './designValues.js';

const FORMAT = 'ASTRA-sim with STG';

/** One run of ASTRA-sim: what `cosmic validate workloads` reads, without its outcome. */
export interface AstraRecord {
  readonly id: string;
  readonly network: {
    readonly topology: readonly string[];
    readonly npus_count: readonly number[];
    /** Of a link, as the network file has it. */
    readonly bandwidth_GBps: readonly number[];
    readonly latency_ns: readonly number[];
  };
  readonly total_npus: number;
  readonly impl: Readonly<Record<'all-reduce' | 'all-gather' | 'reduce-scatter' | 'all-to-all', readonly string[]>>;
  readonly collective_optimization: 'baseline' | 'localBWAware';
  readonly preferred_dataset_splits: number;
  readonly active_chunks_per_dimension: number;
  readonly endpoint_delay_ns: number;
  readonly scheduling_policy: string;
  readonly local_mem_bw_GBps: number;
  readonly peak_perf_TFLOPS: number;
  readonly workload: {
    readonly num_stacks: number;
    readonly batch: number;
    /** Over all data-parallel ranks; −1: the batch. */
    readonly micro_batch: number;
    readonly dp: number;
    readonly tp: number;
    readonly sp: number;
    readonly pp: number;
    readonly weight_sharded: 0 | 1;
    readonly dmodel: number;
    readonly dff: number;
    readonly head: number;
    readonly kvhead: number;
    readonly seq: number;
    readonly dvocal: number;
    readonly extra_flags: readonly string[];
  };
}

export interface AstraExport {
  readonly record: AstraRecord;
  /** What ASTRA-sim or STG does otherwise than the design says. */
  readonly notes: readonly string[];
}

const TOPOLOGY_ALGORITHM: Readonly<Record<string, string>> = {
  Ring: 'ring',
  Switch: 'halvingDoubling',
  FullyConnected: 'direct',
};

/** Network dimensions of more than one NPU: ASTRA-sim has no others. */
function realDimensions(values: DesignValues): number[] {
  return values.numbers('network.npus').flatMap((npus, d) => (npus > 1 ? [d] : []));
}

function networkOf(values: DesignValues, dimensions: readonly number[]): AstraRecord['network'] {
  const [topologies, npus] = [values.texts('network.topology'), values.numbers('network.npus')];
  const bandwidth = values.numbers('network.bandwidthGBps');
  const efficiency = values.numbers('network.efficiency');
  return {
    topology: dimensions.map((d) => topologies[d]!),
    npus_count: dimensions.map((d) => npus[d]!),
    bandwidth_GBps: dimensions.map(
      (d) =>
        (bandwidth[d]! * efficiency[d]!) /
        linkCount(CODE.network.topology[topologies[d] as keyof typeof CODE.network.topology], npus[d]!),
    ),
    latency_ns: dimensions.map((d) => values.numbers('network.latencyNs')[d]!),
  };
}

function implementations(values: DesignValues, dimensions: readonly number[]): AstraRecord['impl'] {
  const topologies = values.texts('network.topology');
  const shared = values.texts('collective.algorithm');
  const windows = values.numbers('collective.directWindow');
  const resolved = (own: readonly string[]) =>
    dimensions.map((d) => {
      const algorithm = own[d] === 'same' ? shared[d]! : own[d]!;
      const named = algorithm === 'topology' ? TOPOLOGY_ALGORITHM[topologies[d]!]! : algorithm;
      return named === 'direct' && windows[d]! > 0 ? `direct${windows[d]}` : named;
    });
  return {
    'all-reduce': resolved(values.texts('collective.allReduceAlgorithm')),
    'all-gather': resolved(values.texts('collective.allGatherAlgorithm')),
    'reduce-scatter': resolved(values.texts('collective.reduceScatterAlgorithm')),
    'all-to-all': resolved(values.texts('collective.allToAllAlgorithm')),
  };
}

function workloadOf({ values, model, batch, microBatch }: TrainedDesign): AstraRecord['workload'] {
  if (model.experts > 1) throw notExpressible('a mixture of experts', FORMAT, 'choose a dense model by --model');
  const dp = values.number('workload.dp');
  return {
    num_stacks: model.layers,
    batch,
    micro_batch: microBatch * dp === batch ? -1 : microBatch * dp,
    dp,
    tp: values.number('workload.tp'),
    sp: values.number('workload.sp'),
    pp: values.number('workload.pp'),
    weight_sharded: values.text('workload.weightSharding') === 'zero3' ? 1 : 0,
    dmodel: model.hidden,
    dff: model.ffn,
    head: model.heads,
    kvhead: model.kvHeads,
    seq: model.seq,
    dvocal: model.vocab || model.classes,
    extra_flags: values.text('workload.sequenceParallel') === 'on' ? [] : ['--tpsp', '0'],
  };
}

/** STG numbers its NPUs rank = ((pp·SP + sp)·TP + tp)·DP + dp. */
const STG_ORDER = ['dp', 'tp', 'sp', 'pp'];

function notesOf({ values, model, axes }: TrainedDesign): string[] {
  const text = (name: Parameters<DesignValues['text']>[0]) => values.text(name);
  const notes: [boolean, string][] = [
    [true, 'ASTRA-sim reads GB/s of the network as GiB/s (7.4 % more), those of the memory as 1e9 bytes/s'],
    [true, 'STG counts a multiply-accumulate as one operation, and an element as one byte'],
    [!isInOrder(axes, STG_ORDER), `STG lays the axes as dp-tp-sp-pp, not as ${text('workload.axisOrder')}`],
    [
      text('workload.weightSharding') === 'zero1' || text('workload.weightSharding') === 'zero2',
      'STG has no ZeRO-1 and 2: exported without weight sharding',
    ],
    [text('workload.recomputation') !== 'none', 'STG recomputes no activations'],
    [values.number('workload.pp') > 1, 'STG has no pipeline schedule: the earliest micro-batch goes first'],
    [
      text('collective.multiDimensional') === 'flatRing',
      'ASTRA-sim has no flat ring over all NPUs of several dimensions: exported dimension by dimension',
    ],
    [model.gated || model.kvHeads < model.heads, "STG's model gpt has a two-matrix MLP and no grouped queries"],
    [model.vocab === 0, 'STG has no patch embedding: the classes stand in for the vocabulary'],
    [values.numbers('network.efficiency').some((e) => e !== 1), 'network.efficiency is multiplied into the bandwidth'],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}

/**
 * A design as ASTRA-sim and STG take it.
 *
 * @throws CosmicError ARGUMENT where they cannot express its workload
 */
export function astraExport(space: CompiledSpace, design: Float64Array, id: string): AstraExport {
  const trained = trainedDesign(space, design, FORMAT);
  const { values } = trained;
  const dimensions = realDimensions(values);
  if (dimensions.length === 0) throw notExpressible('a single NPU', FORMAT, 'export a design of several');
  return {
    record: {
      id,
      network: networkOf(values, dimensions),
      total_npus: space.npus,
      impl: implementations(values, dimensions),
      collective_optimization:
        values.text('collective.multiDimensional') === 'localBWAware' ? 'localBWAware' : 'baseline',
      preferred_dataset_splits: values.number('collective.chunks'),
      active_chunks_per_dimension: values.number('collective.activeChunks'),
      endpoint_delay_ns: values.number('network.endpointDelayNs'),
      scheduling_policy: values.text('collective.schedulingPolicy'),
      local_mem_bw_GBps: values.number('compute.memoryBandwidthGBps'),
      peak_perf_TFLOPS: values.number('compute.peakTflops'),
      workload: workloadOf(trained),
    },
    notes: notesOf(trained),
  };
}
