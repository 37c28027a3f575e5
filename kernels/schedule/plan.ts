/**
 * What of a step depends on the workload and the NPUs alone: the compute between collectives as single times, the payloads of
 * the collectives, activations. Designs that differ in their networks share it.
 */
import { CODE, SLOT } from '../../psa/parameters.js';
import {
  contextInner,
  contextRing,
  expertShardRanks,
  expertsApart,
  expertTensorRanks,
  shardCopies,
  shardRanks,
} from '../network/network.js';
import type { State } from '../state.js';
import { graphInteger, graphReal, keepsTensors, readGraph } from '../workload/graph.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/header.js';
import {
  CALL,
  CHANNEL_GROUPS,
  COLLECTIVE,
  FLAG,
  GROUP,
  KEPT_TENSORS,
  OFFLOADED_MODULES,
  RATE,
  SCALE,
} from '../workload/operation.js';
import { readRates } from '../workload/rates.js';
import { fillMflop, productUs, rooflineUs } from '../workload/roofline.js';
import { TERM, TERM_COUNT, type Terms } from '../workload/stepTable.js';
import { SECTION, SECTIONS } from '../workload/transformer.js';
import { overlapsCollectives, segmentCallShare } from './chain.js';
import { edgeM, isTraining, layerDenseM, layerExpertM } from './layer.js';
import { layerAgainShare } from './recomputedLayers.js';
import { gathersUpdates, gathersWeights, gradientBytes, gradientCollective, WEIGHT_BYTES } from './sharding.js';
import { checkSchedule, headShare, splitsBackward, stagesHeld } from './split.js';
import { checkEnds, findPlaces, stageLayers } from './stage.js';

const SLOT_TP = SLOT.workload.tp;
const SLOT_EP = SLOT.workload.ep;
const SLOT_PP = SLOT.workload.pp;
const SLOT_EXPERT_CAPACITY = SLOT.workload.expertCapacity;
const SLOT_HOST_LAUNCH_US = SLOT.compute.hostLaunchUs;
const SLOT_HOST_EXPERT_US = SLOT.compute.hostExpertUs;
const SLOT_HOST_SHARD_US = SLOT.compute.hostShardUs;

/** Lets a call take place, if it has something to send. */
function planCall(s: State, call: number, channel: number, sizeMB: number): void {
  if (sizeMB <= 0) return;
  if (s.callMB[call] === 0) s.activeCall[s.activeCalls++] = call;
  s.callMB[call] = sizeMB;
  s.callChannel[call] = channel;
  s.usedChannels |= 1 << channel;
}

/** A reduction of shards between groups of replicas that hold the same. */
function addOuterCall(s: State, call: number, shardMB: number): void {
  planCall(s, call, COLLECTIVE.allReduce * CHANNEL_GROUPS + GROUP.outerData, shardMB);
}

function addReplicaCall(s: State, call: number, kind: number, group: number, bytes: number, parametersM: number): void {
  planCall(s, call, kind * CHANNEL_GROUPS + group, parametersM * bytes);
}

/** Calls over the replicas of weights and between stages; edges of the model are where a pipeline has its ends. */
function planReplicas(s: State): void {
  const gather = COLLECTIVE.allGather;
  const reduce = gradientCollective(s);
  const gradient = gradientBytes(s);
  const denseM = layerDenseM(s);
  const expertM = layerExpertM(s);
  const embedM = edgeM(s, GRAPH_REAL.EMBED_M);
  const headM = headShare(s, 0) > 0 ? edgeM(s, GRAPH_REAL.OWN_HEAD_M) : 0;
  if (gathersWeights(s)) {
    addReplicaCall(s, CALL.gatherDense, gather, GROUP.data, WEIGHT_BYTES, denseM);
    addReplicaCall(s, CALL.gatherExpert, gather, GROUP.expertData, WEIGHT_BYTES, expertM);
    addReplicaCall(s, CALL.firstGather, gather, GROUP.data, WEIGHT_BYTES, embedM + headM);
  }
  if (isTraining(s)) {
    addReplicaCall(s, CALL.gradientDense, reduce, GROUP.data, gradient, denseM);
    addReplicaCall(s, CALL.gradientExpert, reduce, GROUP.expertData, gradient, expertM);
    addReplicaCall(s, CALL.headGradient, reduce, GROUP.data, gradient, headM);
    addReplicaCall(s, CALL.embedGradient, reduce, GROUP.data, gradient, embedM);
    if (shardCopies(s) > 1) {
      addOuterCall(s, CALL.outerDense, (denseM / shardRanks(s)) * gradient);
      addOuterCall(s, CALL.outerExpert, (expertM / expertShardRanks(s)) * gradient);
      addOuterCall(s, CALL.outerHead, (headM / shardRanks(s)) * gradient);
      addOuterCall(s, CALL.outerEmbed, (embedM / shardRanks(s)) * gradient);
    }
    if (gathersUpdates(s)) {
      const layers = stagesHeld(s) * stageLayers(s, 0);
      addReplicaCall(s, CALL.updatedDense, gather, GROUP.data, WEIGHT_BYTES, layers * denseM + embedM + headM);
      addReplicaCall(s, CALL.updatedExpert, gather, GROUP.expertData, WEIGHT_BYTES, layers * expertM);
    }
  }
  if (s.design[SLOT_PP]! > 1 && (s.flags & FLAG.sequenceParallel) === 0) {
    const boundaryMB = graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokens]!;
    planCall(s, CALL.boundary, gather * CHANNEL_GROUPS + GROUP.tp, boundaryMB);
  }
}

/** The groups of a section's collectives that have several NPUs, as bits. */
function severalNpus(s: State): number {
  const several = (slot: number, group: number): number => (s.design[slot]! > 1 ? 1 << group : 0);
  const inner = contextInner(s) > 1 ? 1 << GROUP.sp : 0;
  const ring = contextRing(s) > 1 ? 1 << GROUP.contextRing : 0;
  const etp = expertsApart(s) && expertTensorRanks(s) > 1 ? 1 << GROUP.etp : 0;
  return several(SLOT_TP, GROUP.tp) | several(SLOT_EP, GROUP.ep) | inner | ring | etp;
}

/** The term at a place, MFLOP or MB. So small that it is compiled into its callers' loops. */
function termOf({ size, scale }: Terms, scales: Float64Array, place: number): number {
  return size[place]! * scales[scale[place]!]!;
}

/** Activations that a work reads and writes, MB. */
function activationsMB(s: State, work: number): number {
  const { workTerms } = s.steps;
  const inputMB = termOf(workTerms, s.scales, work * TERM_COUNT + TERM.input);
  return inputMB + termOf(workTerms, s.scales, work * TERM_COUNT + TERM.output);
}

/** Time of a product whose shape or number format matters, us. */
function shapedUs(s: State, work: number, mflop: number): number {
  const { workRate, workResult, workTerms } = s.steps;
  const first = work * TERM_COUNT;
  const result = workResult[work]!;
  const other = TERM.output + TERM.weight - result;
  const operandMB = termOf(workTerms, s.scales, first + TERM.input) + termOf(workTerms, s.scales, first + other);
  const resultMB = termOf(workTerms, s.scales, first + result);
  const rate = workRate[work]!;
  const fill = fillMflop(s, rate, termOf(workTerms, s.scales, first + TERM.weight));
  return productUs(s, rate, mflop, fill, operandMB, resultMB, termOf(workTerms, s.scales, first + TERM.quantized));
}

/** Times each work once, however many rows do it. */
function timeWorks(s: State): void {
  const { workUs, scales } = s;
  const { workRate, workTerms } = s.steps;
  const count = workRate.length;
  for (let work = 0; work < count; work++) {
    const rate = workRate[work]!;
    const first = work * TERM_COUNT;
    const mflop = termOf(workTerms, scales, first + TERM.flops);
    if (s.shaped && rate !== RATE.elementwise) {
      workUs[work] = shapedUs(s, work, mflop);
      continue;
    }
    const activationsMB =
      termOf(workTerms, scales, first + TERM.input) + termOf(workTerms, scales, first + TERM.output);
    workUs[work] = rooflineUs(s, rate, mflop, activationsMB + termOf(workTerms, scales, first + TERM.weight));
  }
}

/** The host's time for the experts of a rank in one of their products, us: with a capacity all have as many tokens, and are one batch. */
function expertsLaunchUs(s: State): number {
  if (s.design[SLOT_EXPERT_CAPACITY]! > 0) return 0;
  const ranks = gathersWeights(s) ? expertShardRanks(s) : 1;
  const shardsUs = ranks > 1 ? s.design[SLOT_HOST_SHARD_US]! * ranks : 0;
  return ((s.design[SLOT_HOST_EXPERT_US]! + shardsUs) * graphInteger(s, GRAPH_INTEGER.EXPERTS)) / s.design[SLOT_EP]!;
}

/** Plans the compute of a section, segment by segment. */
function planSegments(s: State, section: number): void {
  const { segmentUs, callShare, workUs } = s;
  const { sectionFirst, firstRow, rowShare, rowAgain, rowGradient, rowWork, workRate } = s.steps;
  const end = sectionFirst[section + 1]!;
  const hostLaunchUs = s.design[SLOT_HOST_LAUNCH_US]!;
  const hostExpertsUs = expertsLaunchUs(s);
  const hasHost = hostLaunchUs + hostExpertsUs > 0;
  const splits = splitsBackward(s);
  const { againShare } = s;
  const splitsOrLaunches = splits || hasHost;
  let computeUs = 0;
  let weightUs = 0;
  let launchUs = 0;
  let row = firstRow[sectionFirst[section]!]!;
  for (let segment = sectionFirst[section]!; segment < end; segment++) {
    const endRow = firstRow[segment + 1]!;
    let sumUs = 0;
    for (; row < endRow; row++) {
      const share = rowAgain[row] === 1 ? againShare * rowShare[row]! : rowShare[row]!;
      const work = rowWork[row]!;
      const us = share * workUs[work]!;
      sumUs += us;
      computeUs += us;
      if (!splitsOrLaunches) continue;
      if (splits && rowGradient[row] === 1) weightUs += us;
      if (hasHost) launchUs += share * (workRate[work] === RATE.experts ? hostLaunchUs + hostExpertsUs : hostLaunchUs);
    }
    segmentUs[segment] = sumUs;
    callShare[segment] = segmentCallShare(s, segment);
  }
  s.sectionComputeUs[section] = computeUs;
  s.sectionWeightUs[section] = weightUs;
  s.sectionLaunchUs[section] = launchUs;
}

/** Plans the compute of a step: all of its plan that no status depends on, so that infeasible designs go without. */
export function planCompute(s: State): void {
  timeWorks(s);
  for (let section = 0; section < SECTIONS.length; section++) planSegments(s, section);
  s.timedPlan = true;
}

/** Bytes that the inputs of products are kept with, relative to half precision: as they were quantised (Transformer Engine). */
export function keptShare(s: State): number {
  return s.shaped ? s.operandShare[RATE.linear]! : 1;
}

/** Where a design says of a module, by its number, that its activations lie on the host. */
const MODULE_SLOTS = Uint32Array.from([0, ...OFFLOADED_MODULES.map((module) => SLOT.workload[module])]);

/** Where a design says of a tensor, by its number, whether layers that are recomputed whole keep it. */
const TENSOR_SLOTS = Uint32Array.from([0, ...KEPT_TENSORS.map((tensor) => SLOT.workload[tensor])]);
const ON_HOST = CODE.workload.keepQkv.host;

/** Sums the tensors that layers which are recomputed whole keep all the same, in half precision. */
function planTensors(s: State): void {
  s.tensorsOnHostMB = 0;
  s.tensorsMB = 0;
  if (!keepsTensors(s)) return;
  const { savedFirst, saved, savedTensor } = s.steps;
  const end = savedFirst[SECTION.layerForward + 1]!;
  for (let place = savedFirst[SECTION.layerForward]!; place < end; place++) {
    if (savedTensor[place] === 0) continue;
    const kept = s.design[TENSOR_SLOTS[savedTensor[place]!]!]!;
    if (kept === ON_HOST) s.tensorsOnHostMB += termOf(saved, s.scales, place);
    else if (kept !== 0) s.tensorsMB += termOf(saved, s.scales, place);
  }
}

/** Sums what the rows of a section keep, of it what is dropped as its modules are recomputed, and of the rest what is offloaded. */
function planSaved(s: State, section: number): void {
  const { savedFirst, saved, savedDropped, savedModule, savedNarrow } = s.steps;
  const narrowShare = keptShare(s);
  const end = savedFirst[section + 1]!;
  let savedMB = 0;
  let droppedMB = 0;
  let offloadedMB = 0;
  let remainingMB = 0;
  for (let place = savedFirst[section]!; place < end; place++) {
    const keptMB = termOf(saved, s.scales, place) * (savedNarrow[place] === 1 ? narrowShare : 1);
    savedMB += keptMB;
    if (savedDropped[place] === 1) droppedMB += keptMB;
    else if (savedModule[place] !== 0 && s.design[MODULE_SLOTS[savedModule[place]!]!] === 1) offloadedMB += keptMB;
    else remainingMB += keptMB;
  }
  s.sectionSavedMB[section] = savedMB;
  s.sectionDroppedMB[section] = droppedMB;
  if (section !== SECTION.layerForward) return;
  s.offloadedMB = offloadedMB;
  s.remainingMB = remainingMB;
  planTensors(s);
}

/** Plans the collectives of all sections, each call once, and the use of the dimensions by a layer. */
function planCollectives(s: State): void {
  const { call, channel, payload, payloadCall, payloadPlace, payloadShare, payloadAgain } = s.steps;
  const { againShare, callMB, layerMB } = s;
  for (let place = 0; place < call.length; place++) {
    planCall(s, call[place]!, channel[place]!, termOf(payload, s.scales, place));
  }
  for (let layer = 0; layer < layerMB.length; layer++) layerMB[layer] = 0;
  for (let i = 0; i < payloadCall.length; i++) {
    const share = payloadAgain[i] === 1 ? againShare * payloadShare[i]! : payloadShare[i]!;
    layerMB[payloadPlace[i]!]! += share * callMB[payloadCall[i]!]!;
  }
}

/** Finds the largest operation of a layer, MB: what inference works with. */
function largestMB(s: State): number {
  const { sectionFirst, firstRow, rowWork } = s.steps;
  const end = firstRow[sectionFirst[SECTION.layerForward + 1]!]!;
  let mostMB = 0;
  for (let row = firstRow[sectionFirst[SECTION.layerForward]!]!; row < end; row++) {
    mostMB = Math.max(mostMB, activationsMB(s, rowWork[row]!));
  }
  return mostMB;
}

/** Forgets the calls of the design before. */
export function forgetCalls(s: State): void {
  for (let i = 0; i < s.activeCalls; i++) {
    s.callMB[s.activeCall[i]!] = 0;
    s.callUs[s.activeCall[i]!] = 0;
  }
  s.activeCalls = 0;
  s.usedChannels = 0;
}

/** Plans the step of a graph but for its compute; sets `planStatus`. */
export function plan(s: State): void {
  s.status = 0;
  s.timedPlan = false;
  s.sizedData = 0;
  readGraph(s);
  checkSchedule(s);
  checkEnds(s);
  s.planStatus = s.status;
  s.againShare = layerAgainShare(s);
  readRates(s);
  forgetCalls(s);
  s.steps = s.tables.under({ flags: s.flags, several: severalNpus(s), overlaps: overlapsCollectives(s) });
  for (let section = 0; section < SECTIONS.length; section++) {
    planSaved(s, section);
  }
  planCollectives(s);
  s.largestMB = isTraining(s) ? 0 : largestMB(s);
  planReplicas(s);
  findPlaces(s);
}
