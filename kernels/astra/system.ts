/** The system that ASTRA-sim would be given for a design. */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { MULTI_DIMENSIONAL } from '../collective/collective.js';
import { algorithmOf } from '../collective/phase.js';
import { linkCount } from '../network/network.js';
import type { State } from '../state.js';
import { COLLECTIVE } from '../workload/operation.js';
import { type AstraDimension, type AstraSystem, linkBytesPerNs } from './collective/message.js';

const SLOT_CHUNKS = SLOT.collective.chunks;
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
];

/** The last dimension of each place, and the values that it was made of: designs that follow one another share most. */
interface Known {
  readonly values: Float64Array;
  dimension: AstraDimension | undefined;
}
const known: readonly Known[] = Array.from({ length: MAX_DIMENSIONS }, () => ({
  values: new Float64Array(DIMENSION_SLOTS.length),
  dimension: undefined,
}));

function dimensionOf(s: State, d: number): AstraDimension {
  const last = known[d]!;
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
    algorithms: Object.values(COLLECTIVE).map((kind) => algorithmOf(s, kind, d)),
  };
  return last.dimension;
}

/** What COSMIC gives ASTRA-sim: the bandwidth of one link, one active chunk per dimension, one queue. */
export function astraSystem(s: State): AstraSystem {
  const dimensions: AstraDimension[] = [];
  let npus = 1;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    if (s.npus[d]! > 1) dimensions.push(dimensionOf(s, d));
    npus *= s.npus[d]!;
  }
  return {
    dimensions,
    npus,
    chunks: s.design[SLOT_CHUNKS]!,
    activeChunks: 1,
    queues: 1,
    localBandwidthAware: s.design[SLOT_MULTI_DIMENSIONAL] === MULTI_DIMENSIONAL.localBandwidthAware,
    endpointNs: s.design[SLOT_ENDPOINT_DELAY_NS]!,
    memoryBandwidth: s.design[SLOT_MEMORY_BANDWIDTH_GBPS]! * 1e9,
    peak: s.design[SLOT_PEAK_TFLOPS]! * 1e12,
  };
}
