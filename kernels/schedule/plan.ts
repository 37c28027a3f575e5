/**
 * What of a step depends on the workload and the NPUs alone: the compute between collectives as single times, the payloads of
 * the collectives, activations. Designs that differ in their networks share it.
 */
import { SLOT } from '../../psa/parameters.js';
import { BLOCK_TERMS, type State } from '../state.js';
import { graphInteger, graphReal, readGraph } from '../workload/graph.js';
import {
  CALL,
  COLLECTIVE,
  CONDITION_BIT,
  FLAG,
  GROUP,
  GROUP_COUNT,
  JOIN,
  KIND,
  ROW_BIT,
  ROW_INTEGERS,
  ROW_REALS,
  SCALE,
} from '../workload/operation.js';
import { readRates, rooflineUs } from '../workload/roofline.js';
import { GRAPH_INTEGER, GRAPH_REAL } from '../workload/tables.js';
import { SECTIONS } from '../workload/transformer.js';
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
const SLOT_TENSOR_OVERLAP = SLOT.workload.tensorOverlap;
const SLOT_HOST_LAUNCH_US = SLOT.compute.hostLaunchUs;

/** Lets a call take place, if it has something to send. */
function addCall(s: State, call: number, channel: number, sizeMB: number): void {
  if (sizeMB <= 0) return;
  if (s.callMB[call] === 0) s.activeCall[s.activeCalls++] = call;
  s.callMB[call] = sizeMB;
  s.callChannel[call] = channel;
  s.usedChannels |= 1 << channel;
}

function addReplicaCall(s: State, call: number, kind: number, group: number, bytes: number, parametersM: number): void {
  addCall(s, call, kind * GROUP_COUNT + group, parametersM * bytes);
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
    addCall(s, CALL.boundary, gather * GROUP_COUNT + GROUP.tp, boundaryMB);
  }
}

/** NPUs of the group of a row's collective. */
function degree(s: State, group: number): number {
  if (group === GROUP.tp) return s.design[SLOT_TP]!;
  return s.design[group === GROUP.sp ? SLOT_SP : SLOT_EP]!;
}

/** Number `column` of the row whose numbers begin at `reals`, times its scale: MFLOP or MB. */
function term(s: State, reals: number, word: number, column: number): number {
  return s.tables.real[reals + column]! * s.scales[(word >>> (4 * column)) & 15]!;
}

/** Adds a collective to the use of the dimensions by a layer: one term for each channel. */
function addToBlock(s: State, section: number, channel: number, sizeMB: number): void {
  const first = section * BLOCK_TERMS;
  let place = first;
  while (place < first + s.sectionTerms[section]! && s.termChannel[place] !== channel) place++;
  if (place === first + s.sectionTerms[section]!) {
    s.sectionTerms[section]!++;
    s.termChannel[place] = channel;
    s.termCount[place] = 0;
    s.termMB[place] = 0;
  }
  s.termCount[place]! += 1;
  s.termMB[place]! += sizeMB;
}

/** No segment has this word. */
const NO_SEGMENT = 0xffff;

/** Ends a segment, if there is one. */
function addSegment(s: State, word: number, us: number, row: number): void {
  if (word === NO_SEGMENT) return;
  s.segmentWord[s.segments] = word;
  s.segmentUs[s.segments] = us;
  s.segmentRow[s.segments] = row;
  s.segments++;
}

/**
 * Plans a section. Rows that compute without waiting in between become one segment, of the sum of their times; so does a
 * collective that nothing runs beside, with what waits for it. A recorder gets a segment for each row.
 */
function planSection(s: State, section: number): void {
  const first = graphInteger(s, GRAPH_INTEGER.SECTIONS + 2 * section);
  const rows = graphInteger(s, GRAPH_INTEGER.SECTIONS + 2 * section + 1);
  const table = s.tables.integer;
  const overlaps = s.design[SLOT_TENSOR_OVERLAP] === 1;
  const hostLaunchUs = s.design[SLOT_HOST_LAUNCH_US]!;
  let groups = 0;
  let computeUs = 0;
  let launchUs = 0;
  let allSavedMB = 0;
  let coreMB = 0;
  let largestMB = 0;
  // The segment that grows; does it compute, what has compute waited for, and did a call find all others ended?
  let segment = NO_SEGMENT;
  let segmentUs = 0;
  let segmentRow = first;
  let computes = false;
  let joined: number = JOIN.last;
  let alone = false;
  s.sectionFirst[section] = s.segments;
  s.sectionTerms[section] = 0;
  for (let row = first; row < first + rows; row++) {
    const integers = s.tables.integerRows + row * ROW_INTEGERS;
    const conditions = table[integers + 1]!;
    if ((s.flags & conditions & 0xff) !== ((conditions >>> CONDITION_BIT.value) & 0xff)) continue;
    const word = table[integers]!;
    const reals = s.tables.realRows + row * ROW_REALS;
    const savedMB = term(s, reals, word, 4);
    allSavedMB += savedMB;
    if (((word >>> ROW_BIT.core) & 1) === 1) coreMB += savedMB;
    const kind = (word >>> ROW_BIT.kind) & 3;
    if (kind === KIND.collective) {
      const channel = conditions >>> CONDITION_BIT.channel;
      const group = channel % GROUP_COUNT;
      if (degree(s, group) <= 1) continue;
      const call = (conditions >>> CONDITION_BIT.call) & 0xff;
      const sizeMB = term(s, reals, word, 1);
      addCall(s, call, channel, sizeMB);
      addToBlock(s, section, channel, sizeMB);
      addSegment(s, segment, segmentUs, segmentRow);
      segment = call + 1;
      segmentRow = row;
      segmentUs = 0;
      groups |= 1 << group;
      alone = joined === JOIN.last;
      computes = false;
      joined = JOIN.none;
      continue;
    }
    const activationsMB = term(s, reals, word, 1) + term(s, reals, word, 2);
    largestMB = Math.max(largestMB, activationsMB);
    const us = rooflineUs(s, kind, term(s, reals, word, 0), activationsMB + term(s, reals, word, 3));
    computeUs += us;
    launchUs += hostLaunchUs;
    const join = overlaps ? (word >>> ROW_BIT.join) & 3 : JOIN.last;
    const waits = join !== JOIN.none && join !== joined && joined !== JOIN.last;
    const pairs = !computes && segment !== NO_SEGMENT && alone && join === JOIN.last;
    if (s.recorder === undefined && ((computes && !waits) || pairs)) {
      segmentUs += us;
      if (pairs) segment |= JOIN.last << 8;
    } else {
      addSegment(s, segment, segmentUs, segmentRow);
      segment = join << 8;
      segmentRow = row;
      segmentUs = us;
    }
    computes = true;
    if (waits) joined = join;
  }
  addSegment(s, segment, segmentUs, segmentRow);
  s.sectionEnd[section] = s.segments;
  s.sectionGroups[section] = groups;
  s.sectionComputeUs[section] = computeUs;
  s.sectionLaunchUs[section] = launchUs;
  s.sectionSavedMB[section] = allSavedMB;
  s.sectionCoreMB[section] = coreMB;
  s.sectionLargestMB[section] = largestMB;
}

/** Plans the step of a graph; sets `planStatus`. */
export function plan(s: State): void {
  s.status = 0;
  readGraph(s);
  s.planStatus = s.status;
  readRates(s);
  for (let i = 0; i < s.activeCalls; i++) {
    s.callMB[s.activeCall[i]!] = 0;
    s.callUs[s.activeCall[i]!] = 0;
  }
  s.activeCalls = 0;
  s.usedChannels = 0;
  s.segments = 0;
  for (let section = 0; section < SECTIONS.length; section++) planSection(s, section);
  planReplicas(s);
  findPlaces(s);
}
