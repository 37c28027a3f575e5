/** What ASTRA-sim and STG would be given for a design. */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { MULTI_DIMENSIONAL } from '../collective/collective.js';
import { ALGORITHM, algorithmOf } from '../collective/phase.js';
import { linkCount, torusAxes } from '../network/network.js';
import { WEIGHT_SHARDING } from '../schedule/sharding.js';
import type { State } from '../state.js';
import { globalBatch } from '../workload/graph.js';
import { COLLECTIVE } from '../workload/operation.js';
import { type Dimension, linkBytesPerNs, type System } from './collective/message.js';
import { WINDOWED } from './collective/phase.js';
import type { StgWorkload } from './schedule/rowTimes.js';

const SLOT_TP = SLOT.workload.tp;
const SLOT_SP = SLOT.workload.sp;
const SLOT_DP = SLOT.workload.dp;
const SLOT_PP = SLOT.workload.pp;
const SLOT_VIRTUAL_STAGES = SLOT.workload.virtualStages;
const SLOT_SEQUENCE_PARALLEL = SLOT.workload.sequenceParallel;
const SLOT_WEIGHT_SHARDING = SLOT.workload.weightSharding;
const SLOT_CHUNKS = SLOT.collective.chunks;
const SLOT_ACTIVE_CHUNKS = SLOT.collective.activeChunks;
const SLOT_DIRECT_WINDOW = SLOT.collective.directWindow;
const SLOT_MULTI_DIMENSIONAL = SLOT.collective.multiDimensional;
const SLOT_BANDWIDTH_GBPS = SLOT.network.bandwidthGBps;
const SLOT_LATENCY_NS = SLOT.network.latencyNs;
const SLOT_ENDPOINT_DELAY_NS = SLOT.network.endpointDelayNs;
const SLOT_PEAK_TFLOPS = SLOT.compute.peakTflops;
const SLOT_MEMORY_BANDWIDTH_GBPS = SLOT.compute.memoryBandwidthGBps;

/** All that a dimension is made of; of each the slot of dimension 0. */
const DIMENSION_SLOTS = [
  SLOT.network.topology,
  SLOT.network.npus,
  SLOT_BANDWIDTH_GBPS,
  SLOT_LATENCY_NS,
  SLOT.collective.algorithm,
  SLOT.collective.allReduceAlgorithm,
  SLOT.collective.allGatherAlgorithm,
  SLOT.collective.reduceScatterAlgorithm,
  SLOT.collective.allToAllAlgorithm,
  SLOT_DIRECT_WINDOW,
];

const KINDS = Object.values(COLLECTIVE);

/** More than algorithms have codes. */
const CODES = 1 + Math.max(...Object.values(ALGORITHM));

/** What STG is given: its micro-batch is that of all data-parallel ranks. */
export function stgWorkload(s: State): StgWorkload {
  const { layers, hidden, ffn, vocab, classes, seq } = s.workload.phases[s.graph]!;
  const dp = s.design[SLOT_DP]!;
  return {
    layers,
    hidden,
    ffn,
    vocab: vocab > 0 ? vocab : classes,
    seq,
    batch: globalBatch(s),
    microBatch: s.microBatch * dp,
    dp,
    tp: s.design[SLOT_TP]!,
    cp: s.design[SLOT_SP]!,
    pp: s.design[SLOT_PP]!,
    sharded: s.design[SLOT_WEIGHT_SHARDING] === WEIGHT_SHARDING.zero3,
    tpsp: s.design[SLOT_SEQUENCE_PARALLEL] === 1,
  };
}

/** Has a dimension more axes than one? ASTRA-sim's network has no such topology. */
export function hasTorus({ topology }: State): boolean {
  return topology.some((code) => torusAxes(code) > 0);
}

/** False where a design asks for what STG or ASTRA-sim's network does not have. */
export function isKnown(s: State, { batch, microBatch }: StgWorkload): boolean {
  const sharding = s.design[SLOT_WEIGHT_SHARDING];
  const known = sharding === WEIGHT_SHARDING.none || sharding === WEIGHT_SHARDING.zero3;
  const plain = known && s.design[SLOT_VIRTUAL_STAGES]! <= 1;
  return plain && batch % microBatch === 0 && !hasTorus(s);
}

/** A number of what decides a design's graph, which few others have: whether weights are sharded, tpsp, and the degrees. */
export function shapeNumber(design: Float64Array): number {
  let number = 2 * design[SLOT_WEIGHT_SHARDING]! + design[SLOT_SEQUENCE_PARALLEL]!;
  for (const slot of [SLOT_PP, SLOT_TP, SLOT_SP, SLOT_DP]) number = 4096 * number + design[slot]!;
  return number;
}

/** directK where a window is given. */
function windowed(algorithm: number, window: number): number {
  return algorithm === ALGORITHM.direct && window > 0 ? WINDOWED + window : algorithm;
}

/** The last dimension of a place, and the values that it was made of. */
interface Known {
  readonly values: Float64Array;
  dimension: Dimension | undefined;
}

/**
 * Reads the systems that ASTRA-sim would be given for designs: the bandwidth of one link, one queue. Designs that follow one another
 * share most dimensions, and those are the same objects.
 */
export class SystemReader {
  private readonly known: readonly Known[] = Array.from({ length: MAX_DIMENSIONS }, () => ({
    values: new Float64Array(DIMENSION_SLOTS.length),
    dimension: undefined,
  }));

  private readonly algorithms = new Map<number, readonly number[]>();

  read(s: State): System {
    let npus = 1;
    let used = 0;
    for (let d = 0; d < MAX_DIMENSIONS; d++) {
      if (s.npus[d]! > 1) used++;
      npus *= s.npus[d]!;
    }
    // A list that grows takes three times as much.
    const dimensions = new Array<Dimension>(used);
    for (let d = 0, place = 0; d < MAX_DIMENSIONS; d++) {
      if (s.npus[d]! > 1) dimensions[place++] = this.dimensionOf(s, d);
    }
    return {
      dimensions,
      npus,
      chunks: s.design[SLOT_CHUNKS]!,
      activeChunks: s.design[SLOT_ACTIVE_CHUNKS]!,
      queues: 1,
      localBandwidthAware: s.design[SLOT_MULTI_DIMENSIONAL] === MULTI_DIMENSIONAL.localBandwidthAware,
      endpointNs: s.design[SLOT_ENDPOINT_DELAY_NS]!,
      memoryBandwidth: s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * 1e9,
      peak: s.design[SLOT_PEAK_TFLOPS]! * 1e12,
    };
  }

  private dimensionOf(s: State, d: number): Dimension {
    const last = this.known[d]!;
    let same = last.dimension !== undefined;
    for (let i = 0; i < DIMENSION_SLOTS.length; i++) {
      const value = s.design[DIMENSION_SLOTS[i]! + d]!;
      if (value === last.values[i]) continue;
      last.values[i] = value;
      same = false;
    }
    if (same) return last.dimension!;
    last.dimension = {
      topology: s.topology[d]!,
      npus: s.npus[d]!,
      bytesPerNs: linkBytesPerNs(s.design[SLOT_BANDWIDTH_GBPS + d]! / linkCount(s.topology[d]!, s.npus[d]!)),
      latencyNs: s.design[SLOT_LATENCY_NS + d]!,
      algorithms: this.algorithmsOf(s, d),
    };
    return last.dimension;
  }

  /** Of each collective; the same list for all dimensions that have the same ones. */
  private algorithmsOf(s: State, d: number): readonly number[] {
    const window = s.design[SLOT_DIRECT_WINDOW + d]!;
    let key = window;
    for (let i = 0; i < KINDS.length; i++) key = CODES * key + algorithmOf(s, KINDS[i]!, d);
    const known = this.algorithms.get(key);
    if (known !== undefined) return known;
    const algorithms = KINDS.map((kind) => windowed(algorithmOf(s, kind, d), window));
    this.algorithms.set(key, algorithms);
    return algorithms;
  }
}
