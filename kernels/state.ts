import { MAX_DIMENSIONS, SLOT_COUNT } from '../psa/parameters.js';
import type { Workload } from '../psa/space.js';
import { COLLECTIVE_COUNT, SCALE_COUNT } from './workload/operation.js';
import { buildTables, type WorkloadTables } from './workload/tables.js';
import { SECTIONS } from './workload/transformer.js';

/** Groups of NPUs that communicate: see GROUP in workload/operation.ts. */
export const GROUP_COUNT = 6;

/** An operation as it ran, for traces and explanations. */
export interface OperationRecord {
  /** Row in the tables. */
  readonly row: number;
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * What the WGSL simulator keeps in private variables: the same names, in f64, allocated once and reused for every design.
 * Times in microseconds, sizes in megabytes.
 */
export interface State {
  readonly workload: Workload;
  readonly tables: WorkloadTables;
  readonly tiers: readonly number[];
  /** The design, a value per slot. */
  design: Float64Array;
  status: number;
  /** Is a lower bound of a step's time enough? */
  bounds: boolean;

  // network: per dimension
  readonly npus: Float64Array;
  readonly topology: Float64Array;
  readonly linkUsPerMB: Float64Array;
  readonly hopUs: Float64Array;
  /** NPUs of a group in a dimension, and the width of NPU numbers that they span there; GROUP_COUNT × MAX_DIMENSIONS. */
  readonly groupFactor: Float64Array;
  readonly groupSpan: Float64Array;
  /** NPUs of a group. */
  readonly groupSize: Float64Array;

  // collective: of the last collective
  phaseAlphaUs: number;
  phaseBetaUsPerMB: number;
  collectiveUs: number;
  readonly busyUs: Float64Array;
  // collective: the last of each kind, for layers repeat themselves
  readonly knownGroup: Float64Array;
  readonly knownMB: Float64Array;
  readonly knownUs: Float64Array;
  /** COLLECTIVE_COUNT × MAX_DIMENSIONS. */
  readonly knownBusyUs: Float64Array;
  /** Sum over the collectives of one traffic. */
  readonly totalBusyUs: Float64Array;

  // workload: of the current graph
  graph: number;
  flags: number;
  microBatch: number;
  microBatches: number;
  readonly scales: Float64Array;

  // schedule: of the last chain of operations
  chainUs: number;
  chainLoadedUs: number;
  chainComputeUs: number;
  /** Host time to launch its operations. */
  chainHostUs: number;
  readonly chainExposedUs: Float64Array;
  readonly chainBlockUs: Float64Array;
  chainSavedMB: number;
  chainCoreMB: number;
  /** Largest input and output of one of its operations. */
  chainLargestMB: number;
  /** Communication beside the chain, per dimension, at its start. */
  readonly loadUs: Float64Array;

  // schedule: of the current graph, per section of the op graph
  readonly sectionUs: Float64Array;
  readonly sectionLoadedUs: Float64Array;
  readonly sectionComputeUs: Float64Array;
  readonly sectionHostUs: Float64Array;
  /** SECTION_COUNT × 3: tp, sp, ep. */
  readonly sectionExposedUs: Float64Array;
  readonly sectionSavedMB: Float64Array;
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

  /** Called for each operation of a chain; undefined while speed matters. */
  recorder: ((record: OperationRecord) => void) | undefined;
}

/** A state for one workload; `tiers`: price tier per dimension. */
export function createState(workload: Workload, tiers: readonly number[]): State {
  return {
    workload,
    tables: buildTables(workload),
    tiers,
    design: new Float64Array(SLOT_COUNT),
    status: 0,
    bounds: false,
    npus: new Float64Array(MAX_DIMENSIONS),
    topology: new Float64Array(MAX_DIMENSIONS),
    linkUsPerMB: new Float64Array(MAX_DIMENSIONS),
    hopUs: new Float64Array(MAX_DIMENSIONS),
    groupFactor: new Float64Array(GROUP_COUNT * MAX_DIMENSIONS),
    groupSpan: new Float64Array(GROUP_COUNT * MAX_DIMENSIONS),
    groupSize: new Float64Array(GROUP_COUNT),
    phaseAlphaUs: 0,
    phaseBetaUsPerMB: 0,
    collectiveUs: 0,
    busyUs: new Float64Array(MAX_DIMENSIONS),
    knownGroup: new Float64Array(COLLECTIVE_COUNT),
    knownMB: new Float64Array(COLLECTIVE_COUNT),
    knownUs: new Float64Array(COLLECTIVE_COUNT),
    knownBusyUs: new Float64Array(COLLECTIVE_COUNT * MAX_DIMENSIONS),
    totalBusyUs: new Float64Array(MAX_DIMENSIONS),
    graph: 0,
    flags: 0,
    microBatch: 1,
    microBatches: 1,
    scales: new Float64Array(SCALE_COUNT),
    chainUs: 0,
    chainLoadedUs: 0,
    chainComputeUs: 0,
    chainHostUs: 0,
    chainExposedUs: new Float64Array(GROUP_COUNT),
    chainBlockUs: new Float64Array(MAX_DIMENSIONS),
    chainSavedMB: 0,
    chainCoreMB: 0,
    chainLargestMB: 0,
    loadUs: new Float64Array(MAX_DIMENSIONS),
    sectionUs: new Float64Array(SECTIONS.length),
    sectionLoadedUs: new Float64Array(SECTIONS.length),
    sectionHostUs: new Float64Array(SECTIONS.length),
    sectionComputeUs: new Float64Array(SECTIONS.length),
    sectionExposedUs: new Float64Array(3 * SECTIONS.length),
    sectionSavedMB: new Float64Array(SECTIONS.length),
    forwardBlockUs: new Float64Array(MAX_DIMENSIONS),
    backwardBlockUs: new Float64Array(MAX_DIMENSIONS),
    gatherUs: 0,
    gatherBusyUs: new Float64Array(MAX_DIMENSIONS),
    firstGatherUs: 0,
    gradientUs: 0,
    gradientBusyUs: new Float64Array(MAX_DIMENSIONS),
    forwardPeriodUs: 0,
    backwardPeriodUs: 0,
    lastBackwardPeriodUs: 0,
    recorder: undefined,
  };
}
