/** What one layer takes in a full pipeline: its chain of operations beside the traffic of weights and gradients. */

import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { lowestBit } from '../bits.js';
import { addCallBusy, layerBusyUs } from '../collective/call.js';
import { clear, scale } from '../perDimension.js';
import type { State } from '../state.js';
import { graphInteger, graphReal } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL, PHASE } from '../workload/header.js';
import { CALL, COLLECTIVE, SCALE, WAITED_COUNT, WAITED_GROUPS } from '../workload/operation.js';
import { SECTION, SECTIONS } from '../workload/transformer.js';
import { chain } from './chain.js';

const SLOT_SCHEDULING_POLICY = SLOT.collective.schedulingPolicy;
const FIFO = CODE.collective.schedulingPolicy.FIFO;
const SLOT_WEIGHT_SHARDING = SLOT.workload.weightSharding;
const SLOT_GRADIENT_OVERLAP = SLOT.workload.gradientOverlap;
const SLOT_GRADIENT_BYTES = SLOT.workload.gradientBytes;
const SLOT_SHARDING_OVERLAP = SLOT.workload.shardingOverlap;
const SLOT_SHARDING_EFFICIENCY = SLOT.network.shardingEfficiency;
export const WEIGHT_SHARDING = {
  none: CODE.workload.weightSharding.none,
  zero1: CODE.workload.weightSharding.zero1,
  zero2: CODE.workload.weightSharding.zero2,
  zero3: CODE.workload.weightSharding.zero3,
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

/** Weights that are sharded are gathered, layer by layer, for each pass. */
export function gathersWeights(s: State): boolean {
  return weightSharding(s) === WEIGHT_SHARDING.zero3;
}

/** Gradients that are sharded leave layer by layer, of each micro-batch (arXiv 1910.02054, 5.2). */
export function scattersGradients(s: State): boolean {
  return gathersWeights(s) || weightSharding(s) === WEIGHT_SHARDING.zero2;
}

/** Replicas of weights that are whole, each of whose optimisers updates a shard, gather them at the end of a step. */
export function gathersUpdates(s: State): boolean {
  return !gathersWeights(s) && weightSharding(s) !== WEIGHT_SHARDING.none;
}

/** Bytes of a gradient on its way between the replicas. */
export function gradientBytes(s: State): number {
  return s.design[SLOT_GRADIENT_BYTES]!;
}

/** Sharded gradients always leave layer by layer; others wait for the end where the framework does not overlap them. */
export function overlapsGradients(s: State): boolean {
  return s.design[SLOT_GRADIENT_OVERLAP] === 1 || scattersGradients(s);
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

/** Stretches the traffic of sharded weights to the bandwidth that it reaches. */
function slowShardedTraffic(s: State): void {
  const factor = 1 / s.design[SLOT_SHARDING_EFFICIENCY]!;
  s.gatherUs *= factor;
  s.gradientUs *= factor;
  scale(s.gatherBusyUs, factor);
  scale(s.gradientBusyUs, factor);
}

/** Sets the traffic of a layer beside its chain: gathers of sharded weights and reductions of gradients, experts after the rest. */
function layerTraffic(s: State): void {
  s.gatherUs = s.callUs[CALL.gatherDense]! + s.callUs[CALL.gatherExpert]!;
  clear(s.gatherBusyUs);
  addCallBusy(s, CALL.gatherDense, s.gatherBusyUs);
  addCallBusy(s, CALL.gatherExpert, s.gatherBusyUs);
  s.gradientUs = s.callUs[CALL.gradientDense]! + s.callUs[CALL.gradientExpert]!;
  clear(s.gradientBusyUs);
  addCallBusy(s, CALL.gradientDense, s.gradientBusyUs);
  addCallBusy(s, CALL.gradientExpert, s.gradientBusyUs);
  if (gathersWeights(s)) slowShardedTraffic(s);
}

/** The dimensions of the groups that communicate in a section and are waited for as one, as bits. */
function waitedDimensions(s: State, section: number, waited: number): number {
  let dimensions = 0;
  for (const group of WAITED_GROUPS[waited]!) {
    if (((s.steps.sectionGroups[section]! >> group) & 1) === 1) dimensions |= s.groupDimensions[group]!;
  }
  return dimensions;
}

/** The longest other communication on dimensions (bits) at the start of a layer, us. */
function queueUs(s: State, dimensions: number, withGradients: boolean): number {
  let longestUs = 0;
  for (let rest = dimensions; rest !== 0; rest &= rest - 1) {
    const d = lowestBit(rest);
    longestUs = Math.max(longestUs, s.gatherBusyUs[d]! + (withGradients ? s.gradientBusyUs[d]! : 0));
  }
  return longestUs;
}

/**
 * Sets what the collectives of a layer wait for where the newest does not overtake the others; tells whether that is something
 * else than before.
 */
function queue(s: State, section: number): boolean {
  const withGradients = section === SECTION.layerBackward && overlapsGradients(s);
  const waits = s.design[SLOT_SCHEDULING_POLICY] === FIFO;
  let changed = false;
  for (let waited = 0; waited < WAITED_COUNT; waited++) {
    const dimensions = waitedDimensions(s, section, waited);
    if (dimensions === 0) continue;
    const us = waits ? queueUs(s, dimensions, withGradients) : 0;
    if (us === s.sectionQueueUs[WAITED_COUNT * section + waited]) continue;
    s.sectionQueueUs[WAITED_COUNT * section + waited] = us;
    changed = true;
  }
  return changed;
}

/** Runs every section of the graph once, layers beside their traffic; but those for which nothing has changed. */
function runSections(s: State): void {
  for (let section = 0; section < SECTIONS.length; section++) {
    const isLayer = section === SECTION.layerForward || section === SECTION.layerBackward;
    const changed = isLayer && queue(s, section);
    if (!changed && !s.stalePlan && (s.steps.sectionGroups[section]! & s.staleGroups) === 0) continue;
    chain(s, section);
    s.staleStages = true;
    if (section === SECTION.layerForward) layerBusyUs(s, 0, s.forwardBlockUs);
    if (section === SECTION.layerBackward) layerBusyUs(s, 1, s.backwardBlockUs);
  }
}

/** Sets the periods of a layer beside sharded traffic. */
function shardedPeriods(s: State): void {
  const forwardUs = s.sectionUs[SECTION.layerForward]!;
  const backwardUs = s.sectionUs[SECTION.layerBackward]!;
  s.forwardPeriodUs = Math.max(s.sectionLoadedUs[SECTION.layerForward]!, s.gatherUs);
  // Inference has no backward pass to gather weights for.
  const training = isTraining(s);
  const loadedUs = s.sectionLoadedUs[SECTION.layerBackward]!;
  s.backwardPeriodUs = training ? Math.max(loadedUs, s.gatherUs, s.gradientUs) : 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const gather = s.gatherBusyUs[d]!;
    s.forwardPeriodUs = Math.max(s.forwardPeriodUs, s.forwardBlockUs[d]! + gather);
    if (!training) continue;
    s.backwardPeriodUs = Math.max(s.backwardPeriodUs, s.backwardBlockUs[d]! + gather + s.gradientBusyUs[d]!);
  }
  const alone = 1 - s.design[SLOT_SHARDING_OVERLAP]!;
  s.forwardPeriodUs += alone * Math.min(forwardUs, s.gatherUs);
  if (training) s.backwardPeriodUs += alone * Math.min(backwardUs, s.gatherUs + s.gradientUs);
  s.lastBackwardPeriodUs = s.backwardPeriodUs;
  s.staleStages = true;
}

/**
 * Sets the periods of a layer. Sharded weights (ZeRO-3) are gathered one layer ahead, and sharded gradients (ZeRO-2 too) leave
 * before the next layer ends, so a layer lasts at least as long as its traffic, alone and with the chain's use of each dimension. Else the
 * gradients of the last micro-batch alone run beside the chain, which FIFO makes wait for them.
 */
export function layer(s: State): void {
  layerTraffic(s);
  runSections(s);
  if (scattersGradients(s)) {
    shardedPeriods(s);
    return;
  }
  s.forwardPeriodUs = s.sectionUs[SECTION.layerForward]!;
  s.backwardPeriodUs = s.sectionUs[SECTION.layerBackward]!;
  s.lastBackwardPeriodUs = s.sectionLoadedUs[SECTION.layerBackward]!;
}
