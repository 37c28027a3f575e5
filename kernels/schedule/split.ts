/** What a pipeline's schedule does to its stages: where embedding and head are, what passes are split, and what is legal. */
import { SLOT } from '../../psa/parameters.js';
import { STATUS } from '../outputs.js';
import type { State } from '../state.js';
import { PIPELINE_SCHEDULE } from '../workload/graph.js';
import { isTraining } from './layer.js';

const SLOT_PP = SLOT.workload.pp;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;
const SLOT_VIRTUAL_STAGES = SLOT.workload.virtualStages;
const SLOT_INTERLEAVE_GROUP = SLOT.workload.interleaveGroup;

/** Does the schedule split the backward pass into gradients of inputs and of weights, which may come later? */
export function splitsBackward(s: State): boolean {
  return s.design[SLOT_PIPELINE_SCHEDULE]! >= PIPELINE_SCHEDULE.zbH1 && s.design[SLOT_PP]! > 1 && isTraining(s);
}

/** Do micro-batches come from both ends, so that each NPU holds a stage and its mirror (DualPipe)? */
export function isBidirectional(s: State): boolean {
  return s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.dualPipe && splitsBackward(s);
}

/** Does the first NPU hold the model's first and last chunk (ZB-V)? */
export function returnsToFirst(s: State): boolean {
  return s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.zbV && splitsBackward(s);
}

/** Model chunks per stage. */
export function modelChunks(s: State): number {
  return s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.interleaved ? s.design[SLOT_VIRTUAL_STAGES]! : 1;
}

/** Stages whose parameters an NPU holds. */
export function stagesHeld(s: State): number {
  return isBidirectional(s) ? 2 : 1;
}

/** The share of the micro-batches whose embedding a stage computes. */
export function embedShare(s: State, stage: number): number {
  if (stage === 0) return isBidirectional(s) ? 0.5 : 1;
  return stage === s.design[SLOT_PP]! - 1 && isBidirectional(s) ? 0.5 : 0;
}

/** The same of the head. */
export function headShare(s: State, stage: number): number {
  if (isBidirectional(s)) return embedShare(s, stage);
  return stage === (returnsToFirst(s) ? 0 : s.design[SLOT_PP]! - 1) ? 1 : 0;
}

/** Sets STATUS.SCHEDULE where the schedule has no such micro-batches or stages. */
export function checkSchedule(s: State): void {
  const pp = s.design[SLOT_PP]!;
  const virtualStages = s.design[SLOT_VIRTUAL_STAGES]!;
  if (virtualStages > 1) {
    // Megatron-LM's interleaved schedule takes micro-batches in groups, of the stages unless said otherwise (arXiv
    // 2104.04473, 2.2); the last may be smaller, but none smaller than the stages (its schedules.py).
    const interleaved = s.design[SLOT_PIPELINE_SCHEDULE] === PIPELINE_SCHEDULE.interleaved;
    const group = interleaveGroup(s);
    const rest = s.microBatches % group;
    if (!interleaved || pp === 1 || group < pp || (rest > 0 && rest < pp)) s.status |= STATUS.SCHEDULE;
  }
  // DualPipe feeds as many micro-batches from either end, and fills with those (its dualpipe.py).
  const uneven = pp % 2 !== 0 || s.microBatches % 2 !== 0 || s.microBatches < 2 * pp;
  if (isBidirectional(s) && uneven) s.status |= STATUS.SCHEDULE;
}

/** Micro-batches that follow one another on a model chunk before the next chunk has its turn. */
export function interleaveGroup(s: State): number {
  const group = s.design[SLOT_INTERLEAVE_GROUP]!;
  return group > 0 ? group : s.design[SLOT_PP]!;
}
