/** The tables of a step in the default profile. */
import { ALGORITHM, algorithmOf } from '../../kernels/collective/phase.js';
import { type ExplainedGraph, explain, type GroupPart, type RanOperation } from '../../kernels/explain.js';
import { OUTPUT } from '../../kernels/outputs.js';
import { isTraining, LAYER_GRADIENTS, layerDenseM, layerExpertM } from '../../kernels/schedule/layer.js';
import {
  gathersBackward,
  gathersForward,
  gathersWeights,
  gradientBytes,
  gradientCollective,
  scattersGradients,
  WEIGHT_BYTES,
} from '../../kernels/schedule/sharding.js';
import { stageLayers } from '../../kernels/schedule/stage.js';
import type { State } from '../../kernels/state.js';
import { CALL, COLLECTIVE, type Collective, GROUP, type Group } from '../../kernels/workload/operation.js';
import { MAX_DIMENSIONS } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import {
  type CollectiveRow,
  type GraphTables,
  joinCollectives,
  type LayerRun,
  type OperationRow,
} from './operationTables.js';

const ALGORITHM_NAMES = Object.keys(ALGORITHM);

const GROUP_NAMES: Readonly<Record<Group, string>> = {
  tp: 'tensor parallel',
  sp: 'sequence parallel',
  ep: 'expert parallel',
  data: 'data and sequence parallel',
  expertData: 'data parallel of experts',
  outerData: 'data parallel between shard groups',
  pp: 'pipeline',
  contextRing: 'sequence parallel, round a ring',
  etp: 'tensor parallel of experts',
};

function describeParts(parts: readonly GroupPart[]): string {
  return parts
    .map(({ dimension, npus, algorithm }) => `${dimension}: ${npus} ${ALGORITHM_NAMES[algorithm]}`)
    .join(' × ');
}

function runsOf(graph: ExplainedGraph, { section }: RanOperation): number {
  const perMicroBatch = section.startsWith('layer') ? stageLayers(graph.state, 0) : 1;
  return perMicroBatch * graph.microBatches;
}

function npusOf(parts: readonly GroupPart[]): number {
  return parts.reduce((product, { npus }) => product * npus, 1);
}

function operationRows(graph: ExplainedGraph): OperationRow[] {
  return graph.operations.map((operation) => {
    const { section, name, gflop, sizeMB, bound, collective, group, parts } = operation;
    const timeUs = operation.endUs - operation.startUs;
    const runs = runsOf(graph, operation);
    return {
      section,
      name,
      work: gflop,
      sizeMB,
      bound,
      collective,
      group: group && GROUP_NAMES[group],
      npus: npusOf(parts),
      over: describeParts(parts),
      timeUs,
      runs,
      stepUs: timeUs * runs,
    };
  });
}

function layerRuns({ operations }: ExplainedGraph): LayerRun[] {
  return operations
    .filter(({ section }) => section.startsWith('layer'))
    .map(({ section, name, bound, startUs, endUs }) => ({
      pass: section === 'layerForward' ? 'forward' : 'backward',
      name,
      bound,
      startUs,
      endUs,
    }));
}

function replicaParts(s: State, group: Group, kind: number): GroupPart[] {
  return Array.from({ length: MAX_DIMENSIONS }, (_, dimension) => ({
    dimension,
    npus: s.groupFactor[GROUP[group] * MAX_DIMENSIONS + dimension]!,
    algorithm: algorithmOf(s, kind, dimension),
  })).filter(({ npus }) => npus > 1);
}

/** A collective over the replicas of a layer's weights, beside the chain. */
function replicaRow(
  s: State,
  group: Group,
  kind: number,
  payloadMB: number,
  timeUs: number,
  runs: number,
): CollectiveRow[] {
  if (timeUs <= 0 || runs <= 0) return [];
  const parts = replicaParts(s, group, kind);
  const names = Object.keys(COLLECTIVE) as Collective[];
  return [
    {
      group: GROUP_NAMES[group],
      collective: names[kind]!,
      over: describeParts(parts),
      npus: npusOf(parts),
      payloadMB,
      timeUs,
      runs,
      stepUs: timeUs * runs,
    },
  ];
}

/** Gathers of sharded weights and reductions of gradients, a layer each. */
function layerCollectives({ state: s, microBatches }: ExplainedGraph): CollectiveRow[] {
  const layers = stageLayers(s, 0);
  const layerM = layerDenseM(s) + layerExpertM(s);
  const outerMB = s.callMB[CALL.outerDense]! + s.callMB[CALL.outerExpert]!;
  const allUs = LAYER_GRADIENTS.reduce((sum, call) => sum + s.callUs[call]!, 0);
  const outerShare = allUs > 0 ? (s.callUs[CALL.outerDense]! + s.callUs[CALL.outerExpert]!) / allUs : 0;
  const outerUs = outerShare * s.gradientUs;
  const gathersOnce = gathersWeights(s) && !gathersForward(s);
  const passes = Number(gathersForward(s)) + Number(isTraining(s) && gathersBackward(s));
  const gathers = layers * (gathersOnce ? 1 : passes * microBatches);
  const reductions = isTraining(s) ? layers * (scattersGradients(s) ? microBatches : 1) : 0;
  return [
    ...replicaRow(s, 'data', COLLECTIVE.allGather, WEIGHT_BYTES * layerM, s.gatherUs, gathers),
    ...replicaRow(s, 'data', gradientCollective(s), gradientBytes(s) * layerM, s.gradientUs - outerUs, reductions),
    ...replicaRow(s, 'outerData', COLLECTIVE.allReduce, outerMB, outerUs, reductions),
  ];
}

/** A table of each phase, of the first pipeline stage (head and embedding: of theirs). */
export function defaultTables({ workload, tiers }: CompiledSpace, design: Float64Array): GraphTables[] {
  return explain(workload, tiers, design).map((graph) => {
    const operations = operationRows(graph);
    return {
      title: `${graph.model} ${graph.phase}`,
      weight: graph.weight,
      microBatches: graph.microBatches,
      layersPerStage: stageLayers(graph.state, 0),
      stage: 'the first stage',
      workUnit: 'GFLOP',
      operations,
      collectives: [...joinCollectives(operations), ...layerCollectives(graph)],
      layer: layerRuns(graph),
      timeUs: graph.parts[OUTPUT.timeUs]!,
      computeUs: graph.parts[OUTPUT.computeUs]!,
    };
  });
}
