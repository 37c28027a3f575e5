/** What a plan and its compute set in a state, so that it can be kept as a whole. */
import { OUTPUT_COUNT } from '../outputs.js';
import type { Lowering } from '../workload/lowering.js';
import { CALL_COUNT, SCALE_COUNT } from '../workload/operation.js';
import { NO_STEPS, type StepTable } from '../workload/stepTable.js';
import { SECTIONS } from '../workload/transformer.js';

/** Stages of a pipeline that differ: the first, the last, and two between. */
export const PLACE_COUNT = 4;

/** Its single numbers. */
export interface PlanNumbers {
  /** The steps that happen in the design. */
  steps: StepTable;
  /** What of the status comes from the plan. */
  planStatus: number;
  flags: number;
  microBatch: number;
  microBatches: number;
  /** How many calls take place, and their channels as bits. */
  activeCalls: number;
  usedChannels: number;
  /** Of what a layer keeps and does not drop, what modules have on the host, and the rest. */
  offloadedMB: number;
  remainingMB: number;
  /** Tensors of a layer that is recomputed whole which are kept all the same: of them on the host, and on the NPU. */
  tensorsOnHostMB: number;
  tensorsMB: number;
  /** The largest input and output of an operation in the forward pass of a layer, in inference. */
  largestMB: number;
  /** How much of full recomputation the mean of all layers runs. */
  againShare: number;
  /** How many stages differ. */
  places: number;
  /** Is the compute of the plan timed? */
  timedPlan: boolean;
  /** For which sizes of groups of replicas memory and optimiser stand: of data, expertData, outerData; 0: for none. */
  sizedData: number;
  sizedExpertData: number;
  sizedOuterData: number;
  memoryStatus: number;
  optimizerUs: number;
}

/** Those of no plan yet. */
export function createPlanNumbers(): PlanNumbers {
  return {
    steps: NO_STEPS,
    planStatus: 0,
    flags: 0,
    microBatch: 1,
    microBatches: 1,
    activeCalls: 0,
    usedChannels: 0,
    offloadedMB: 0,
    remainingMB: 0,
    tensorsOnHostMB: 0,
    tensorsMB: 0,
    largestMB: 0,
    againShare: 1,
    places: 1,
    timedPlan: false,
    sizedData: 0,
    sizedExpertData: 0,
    sizedOuterData: 0,
    memoryStatus: 0,
    optimizerUs: 0,
  };
}

/** Of a plan that no other design is known to share. */
export const NO_PLAN_NUMBER = -1;

/** A plan that was made before: a copy of {@link Planned.planned}, and its single numbers. */
export interface KeptPlan extends PlanNumbers {
  readonly planned: Float64Array;
  /** Of each segment, where the compute is timed, what it computes and how often its call runs. */
  segments: Float64Array;
}

/** Its arrays. */
export interface Planned {
  /** The memory that all others lie in but those of segments, of which each design has a few. */
  readonly planned: Float64Array;
  readonly scales: Float64Array;
  /** What each call sends, MB; 0: it does not take place. And its channel. */
  readonly callMB: Float64Array;
  readonly callChannel: Uint32Array;
  /** The calls that take place. */
  readonly activeCall: Uint32Array;
  /** How long each segment computes, us. */
  readonly segmentUs: Float64Array;
  /** How often the call of each segment runs and shows. */
  readonly callShare: Float64Array;
  /** MB in all of the collectives of a layer in each of its channels. */
  readonly layerMB: Float64Array;
  readonly sectionComputeUs: Float64Array;
  /** What of it makes gradients of weights. */
  readonly sectionWeightUs: Float64Array;
  /** Host time to launch the operations that compute. */
  readonly sectionLaunchUs: Float64Array;
  /** Activations that are kept, and of these what is dropped and recomputed by modules. */
  readonly sectionSavedMB: Float64Array;
  readonly sectionDroppedMB: Float64Array;
  /** The stages that differ, the first of each kind: how many are like it, and its layers. */
  readonly placeStage: Uint32Array;
  readonly placeStages: Float64Array;
  readonly placeLayers: Float64Array;
  /** The graph's row of outputs. */
  readonly parts: Float64Array;
}

/** Views of one memory, one behind the other, of so many numbers each. */
function viewsOf<Name extends string>(memory: Float64Array, first: number, counts: Record<Name, number>) {
  let at = first;
  const views = {} as Record<Name, Float64Array>;
  for (const name of Object.keys(counts) as Name[]) {
    views[name] = memory.subarray(at, at + counts[name]);
    at += counts[name];
  }
  return views;
}

const countOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** The same memory as numbers of 32 bits. */
const wordsOf = ({ buffer, byteOffset, length }: Float64Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, 2 * length);

/** Those of a graph. */
export function createPlanned(lowering: Lowering): Planned {
  const steps = SECTIONS.reduce((count, section) => count + lowering.steps[section].length, 0);
  const doubles = {
    scales: SCALE_COUNT,
    callMB: CALL_COUNT,
    layerMB: lowering.layerChannels.length,
    sectionComputeUs: SECTIONS.length,
    sectionWeightUs: SECTIONS.length,
    sectionLaunchUs: SECTIONS.length,
    sectionSavedMB: SECTIONS.length,
    sectionDroppedMB: SECTIONS.length,
    placeStages: PLACE_COUNT,
    placeLayers: PLACE_COUNT,
    parts: OUTPUT_COUNT,
  };
  // Two to a double.
  const words = {
    callChannel: Math.ceil(CALL_COUNT / 2),
    activeCall: Math.ceil(CALL_COUNT / 2),
    placeStage: Math.ceil(PLACE_COUNT / 2),
  };
  const planned = new Float64Array(countOf(doubles) + countOf(words));
  const { callChannel, activeCall, placeStage } = viewsOf(planned, countOf(doubles), words);
  return {
    planned,
    ...viewsOf(planned, 0, doubles),
    segmentUs: new Float64Array(steps),
    callShare: new Float64Array(steps),
    callChannel: wordsOf(callChannel),
    activeCall: wordsOf(activeCall),
    placeStage: wordsOf(placeStage),
  };
}
