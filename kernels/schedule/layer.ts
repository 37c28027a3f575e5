/** What one layer takes in a full pipeline: its chain of operations beside the traffic of weights and gradients. */

import { CODE, MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { lowestBit } from '../bits.js';
import { addCallBusy, layerBusyUs } from '../collective/call.js';
import { ALL_GROUPS } from '../network/network.js';
import { clear, scale } from '../perDimension.js';
import type { State } from '../state.js';
import { graphInteger, graphReal } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL, PHASE } from '../workload/header.js';
import { CALL, SCALE, WAITED_COUNT, WAITED_GROUPS } from '../workload/operation.js';
import { SECTION, SECTIONS } from '../workload/transformer.js';
import { chain } from './chain.js';
import {
  gathersBackward,
  gathersForward,
  gathersWeights,
  overlapsGradients,
  prefetches,
  scattersGradients,
} from './sharding.js';

const SLOT_SCHEDULING_POLICY = SLOT.collective.schedulingPolicy;
const LIFO = CODE.collective.schedulingPolicy.LIFO;
const SLOT_SHARDING_OVERLAP = SLOT.workload.shardingOverlap;
const SLOT_SHARDING_EFFICIENCY = SLOT.network.shardingEfficiency;

export function isTraining(s: State): boolean {
  return graphInteger(s, GRAPH_INTEGER.PHASE) === PHASE.training;
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

/** Stretches the traffic of sharded weights to the bandwidth that it reaches. */
function slowShardedTraffic(s: State): void {
  const factor = 1 / s.design[SLOT_SHARDING_EFFICIENCY]!;
  s.gatherUs *= factor;
  s.gradientUs *= factor;
  scale(s.gatherBusyUs, factor);
  scale(s.gradientBusyUs, factor);
}

/** What makes the gradients of a layer whole, one after the other. */
export const LAYER_GRADIENTS = [CALL.gradientDense, CALL.gradientExpert, CALL.outerDense, CALL.outerExpert] as const;

/** Sets the traffic of a layer beside its chain: gathers of sharded weights and reductions of gradients, experts after the rest. */
function layerTraffic(s: State): void {
  s.gatherUs = s.callUs[CALL.gatherDense]! + s.callUs[CALL.gatherExpert]!;
  clear(s.gatherBusyUs);
  addCallBusy(s, CALL.gatherDense, s.gatherBusyUs);
  addCallBusy(s, CALL.gatherExpert, s.gatherBusyUs);
  s.gradientUs = 0;
  clear(s.gradientBusyUs);
  for (const call of LAYER_GRADIENTS) {
    s.gradientUs += s.callUs[call]!;
    addCallBusy(s, call, s.gradientBusyUs);
  }
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

/** Finds those of the layers; they follow from the plan and the layout of the axes. */
function findWaited(s: State): void {
  for (const section of [SECTION.layerForward, SECTION.layerBackward]) {
    for (let waited = 0; waited < WAITED_COUNT; waited++) {
      s.waitedDimensions[WAITED_COUNT * section + waited] = waitedDimensions(s, section, waited);
    }
  }
}

/** The longest other communication on dimensions (bits) at the start of a layer, us. */
function queueUs(s: State, dimensions: number, withGathers: boolean, withGradients: boolean): number {
  let longestUs = 0;
  for (let rest = dimensions; rest !== 0; rest &= rest - 1) {
    const d = lowestBit(rest);
    const gatherUs = withGathers ? s.gatherBusyUs[d]! : 0;
    longestUs = Math.max(longestUs, gatherUs + (withGradients ? s.gradientBusyUs[d]! : 0));
  }
  return longestUs;
}

/**
 * Sets what the collectives of a layer wait for where the newest does not overtake the others; tells whether that is something
 * else than before.
 */
function queue(s: State, section: number): boolean {
  const backward = section === SECTION.layerBackward;
  // Weights that stay are gathered beside the first forward pass.
  const withGathers = prefetches(s) && (backward ? gathersBackward(s) : gathersWeights(s));
  // Of the last micro-batch alone, where those of each are not scattered.
  const withGradients = backward && overlapsGradients(s) && (scattersGradients(s) || !gathersWeights(s));
  const waits = s.design[SLOT_SCHEDULING_POLICY] !== LIFO && (withGathers || withGradients);
  let changed = false;
  for (let waited = 0; waited < WAITED_COUNT; waited++) {
    const us = waits ? queueUs(s, s.waitedDimensions[WAITED_COUNT * section + waited]!, withGathers, withGradients) : 0;
    if (us === s.sectionQueueUs[WAITED_COUNT * section + waited]) continue;
    s.sectionQueueUs[WAITED_COUNT * section + waited] = us;
    changed = true;
  }
  return changed;
}

/** Runs every section of the graph once, layers beside their traffic; but those for which nothing has changed. */
function runSections(s: State): void {
  // A new layout is that of all groups.
  if (s.stalePlan || s.staleGroups === ALL_GROUPS) findWaited(s);
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

/** A forward pass of a layer that gathers its weights: beside the layer before, or first, us. */
export function gatheringForwardUs(s: State): number {
  const ownUs = s.sectionUs[SECTION.layerForward]!;
  if (!prefetches(s)) return ownUs + s.gatherUs;
  let periodUs = Math.max(s.sectionLoadedUs[SECTION.layerForward]!, s.gatherUs);
  for (let d = 0; d < MAX_DIMENSIONS; d++) periodUs = Math.max(periodUs, s.forwardBlockUs[d]! + s.gatherBusyUs[d]!);
  return periodUs + (1 - s.design[SLOT_SHARDING_OVERLAP]!) * Math.min(ownUs, s.gatherUs);
}

/** A backward pass of a layer that gathers its weights again, or whose gradients leave, us. */
function shardedBackwardUs(s: State): number {
  const beside = gathersBackward(s) && prefetches(s);
  const scatters = scattersGradients(s);
  const gatherUs = beside ? s.gatherUs : 0;
  const gradientUs = scatters ? s.gradientUs : 0;
  let periodUs = Math.max(s.sectionLoadedUs[SECTION.layerBackward]!, gatherUs, gradientUs);
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const trafficUs = (beside ? s.gatherBusyUs[d]! : 0) + (scatters ? s.gradientBusyUs[d]! : 0);
    periodUs = Math.max(periodUs, s.backwardBlockUs[d]! + trafficUs);
  }
  const alone = 1 - s.design[SLOT_SHARDING_OVERLAP]!;
  periodUs += alone * Math.min(s.sectionUs[SECTION.layerBackward]!, gatherUs + gradientUs);
  return gathersBackward(s) && !beside ? periodUs + s.gatherUs : periodUs;
}

/**
 * Sets the periods of a layer. Sharded weights (ZeRO-3) are gathered one layer ahead, and sharded gradients (ZeRO-2 too) leave
 * before the next layer ends, so a layer lasts at least as long as its traffic, alone and with the chain's use of each
 * dimension. Else the gradients of the last micro-batch alone run beside the chain, which FIFO makes wait for them.
 */
export function layer(s: State): void {
  layerTraffic(s);
  runSections(s);
  s.forwardPeriodUs = s.sectionUs[SECTION.layerForward]!;
  s.backwardPeriodUs = s.sectionUs[SECTION.layerBackward]!;
  s.lastBackwardPeriodUs = s.sectionLoadedUs[SECTION.layerBackward]!;
  if (gathersForward(s)) s.forwardPeriodUs = gatheringForwardUs(s);
  // Inference has no backward pass to gather weights for.
  if (isTraining(s) && (gathersBackward(s) || scattersGradients(s))) s.backwardPeriodUs = shardedBackwardUs(s);
  if (gathersWeights(s) || scattersGradients(s)) {
    s.lastBackwardPeriodUs = s.backwardPeriodUs;
    s.staleStages = true;
  }
}
