/** The tables of a step in the astra-sim profile: multiply-accumulates count once, elements count as bytes. */
import { type ExplainedGraph, explain, type Operation } from '../../kernels/astra/explain.js';
import type { Group } from '../../kernels/astra/graph/rows.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type GraphTables, joinCollectives, type OperationRow } from './operationTables.js';

const GROUP_NAMES: Readonly<Record<Group, string>> = {
  dp: 'data parallel',
  tp: 'tensor parallel',
  cp: 'sequence parallel',
  pp: 'pipeline',
};

function rowOf({ section, name, operations, bytes, bound, collective, group, npus, ...run }: Operation): OperationRow {
  return {
    section,
    name,
    work: operations * 1e-9,
    sizeMB: bytes * 1e-6,
    bound,
    collective,
    group: group && GROUP_NAMES[group],
    npus,
    over: '',
    timeUs: run.timeNs * 1e-3,
    runs: run.runs,
    stepUs: run.stepNs * 1e-3,
  };
}

function tablesOf({
  model,
  weight,
  microBatches,
  stage,
  layers,
  finishNs,
  computeNs,
  ...graph
}: ExplainedGraph): GraphTables {
  const operations = graph.operations.map(rowOf);
  return {
    title: `${model} training`,
    weight,
    microBatches,
    layersPerStage: layers,
    stage: `stage ${stage}, which ends last`,
    workUnit: 'G operations',
    operations,
    collectives: joinCollectives(operations),
    layer: graph.layer.map(({ pass, name, bound, startNs, endNs }) => ({
      pass,
      name,
      bound,
      startUs: startNs * 1e-3,
      endUs: endNs * 1e-3,
    })),
    timeUs: finishNs * 1e-3,
    computeUs: computeNs * 1e-3,
  };
}

/** A table of each phase that ASTRA-sim brings to an end, of the stage that ends last. */
export function astraTables({ workload, tiers }: CompiledSpace, design: Float64Array): GraphTables[] {
  return explain(workload, tiers, design).map(tablesOf);
}
