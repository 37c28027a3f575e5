/** Micro-batches through the stages of a pipeline. */
import { slotOf } from '../../psa/parameters.js';
import { collective, sendUs } from '../collective/collective.js';
import { OUTPUT } from '../outputs.js';
import type { State } from '../state.js';
import { graphReal, PIPELINE_SCHEDULE } from '../workload/graph.js';
import { COLLECTIVE, FLAG, GROUP, SCALE } from '../workload/operation.js';
import { GRAPH_REAL } from '../workload/tables.js';
import { SECTION } from '../workload/transformer.js';
import { isTraining } from './layer.js';
import {
  allStagesUs,
  stageBackwardNpuUs,
  stageBackwardUs,
  stageForwardNpuUs,
  stageForwardUs,
  stageLayers,
  stageUs,
} from './stage.js';

const SLOT_PP = slotOf('workload.pp');
const SLOT_PIPELINE_SCHEDULE = slotOf('workload.pipelineSchedule');
const SLOT_PIPELINE_OVERLAP = slotOf('workload.pipelineOverlap');
const SLOT_VIRTUAL_STAGES = slotOf('workload.virtualStages');

/** Model chunks per stage. */
export function modelChunks(s: State): number {
  return s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.interleaved ? s.design[SLOT_VIRTUAL_STAGES]! : 1;
}

/**
 * Time to send one micro-batch's activations to the next stage, us: each tensor-parallel rank sends its part, and where the
 * next stage wants the whole its ranks gather it (arXiv 2104.04473, 4.1).
 */
export function boundaryUs(s: State): number {
  const boundaryMB = graphReal(s, GRAPH_REAL.BOUNDARY_MB);
  const us = sendUs(s, GROUP.pp, boundaryMB * s.scales[SCALE.tokensTp]!);
  if ((s.flags & FLAG.sequenceParallel) !== 0) return us;
  collective(s, COLLECTIVE.allGather, GROUP.tp, boundaryMB * s.scales[SCALE.tokens]!);
  return us + s.collectiveUs;
}

/** The stage that takes longest for a micro-batch: the first, the second (as all between) or the last. */
function slowestStage(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let slowest = 0;
  let slowestUs = stageUs(s, 0);
  for (let i = 1; i <= 2 && i < stages; i++) {
    const stage = i === 1 && stages > 2 ? 1 : stages - 1;
    const us = stageUs(s, stage);
    if (us > slowestUs) {
      slowestUs = us;
      slowest = stage;
    }
  }
  return slowest;
}

/** Longest forward time of any stage, us: GPipe passes all micro-batches forward before any comes back. */
export function gpipeForwardUs(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let forwardUs = 0;
  for (let i = 0; i <= 2 && i < stages; i++) {
    forwardUs = Math.max(forwardUs, stageForwardUs(s, i === 2 ? stages - 1 : i));
  }
  return forwardUs;
}

/** Longest backward time of any stage, us. */
function gpipeBackwardUs(s: State): number {
  const stages = s.design[SLOT_PP]!;
  let backwardUs = 0;
  for (let i = 0; i <= 2 && i < stages; i++) {
    backwardUs = Math.max(backwardUs, stageBackwardUs(s, i === 2 ? stages - 1 : i));
  }
  return backwardUs;
}

/** Time between micro-batches at the slowest stage, before its sends show, us. */
function workPeriodUs(s: State, slowest: number): number {
  if (s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.gpipe) return gpipeForwardUs(s) + gpipeBackwardUs(s);
  return stageUs(s, slowest);
}

/** Sends of a micro-batch there and back, over each model chunk, us. */
function periodSendsUs(s: State): number {
  return (isTraining(s) ? 2 : 1) * modelChunks(s) * boundaryUs(s);
}

/** What sends add to the work of a period: what they exceed it by, or all of them where stages wait for them, us. */
function exposedSendsUs(s: State, workUs: number): number {
  const hiddenUs = s.design[SLOT_PIPELINE_OVERLAP] === 1 ? workUs : 0;
  return Math.max(periodSendsUs(s) - hiddenUs, 0);
}

/** Time between micro-batches in a full pipeline, us. */
export function pipelinePeriodUs(s: State): number {
  const workUs = workPeriodUs(s, slowestStage(s));
  return s.design[SLOT_PP]! > 1 ? workUs + exposedSendsUs(s, workUs) : workUs;
}

/** Adds `share` of a section's compute and exposed communication to the parts of the step. */
function addSection(s: State, parts: Float64Array, section: number, share: number): void {
  parts[OUTPUT.computeUs]! += share * s.sectionComputeUs[section]!;
  parts[OUTPUT.exposedTpUs]! += share * s.sectionExposedUs[3 * section]!;
  parts[OUTPUT.exposedSpUs]! += share * s.sectionExposedUs[3 * section + 1]!;
  parts[OUTPUT.exposedEpUs]! += share * s.sectionExposedUs[3 * section + 2]!;
}

/** Adds the work of all micro-batches on a stage. */
function addStage(s: State, parts: Float64Array, stage: number): void {
  const count = s.microBatches;
  const layers = count * stageLayers(s, stage);
  addSection(s, parts, SECTION.layerForward, layers);
  addSection(s, parts, SECTION.layerBackward, layers);
  parts[OUTPUT.exposedDpUs]! += layers * (s.forwardPeriodUs - s.sectionUs[SECTION.layerForward]!);
  parts[OUTPUT.exposedDpUs]! += layers * (s.backwardPeriodUs - s.sectionUs[SECTION.layerBackward]!);
  if (stage === 0) {
    addSection(s, parts, SECTION.embedForward, count);
    addSection(s, parts, SECTION.embedBackward, count);
  }
  if (stage === s.design[SLOT_PP]! - 1) {
    addSection(s, parts, SECTION.headForward, count);
    addSection(s, parts, SECTION.headBackward, count);
  }
}

/**
 * Adds the pipeline: m micro-batches on the slowest stage M, and a fill and drain of all other stages, which interleaving
 * over v model chunks shortens v-fold: m·M + (Σ − M)/v (arXiv 2104.04473, 2.2; GPipe: arXiv 1811.06965). Of the sends one
 * pass there and back shows, and what those of a period add to its work.
 */
export function addPipeline(s: State, parts: Float64Array): void {
  const stages = s.design[SLOT_PP]!;
  const slowest = slowestStage(s);
  const ownUs = stageUs(s, slowest);
  addStage(s, parts, slowest);
  const npuUs = stageForwardNpuUs(s, slowest) + stageBackwardNpuUs(s, slowest);
  parts[OUTPUT.launchUs]! += s.microBatches * (ownUs - npuUs);
  if (stages <= 1) return;
  const directions = isTraining(s) ? 2 : 1;
  const periodUs = workPeriodUs(s, slowest);
  parts[OUTPUT.bubbleUs]! += s.microBatches * (periodUs - ownUs) + (allStagesUs(s) - periodUs) / modelChunks(s);
  parts[OUTPUT.exposedPpUs]! += directions * (stages - 1) * boundaryUs(s);
  parts[OUTPUT.exposedPpUs]! += (s.microBatches - 1) * exposedSendsUs(s, periodUs);
}
