/**
 * What of a step depends on the workload and the NPUs alone: the compute between collectives as single times, the payloads of
 * the collectives, activations. Designs that differ in their networks share it.
 */
import { SLOT } from '../../psa/parameters.js';
import type { State } from '../state.js';
import { graphReal, readGraph } from '../workload/graph.js';
import { GRAPH_REAL } from '../workload/header.js';
import { CALL, COLLECTIVE, FLAG, GROUP, GROUP_COUNT, JOIN, SCALE } from '../workload/operation.js';
import { readRates, rooflineUs } from '../workload/roofline.js';
import { NO_LAYER, STEP, TERM, TERM_COUNT } from '../workload/stepTable.js';
import { SECTIONS } from '../workload/transformer.js';
import { overlapsCollectives } from './chain.js';
import {
  edgeM,
  gradientBytes,
  gradientCollective,
  isTraining,
  layerDenseM,
  layerExpertM,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from './layer.js';
import { findPlaces, stageLayers } from './stage.js';

const SLOT_TP = SLOT.workload.tp;
const SLOT_SP = SLOT.workload.sp;
const SLOT_EP = SLOT.workload.ep;
const SLOT_PP = SLOT.workload.pp;
const SLOT_HOST_LAUNCH_US = SLOT.compute.hostLaunchUs;

/** Lets a call take place, if it has something to send. */
function planCall(s: State, call: number, channel: number, sizeMB: number): void {
  if (sizeMB <= 0) return;
  if (s.callMB[call] === 0) s.activeCall[s.activeCalls++] = call;
  s.callMB[call] = sizeMB;
  s.callChannel[call] = channel;
  s.usedChannels |= 1 << channel;
}

function addReplicaCall(s: State, call: number, kind: number, group: number, bytes: number, parametersM: number): void {
  planCall(s, call, kind * GROUP_COUNT + group, parametersM * bytes);
}

/** Calls over the replicas of weights and between stages; edges of the model are where a pipeline has its ends. */
function planReplicas(s: State): void {
  const gather = COLLECTIVE.allGather;
  const reduce = gradientCollective(s);
  const gradient = gradientBytes(s);
  const denseM = layerDenseM(s);
  const expertM = layerExpertM(s);
  const embedM = edgeM(s, GRAPH_REAL.EMBED_M);
  const headM = s.design[SLOT_PP] === 1 ? edgeM(s, GRAPH_REAL.HEAD_M) : 0;
  const sharding = weightSharding(s);
  if (sharding === WEIGHT_SHARDING.zero3) {
    addReplicaCall(s, CALL.gatherDense, gather, GROUP.data, WEIGHT_BYTES, denseM);
    addReplicaCall(s, CALL.gatherExpert, gather, GROUP.expertData, WEIGHT_BYTES, expertM);
    addReplicaCall(s, CALL.firstGather, gather, GROUP.data, WEIGHT_BYTES, embedM + headM);
  }
  if (isTraining(s)) {
    addReplicaCall(s, CALL.gradientDense, reduce, GROUP.data, gradient, denseM);
    addReplicaCall(s, CALL.gradientExpert, reduce, GROUP.expertData, gradient, expertM);
    addReplicaCall(s, CALL.headGradient, reduce, GROUP.data, gradient, headM);
    addReplicaCall(s, CALL.embedGradient, reduce, GROUP.data, gradient, embedM);
    if (sharding === WEIGHT_SHARDING.zero1) {
      const layers = stageLayers(s, 0);
      addReplicaCall(s, CALL.updatedDense, gather, GROUP.data, WEIGHT_BYTES, layers * denseM + embedM + headM);
      addReplicaCall(s, CALL.updatedExpert, gather, GROUP.expertData, WEIGHT_BYTES, layers * expertM);
    }
  }
  if (s.design[SLOT_PP]! > 1 && (s.flags & FLAG.sequenceParallel) === 0) {
    const boundaryMB = graphReal(s, GRAPH_REAL.BOUNDARY_MB) * s.scales[SCALE.tokens]!;
    planCall(s, CALL.boundary, gather * GROUP_COUNT + GROUP.tp, boundaryMB);
  }
}

/** NPUs of the group of a row's collective. */
export function degree(s: State, group: number): number {
  if (group === GROUP.tp) return s.design[SLOT_TP]!;
  return s.design[group === GROUP.sp ? SLOT_SP : SLOT_EP]!;
}

/** Does a row run: of the flags that matter to it, are those set that must be, and no others? */
export function runs(s: State, row: number): boolean {
  return (s.flags & s.steps.rowMask[row]!) === s.steps.rowValue[row]!;
}

/** The term at a place of the rows' sizes, MFLOP or MB. So small that it is compiled into its callers' loops. */
function termOf(size: Float64Array, scale: Uint8Array, scales: Float64Array, place: number): number {
  return size[place]! * scales[scale[place]!]!;
}

/** Begins a segment: a call (its number from 1; 0: none), or compute that waits for others (JOIN). */
function addSegment(s: State, call: number, join: number): void {
  s.segmentCall[s.segments] = call;
  s.segmentJoin[s.segments] = join;
  s.segmentUs[s.segments] = 0;
  s.segments++;
}

/** Is the last segment of a section a call that compute has not waited for? */
function endsInCall(s: State): boolean {
  return s.segmentCall[s.segments - 1]! > 0 && s.segmentJoin[s.segments - 1] !== JOIN.last;
}

/** Adds the rows that run to the segment that is there, or to a new one behind a call. */
function planCompute(s: State, section: number, step: number): void {
  const { scales } = s;
  const { firstRow, rowKind, rowCore, size, scale } = s.steps;
  const end = firstRow[step + 1]!;
  const hostLaunchUs = s.design[SLOT_HOST_LAUNCH_US]!;
  const grows = s.segments > s.sectionFirst[section]! && !endsInCall(s);
  let segmentUs = grows ? s.segmentUs[s.segments - 1]! : 0;
  let computeUs = s.sectionComputeUs[section]!;
  let launchUs = s.sectionLaunchUs[section]!;
  let savedMB = s.sectionSavedMB[section]!;
  let coreMB = s.sectionCoreMB[section]!;
  let largestMB = s.sectionLargestMB[section]!;
  let ran = false;
  for (let row = firstRow[step]!; row < end; row++) {
    if (!runs(s, row)) continue;
    const place = row * TERM_COUNT;
    const keptMB = termOf(size, scale, scales, place + TERM.saved);
    const inputMB = termOf(size, scale, scales, place + TERM.input);
    const activationsMB = inputMB + termOf(size, scale, scales, place + TERM.output);
    const trafficMB = activationsMB + termOf(size, scale, scales, place + TERM.weight);
    const us = rooflineUs(s, rowKind[row]!, termOf(size, scale, scales, place + TERM.flops), trafficMB);
    savedMB += keptMB;
    if (rowCore[row] === 1) coreMB += keptMB;
    segmentUs += us;
    computeUs += us;
    launchUs += hostLaunchUs;
    largestMB = Math.max(largestMB, activationsMB);
    ran = true;
  }
  if (!ran) return;
  if (!grows) addSegment(s, 0, JOIN.none);
  s.segmentUs[s.segments - 1] = segmentUs;
  s.sectionComputeUs[section] = computeUs;
  s.sectionLaunchUs[section] = launchUs;
  s.sectionSavedMB[section] = savedMB;
  s.sectionCoreMB[section] = coreMB;
  s.sectionLargestMB[section] = largestMB;
}

/** Lets compute wait, if a collective may not have ended. One that nothing runs beside becomes one segment with what follows. */
function planWait(s: State, step: number): void {
  const join = overlapsCollectives(s) ? s.steps.join[step]! : JOIN.last;
  if (s.pending === 0 || join === JOIN.none) return;
  if (s.pending === 1 && join === JOIN.last && endsInCall(s)) s.segmentJoin[s.segments - 1] = JOIN.last;
  else addSegment(s, 0, join);
  s.pending = join === JOIN.last ? 0 : 1;
}

/** Plans a collective, if its row runs among several NPUs, and its use of the dimensions. */
function planCollective(s: State, section: number, step: number): void {
  const { firstRow, size, scale } = s.steps;
  const row = firstRow[step]!;
  if (!runs(s, row)) return;
  // What a collective leaves is kept where the group is a single NPU, too.
  s.sectionSavedMB[section]! += termOf(size, scale, s.scales, row * TERM_COUNT + TERM.saved);
  const channel = s.steps.channel[step]!;
  const group = channel % GROUP_COUNT;
  if (degree(s, group) <= 1) return;
  const sizeMB = termOf(size, scale, s.scales, row * TERM_COUNT + TERM.input);
  planCall(s, s.steps.call[step]!, channel, sizeMB);
  addSegment(s, s.steps.call[step]! + 1, JOIN.none);
  s.pending++;
  s.sectionGroups[section]! |= 1 << group;
  const layerChannel = s.steps.layerChannelOf[step]!;
  if (layerChannel === NO_LAYER) return;
  s.layerCount[layerChannel]! += 1;
  s.layerMB[layerChannel]! += sizeMB;
}

function startSection(s: State, section: number): void {
  s.sectionFirst[section] = s.segments;
  s.sectionGroups[section] = 0;
  s.sectionComputeUs[section] = 0;
  s.sectionLaunchUs[section] = 0;
  s.sectionSavedMB[section] = 0;
  s.sectionCoreMB[section] = 0;
  s.sectionLargestMB[section] = 0;
  s.pending = 0;
}

/** Plans the steps of a section: those that happen become segments. */
function planSection(s: State, section: number): void {
  const { sectionFirst, kind } = s.steps;
  const end = sectionFirst[section + 1]!;
  startSection(s, section);
  for (let step = sectionFirst[section]!; step < end; step++) {
    if (kind[step] === STEP.compute) planCompute(s, section, step);
    else if (kind[step] === STEP.wait) planWait(s, step);
    else planCollective(s, section, step);
  }
  s.sectionEnd[section] = s.segments;
}

/** Forgets the calls and segments of the design before. */
function startPlan(s: State): void {
  for (let i = 0; i < s.activeCalls; i++) {
    s.callMB[s.activeCall[i]!] = 0;
    s.callUs[s.activeCall[i]!] = 0;
  }
  s.activeCalls = 0;
  s.usedChannels = 0;
  s.segments = 0;
  for (let place = 0; place < s.layerCount.length; place++) {
    s.layerCount[place] = 0;
    s.layerMB[place] = 0;
  }
}

/** Plans the step of a graph; sets `planStatus`. */
export function plan(s: State): void {
  s.status = 0;
  readGraph(s);
  s.planStatus = s.status;
  readRates(s);
  startPlan(s);
  for (let section = 0; section < SECTIONS.length; section++) planSection(s, section);
  planReplicas(s);
  findPlaces(s);
}
