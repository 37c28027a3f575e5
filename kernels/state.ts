import type { Workload } from '../psa/space.js';
import { createNetwork, type Network, perDimension } from './network/networkState.js';
import { OUTPUT_COUNT } from './outputs.js';
import {
  createPlanNumbers,
  createPlanned,
  type KeptPlan,
  NO_PLAN_NUMBER,
  PLACE_COUNT,
  type PlanNumbers,
  type Planned,
} from './schedule/planned.js';
import { GRAPH_REAL, type GraphHeader } from './workload/header.js';
import { lower, NO_GRAPH, rowsOf } from './workload/lowering.js';
import { CALL_COUNT } from './workload/operation.js';
import { createRates, type Rates } from './workload/rates.js';
import { type StepTables, tablesOf } from './workload/stepTable.js';
import { SECTIONS } from './workload/transformer.js';

/**
 * What the WGSL simulator keeps in private variables: the same names, in f64, allocated once and reused for every design; one
 * for each graph. Times in microseconds, sizes in megabytes.
 */
export interface State extends Network, Rates, Planned, PlanNumbers {
  readonly workload: Workload;
  readonly tiers: readonly number[];
  /** The phase of the workload that this is the state of, and its op graph. */
  readonly graph: number;
  readonly header: GraphHeader;
  readonly tables: StepTables;
  status: number;
  // what of the status comes from where
  layoutStatus: number;
  /** Channels that ask for an algorithm that their group does not admit, as bits. */
  badChannels: number;
  /** Groups whose channels are still those of a design before, as bits: what is infeasible needs none. */
  unopenedGroups: number;

  /** What has changed since the step was last simulated: its plan, and groups whose collectives have, as bits. */
  stalePlan: boolean;
  staleGroups: number;

  // collective: of the last phase, and the use of dimensions by the last collective
  phaseAlphaUs: number;
  phaseLinks: number;
  phaseReduced: number;
  readonly busyUs: Float64Array;

  // plan: of the graph; what it sets besides can be kept
  planNumber: number;
  readonly keptPlans: KeptPlan[];
  /** How long each work of `steps` takes, us. */
  readonly workUs: Float64Array;

  // chain: when compute, the last collective and the one before it end; and the same beside other traffic
  computeUs: number;
  communicationUs: number;
  previousUs: number;
  computeLoadedUs: number;
  communicationLoadedUs: number;
  previousLoadedUs: number;
  hostUs: number;
  /** What travels beside another micro-batch. */
  besideUs: number;
  /** Of tp, sp, ep. */
  readonly exposedUs: Float64Array;
  /** What other traffic ends later by for those of them that share its links. */
  readonly sharedUs: Float64Array;
  lastGroup: number;
  previousGroup: number;

  // schedule: of the graph
  readonly callUs: Float64Array;
  /** Other communication that a section's collectives of a group wait for; SECTION_COUNT × (tp, sp, ep). */
  readonly sectionQueueUs: Float64Array;
  /** The dimensions on which they may wait, as bits; the same places. */
  readonly waitedDimensions: Uint32Array;
  readonly sectionUs: Float64Array;
  /** With what is queued before it. */
  readonly sectionLoadedUs: Float64Array;
  readonly sectionHostUs: Float64Array;
  /** What exchanges of experts that travel beside others take longer where there is no other micro-batch. */
  readonly sectionAloneUs: Float64Array;
  /** SECTION_COUNT × (tp, sp, ep). */
  readonly sectionExposedUs: Float64Array;
  /** Use of the dimensions by one layer, forward and backward. */
  readonly forwardBlockUs: Float64Array;
  readonly backwardBlockUs: Float64Array;
  /** Communication of a layer beside its chain: gathering its weights, reducing its gradients. */
  gatherUs: number;
  readonly gatherBusyUs: Float64Array;
  /** Gathers that nothing hides at the start of a step. */
  firstGatherUs: number;
  gradientUs: number;
  readonly gradientBusyUs: Float64Array;
  /** Time of a layer in a full pipeline; the last backward pass runs beside the reduction of gradients. */
  forwardPeriodUs: number;
  backwardPeriodUs: number;
  lastBackwardPeriodUs: number;
  /** Have sections or periods changed since the stages were timed? */
  staleStages: boolean;
  /** A micro-batch there, what the last backward pass takes longer, and which takes longest. */
  readonly placeForwardUs: Float64Array;
  readonly placeBackwardUs: Float64Array;
  readonly placeDelayUs: Float64Array;
  slowestPlace: number;
  /** The place that the step ends with: the first stage, or where the schedule splits the backward pass that which takes longest. */
  endPlace: number;
  /** A micro-batch on all stages, and what the last one takes longer there. */
  allStagesUs: number;
  /** Of a micro-batch's backward pass the gradients of weights, and on all stages, where the schedule splits it. */
  readonly placeWeightUs: Float64Array;
  allForwardUs: number;
  allWeightUs: number;
  lastPassDelayUs: number;
  /** Of all micro-batches, what of their sends shows, of exchanges without another micro-batch, and of the traffic of weights and gradients. */
  pipelineUs: number;
  sendsUs: number;
  aloneUs: number;
  replicasUs: number;
  stepUs: number;

  /** A row of outputs for the memory of another stage. */
  readonly other: Float64Array;
}

const perSection = (columns = 1): Float64Array => new Float64Array(columns * SECTIONS.length);

function createGraphState(workload: Workload, tiers: readonly number[], network: Network, graph: number): State {
  const phase = workload.phases[graph];
  const lowering = phase === undefined ? NO_GRAPH : lower(phase);
  return {
    workload,
    tiers,
    ...network,
    ...createRates(),
    ...createPlanned(lowering),
    ...createPlanNumbers(),
    headDim: lowering.header.real[GRAPH_REAL.HEAD_DIM] ?? 0,
    graph,
    header: lowering.header,
    tables: tablesOf(lowering),
    status: 0,
    layoutStatus: 0,
    badChannels: 0,
    unopenedGroups: 0,
    planNumber: NO_PLAN_NUMBER,
    keptPlans: [],
    stalePlan: true,
    staleGroups: 0,
    phaseAlphaUs: 0,
    phaseLinks: 0,
    phaseReduced: 0,
    busyUs: perDimension(),
    workUs: new Float64Array(SECTIONS.flatMap((section) => lowering.steps[section].flatMap(rowsOf)).length),
    computeUs: 0,
    communicationUs: 0,
    previousUs: 0,
    computeLoadedUs: 0,
    communicationLoadedUs: 0,
    previousLoadedUs: 0,
    hostUs: 0,
    besideUs: 0,
    exposedUs: new Float64Array(3),
    sharedUs: new Float64Array(3),
    lastGroup: 0,
    previousGroup: 0,
    callUs: new Float64Array(CALL_COUNT),
    sectionQueueUs: perSection(3),
    waitedDimensions: new Uint32Array(3 * SECTIONS.length),
    sectionUs: perSection(),
    sectionLoadedUs: perSection(),
    sectionHostUs: perSection(),
    sectionAloneUs: perSection(),
    sectionExposedUs: perSection(3),
    forwardBlockUs: perDimension(),
    backwardBlockUs: perDimension(),
    gatherUs: 0,
    gatherBusyUs: perDimension(),
    firstGatherUs: 0,
    gradientUs: 0,
    gradientBusyUs: perDimension(),
    forwardPeriodUs: 0,
    backwardPeriodUs: 0,
    lastBackwardPeriodUs: 0,
    staleStages: true,
    placeForwardUs: new Float64Array(PLACE_COUNT),
    placeBackwardUs: new Float64Array(PLACE_COUNT),
    placeDelayUs: new Float64Array(PLACE_COUNT),
    slowestPlace: 0,
    endPlace: 0,
    allStagesUs: 0,
    placeWeightUs: new Float64Array(PLACE_COUNT),
    allForwardUs: 0,
    allWeightUs: 0,
    lastPassDelayUs: 0,
    pipelineUs: 0,
    sendsUs: 0,
    aloneUs: 0,
    replicasUs: 0,
    stepUs: 0,
    other: new Float64Array(OUTPUT_COUNT),
  };
}

/** A state for each graph of a workload, with one network; `tiers`: price tier per dimension. */
export function createStates(workload: Workload, tiers: readonly number[]): State[] {
  const network = createNetwork(workload);
  return workload.phases.map((_, graph) => createGraphState(workload, tiers, network, graph));
}

/** A state of a single graph; also of none, for its network. */
export function createState(workload: Workload, tiers: readonly number[], graph = 0): State {
  return createGraphState(workload, tiers, createNetwork(workload), graph);
}
