/** What one layer takes in a full pipeline: its chain of operations beside the traffic of weights and gradients. */
import { categoryCode, MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { collective } from '../collective/collective.js';
import { add, clear, copy, scale } from '../perDimension.js';
import type { State } from '../state.js';
import { graphInteger, graphReal } from '../workload/graph.js';
import { COLLECTIVE, GROUP, SCALE } from '../workload/operation.js';
import { GRAPH_INTEGER, GRAPH_REAL, PHASE } from '../workload/tables.js';
import { SECTION, SECTIONS } from '../workload/transformer.js';
import { chain } from './chain.js';

const SLOT_WEIGHT_SHARDING = slotOf('workload.weightSharding');
const SLOT_GRADIENT_OVERLAP = slotOf('workload.gradientOverlap');
const SLOT_GRADIENT_BYTES = slotOf('workload.gradientBytes');
const SLOT_SHARDING_OVERLAP = slotOf('workload.shardingOverlap');
const SLOT_SHARDING_EFFICIENCY = slotOf('network.shardingEfficiency');
export const WEIGHT_SHARDING = {
  none: categoryCode('workload.weightSharding', 'none'),
  zero1: categoryCode('workload.weightSharding', 'zero1'),
  zero3: categoryCode('workload.weightSharding', 'zero3'),
} as const;

/** Half-precision weights; gradients are accumulated in single precision (arXiv 2407.21783, 3.3.2). */
export const WEIGHT_BYTES = 2;
export const GRADIENT_BYTES = 4;

export function isTraining(s: State): boolean {
  return graphInteger(s, GRAPH_INTEGER.PHASE) === PHASE.training;
}

export function weightSharding(s: State): number {
  return s.design[SLOT_WEIGHT_SHARDING]!;
}

/** Bytes of a gradient on its way between the replicas. */
export function gradientBytes(s: State): number {
  return s.design[SLOT_GRADIENT_BYTES]!;
}

/** Sharded gradients always leave layer by layer; others wait for the end where the framework does not overlap them. */
export function overlapsGradients(s: State): boolean {
  return s.design[SLOT_GRADIENT_OVERLAP] === 1 || weightSharding(s) === WEIGHT_SHARDING.zero3;
}

/** Parameters of a layer on one NPU, in millions: those that all data-parallel ranks replicate, and those of experts. */
export function layerDenseM(s: State): number {
  return (
    graphReal(s, GRAPH_REAL.DENSE_M) * s.scales[SCALE.weight]! +
    graphReal(s, GRAPH_REAL.KV_M) * s.scales[SCALE.weightKv]!
  );
}

export function layerExpertM(s: State): number {
  return graphReal(s, GRAPH_REAL.EXPERT_M) * s.scales[SCALE.weightExpert]!;
}

/** Parameters of the embedding or the head on one NPU, in millions. */
export function edgeM(s: State, place: number): number {
  return graphReal(s, place) * s.scales[SCALE.weight]!;
}

/** The collective that makes gradients whole: each rank keeps all of them, or its shard. */
export function gradientCollective(s: State): number {
  return weightSharding(s) === WEIGHT_SHARDING.none ? COLLECTIVE.allReduce : COLLECTIVE.reduceScatter;
}

/**
 * A collective over the replicas of weights, in millions of parameters, experts after the rest: returns its time, us, and
 * leaves its use of the dimensions in `busyUs`.
 */
export function replicaUs(s: State, kind: number, bytes: number, denseM: number, expertM: number): number {
  let totalUs = 0;
  clear(s.totalBusyUs);
  for (let i = 0; i < 2; i++) {
    collective(s, kind, i === 1 ? GROUP.expertData : GROUP.data, (i === 1 ? expertM : denseM) * bytes);
    totalUs += s.collectiveUs;
    add(s.totalBusyUs, s.busyUs);
  }
  copy(s.busyUs, s.totalBusyUs);
  return totalUs;
}

/** Stretches the traffic of sharded weights to the bandwidth that it reaches. */
function slowShardedTraffic(s: State): void {
  const factor = 1 / s.design[SLOT_SHARDING_EFFICIENCY]!;
  s.gatherUs *= factor;
  s.gradientUs *= factor;
  scale(s.gatherBusyUs, factor);
  scale(s.gradientBusyUs, factor);
}

/** Sets the traffic of a layer beside its chain: gathers of sharded weights and reductions of gradients. */
function layerTraffic(s: State): void {
  s.gatherUs = 0;
  clear(s.gatherBusyUs);
  s.gradientUs = 0;
  clear(s.gradientBusyUs);
  if (weightSharding(s) === WEIGHT_SHARDING.zero3) {
    s.gatherUs = replicaUs(s, COLLECTIVE.allGather, WEIGHT_BYTES, layerDenseM(s), layerExpertM(s));
    copy(s.gatherBusyUs, s.busyUs);
  }
  if (isTraining(s)) {
    s.gradientUs = replicaUs(s, gradientCollective(s), gradientBytes(s), layerDenseM(s), layerExpertM(s));
    copy(s.gradientBusyUs, s.busyUs);
  }
  if (weightSharding(s) === WEIGHT_SHARDING.zero3) slowShardedTraffic(s);
}

/** Runs a section and keeps what came out. */
function runSection(s: State, section: number): void {
  chain(s, section);
  s.sectionUs[section] = s.chainUs;
  s.sectionLoadedUs[section] = s.chainLoadedUs;
  s.sectionComputeUs[section] = s.chainComputeUs;
  s.sectionHostUs[section] = s.chainHostUs;
  s.sectionExposedUs[3 * section] = s.chainExposedUs[GROUP.tp]!;
  s.sectionExposedUs[3 * section + 1] = s.chainExposedUs[GROUP.sp]!;
  s.sectionExposedUs[3 * section + 2] = s.chainExposedUs[GROUP.ep]!;
  s.sectionSavedMB[section] = s.chainSavedMB;
}

/** Runs every section of the graph once, layers beside their traffic; the forward layer last: the core memory is its. */
function runSections(s: State): void {
  for (let i = 1; i <= SECTIONS.length; i++) {
    const section = (SECTION.layerForward + i) % SECTIONS.length;
    clear(s.loadUs);
    if (section === SECTION.layerForward) copy(s.loadUs, s.gatherBusyUs);
    if (section === SECTION.layerBackward) {
      copy(s.loadUs, s.gatherBusyUs);
      if (overlapsGradients(s)) add(s.loadUs, s.gradientBusyUs);
    }
    runSection(s, section);
    if (section === SECTION.layerBackward) copy(s.backwardBlockUs, s.chainBlockUs);
  }
  copy(s.forwardBlockUs, s.chainBlockUs);
}

/**
 * Sets the periods of a layer. Sharded weights (ZeRO-3) are gathered one layer ahead and gradients leave before the next
 * layer ends, so a layer lasts at least as long as its traffic, alone and with the chain's use of each dimension. Else the
 * gradients of the last micro-batch alone run beside the chain, which FIFO makes wait for them.
 */
export function layer(s: State): void {
  layerTraffic(s);
  runSections(s);
  const forwardUs = s.sectionUs[SECTION.layerForward]!;
  const backwardUs = s.sectionUs[SECTION.layerBackward]!;
  const backwardLoadedUs = s.sectionLoadedUs[SECTION.layerBackward]!;
  if (weightSharding(s) !== WEIGHT_SHARDING.zero3) {
    s.forwardPeriodUs = forwardUs;
    s.backwardPeriodUs = backwardUs;
    s.lastBackwardPeriodUs = backwardLoadedUs;
    return;
  }
  s.forwardPeriodUs = Math.max(s.sectionLoadedUs[SECTION.layerForward]!, s.gatherUs);
  // Inference has no backward pass to gather weights for.
  s.backwardPeriodUs = isTraining(s) ? Math.max(backwardLoadedUs, s.gatherUs, s.gradientUs) : 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const gather = s.gatherBusyUs[d]!;
    const gradient = s.gradientBusyUs[d]!;
    s.forwardPeriodUs = Math.max(s.forwardPeriodUs, s.forwardBlockUs[d]! + gather);
    if (!isTraining(s)) continue;
    s.backwardPeriodUs = Math.max(s.backwardPeriodUs, s.backwardBlockUs[d]! + gather + gradient);
  }
  const alone = 1 - s.design[SLOT_SHARDING_OVERLAP]!;
  s.forwardPeriodUs += alone * Math.min(forwardUs, s.gatherUs);
  if (isTraining(s)) s.backwardPeriodUs += alone * Math.min(backwardUs, s.gatherUs + s.gradientUs);
  s.lastBackwardPeriodUs = s.backwardPeriodUs;
}
