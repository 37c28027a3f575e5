/**
 * Plans that were made before. Random designs of a space have few plans, for most parameters are of the network or of collectives; so
 * each plan is kept under its number, with the memory and the optimiser's time of the groups' sizes that it was last made for.
 */
import { memory } from '../memory/memory.js';
import type { State } from '../state.js';
import { GROUP } from '../workload/operation.js';
import { readRates } from '../workload/rates.js';
import { forgetCalls, plan, planCompute } from './plan.js';
import { createPlanNumbers, type KeptPlan, NO_PLAN_NUMBER, type PlanNumbers } from './planned.js';
import { timeOptimizer } from './step.js';

/** Copies the single numbers of a plan from the state or to it. */
function copyNumbers(from: PlanNumbers, to: PlanNumbers): void {
  to.steps = from.steps;
  to.planStatus = from.planStatus;
  to.flags = from.flags;
  to.microBatch = from.microBatch;
  to.microBatches = from.microBatches;
  to.activeCalls = from.activeCalls;
  to.usedChannels = from.usedChannels;
  to.offloadedMB = from.offloadedMB;
  to.remainingMB = from.remainingMB;
  to.tensorsOnHostMB = from.tensorsOnHostMB;
  to.tensorsMB = from.tensorsMB;
  to.largestMB = from.largestMB;
  to.againShare = from.againShare;
  to.places = from.places;
  to.timedPlan = from.timedPlan;
  to.memoryStatus = from.memoryStatus;
  to.optimizerUs = from.optimizerUs;
  to.sizedData = from.sizedData;
  to.sizedExpertData = from.sizedExpertData;
  to.sizedOuterData = from.sizedOuterData;
}

/** What each segment computes and how often its call runs, one behind the other. */
function segmentsOf(s: State): Float64Array {
  const count = s.steps.segmentCall.length;
  const segments = new Float64Array(2 * count);
  segments.set(s.segmentUs.subarray(0, count));
  segments.set(s.callShare.subarray(0, count), count);
  return segments;
}

/** Sets them in the state. */
function setSegments(s: State, segments: Float64Array): void {
  const { segmentUs, callShare } = s;
  const count = segments.length / 2;
  for (let segment = 0; segment < count; segment++) {
    segmentUs[segment] = segments[segment]!;
    callShare[segment] = segments[count + segment]!;
  }
}

function createKept(s: State): KeptPlan {
  return { planned: new Float64Array(s.planned.length), segments: new Float64Array(), ...createPlanNumbers() };
}

/** Keeps the state's plan, if it has a number. */
function keepPlan(s: State): void {
  if (s.planNumber === NO_PLAN_NUMBER) return;
  const kept = s.keptPlans[s.planNumber] ?? createKept(s);
  kept.planned.set(s.planned);
  copyNumbers(s, kept);
  if (s.timedPlan) kept.segments = segmentsOf(s);
  s.keptPlans[s.planNumber] = kept;
}

/** Plans the step of a graph but for its compute, or takes over the plan of that number, unless the state has it. */
export function planOnce(s: State, number: number): void {
  if (number !== NO_PLAN_NUMBER && number === s.planNumber) return;
  const kept = number === NO_PLAN_NUMBER ? undefined : s.keptPlans[number];
  s.planNumber = number;
  if (kept === undefined) {
    plan(s);
    return;
  }
  forgetCalls(s);
  s.planned.set(kept.planned);
  copyNumbers(kept, s);
  if (kept.timedPlan) setSegments(s, kept.segments);
  // They are as quickly read as copied.
  readRates(s);
}

/** Are memory and optimiser those of the groups' sizes? */
function isSized(s: State): boolean {
  const { groupSize } = s;
  return (
    s.sizedData === groupSize[GROUP.data] &&
    s.sizedExpertData === groupSize[GROUP.expertData] &&
    s.sizedOuterData === groupSize[GROUP.outerData]
  );
}

/** Finds memory and optimiser for the plan and the layout of the axes, of which only the sizes of groups of replicas matter. */
export function sizeOnce(s: State): void {
  if (isSized(s)) return;
  memory(s);
  timeOptimizer(s);
  s.sizedData = s.groupSize[GROUP.data]!;
  s.sizedExpertData = s.groupSize[GROUP.expertData]!;
  s.sizedOuterData = s.groupSize[GROUP.outerData]!;
  keepPlan(s);
}

/** Plans the compute of the step, if the plan is without. */
export function computeOnce(s: State): void {
  if (s.timedPlan) return;
  planCompute(s);
  keepPlan(s);
}
