/** A step as a table of operations and one of collectives: how often each runs, and what that sums to. */
import { ALGORITHM, algorithmOf } from '../../kernels/collective/phase.js';
import { type ExplainedGraph, explain, type GroupPart, type RanOperation } from '../../kernels/explain.js';
import { OUTPUT } from '../../kernels/outputs.js';
import {
  gradientBytes,
  gradientCollective,
  isTraining,
  layerDenseM,
  layerExpertM,
  WEIGHT_BYTES,
  WEIGHT_SHARDING,
  weightSharding,
} from '../../kernels/schedule/layer.js';
import { stageLayers } from '../../kernels/schedule/stage.js';
import type { State } from '../../kernels/state.js';
import { COLLECTIVE, type Collective, GROUP, type Group } from '../../kernels/workload/operation.js';
import { MAX_DIMENSIONS } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';

/** An operation of an op graph, and what it adds up to in a step of the stage that it belongs to. */
export interface OperationRow extends RanOperation {
  /** Of one run, us. */
  readonly timeUs: number;
  readonly runs: number;
  readonly stepUs: number;
}

/** All collectives of one kind over one group. */
export interface CollectiveRow {
  readonly group: string;
  readonly collective: Collective;
  /** `4 of dimension 0 (ring) × 8 of dimension 1 (direct)` */
  readonly over: string;
  readonly npus: number;
  /** Of one run: its payload in MB and its time in us; means where the runs differ. */
  readonly payloadMB: number;
  readonly timeUs: number;
  readonly runs: number;
  readonly stepUs: number;
}

/** The tables of one phase of a workload. */
export interface GraphTables {
  readonly title: string;
  readonly weight: number;
  readonly microBatches: number;
  readonly layersPerStage: number;
  readonly operations: readonly OperationRow[];
  readonly collectives: readonly CollectiveRow[];
  /** One step of the phase, us; less than the sum of the rows where communication hides behind compute. */
  readonly timeUs: number;
  readonly computeUs: number;
}

const ALGORITHM_NAMES = Object.keys(ALGORITHM);

const GROUP_NAMES: Readonly<Record<Group, string>> = {
  tp: 'tensor parallel',
  sp: 'sequence parallel',
  ep: 'expert parallel',
  data: 'data and sequence parallel',
  expertData: 'data parallel of experts',
  pp: 'pipeline',
};

function describeParts(parts: readonly GroupPart[]): string {
  return parts
    .map(({ dimension, npus, algorithm }) => `${npus} of dimension ${dimension} (${ALGORITHM_NAMES[algorithm]})`)
    .join(' × ');
}

function runsOf(graph: ExplainedGraph, { section }: RanOperation): number {
  const perMicroBatch = section.startsWith('layer') ? stageLayers(graph.state, 0) : 1;
  return perMicroBatch * graph.microBatches;
}

function operationRows(graph: ExplainedGraph): OperationRow[] {
  return graph.operations.map((operation) => {
    const timeUs = operation.endUs - operation.startUs;
    const runs = runsOf(graph, operation);
    return { ...operation, timeUs, runs, stepUs: timeUs * runs };
  });
}

/** Collectives that the chains of operations wait for, joined by kind and group. */
function chainCollectives(rows: readonly OperationRow[]): CollectiveRow[] {
  const joined = new Map<string, CollectiveRow>();
  for (const { collective, group, parts, sizeMB, runs, stepUs } of rows) {
    if (collective === undefined || group === undefined) continue;
    const key = `${group} ${collective}`;
    const before = joined.get(key);
    const all = (before?.runs ?? 0) + runs;
    joined.set(key, {
      group: GROUP_NAMES[group],
      collective,
      over: describeParts(parts),
      npus: parts.reduce((product, { npus }) => product * npus, 1),
      payloadMB: ((before?.payloadMB ?? 0) * (before?.runs ?? 0) + sizeMB * runs) / all,
      timeUs: ((before?.stepUs ?? 0) + stepUs) / all,
      runs: all,
      stepUs: (before?.stepUs ?? 0) + stepUs,
    });
  }
  return [...joined.values()];
}

function replicaParts(s: State, kind: number): GroupPart[] {
  return Array.from({ length: MAX_DIMENSIONS }, (_, dimension) => ({
    dimension,
    npus: s.groupFactor[GROUP.data * MAX_DIMENSIONS + dimension]!,
    algorithm: algorithmOf(s, kind, dimension),
  })).filter(({ npus }) => npus > 1);
}

/** A collective over the replicas of a layer's weights, beside the chain. */
function replicaRow(s: State, kind: number, bytes: number, timeUs: number, runs: number): CollectiveRow[] {
  if (timeUs <= 0 || runs <= 0) return [];
  const parts = replicaParts(s, kind);
  const names = Object.keys(COLLECTIVE) as Collective[];
  return [
    {
      group: GROUP_NAMES.data,
      collective: names[kind]!,
      over: describeParts(parts),
      npus: parts.reduce((product, { npus }) => product * npus, 1),
      payloadMB: (layerDenseM(s) + layerExpertM(s)) * bytes,
      timeUs,
      runs,
      stepUs: timeUs * runs,
    },
  ];
}

/** Gathers of sharded weights and reductions of gradients, a layer each. */
function layerCollectives({ state: s, microBatches }: ExplainedGraph): CollectiveRow[] {
  const layers = stageLayers(s, 0);
  const sharded = weightSharding(s) === WEIGHT_SHARDING.zero3;
  const passes = isTraining(s) ? 2 : 1;
  const gathers = sharded ? passes * layers * microBatches : 0;
  const reductions = isTraining(s) ? layers * (sharded ? microBatches : 1) : 0;
  return [
    ...replicaRow(s, COLLECTIVE.allGather, WEIGHT_BYTES, s.gatherUs, gathers),
    ...replicaRow(s, gradientCollective(s), gradientBytes(s), s.gradientUs, reductions),
  ];
}

/** Does the simulator follow physics here? Only its operations are listed and drawn. */
export function isPhysical({ workload }: CompiledSpace): boolean {
  return workload.profile !== 'astra-sim';
}

/**
 * Where a design's step goes, per phase of the workload, on the first pipeline stage (head and embedding: on theirs).
 *
 * @example
 * const [step] = operationTables(space, design);
 * step.operations.filter(({ bound }) => bound === 'memory');
 */
export function operationTables(space: CompiledSpace, design: Float64Array): GraphTables[] {
  return explain(space.workload, space.tiers, design).map((graph) => {
    const operations = operationRows(graph);
    return {
      title: `${graph.model} ${graph.phase}`,
      weight: graph.weight,
      microBatches: graph.microBatches,
      layersPerStage: stageLayers(graph.state, 0),
      operations,
      collectives: [...chainCollectives(operations), ...layerCollectives(graph)],
      timeUs: graph.parts[OUTPUT.timeUs]!,
      computeUs: graph.parts[OUTPUT.computeUs]!,
    };
  });
}
