/** Where the numbers of a design in the astra-sim profile come from: every operation and collective of the slowest stage. */
import type { Workload } from '../psa/space.js';
import type { AstraSystem } from './network/message.js';
import { readNetwork } from './network/network.js';
import { astraSystem, isKnown, stgWorkload } from './schedule/astraStep.js';
import { quantitiesOf, type RanNode, type StgStep, type StgWorkload, stgStep } from './schedule/stgStep.js';
import { createState } from './state.js';
import { readGraph } from './workload/graph.js';
import { COLLECTIVE, type Collective } from './workload/operation.js';
import { QUANTITY, type StgGroup, type StgRow } from './workload/stg.js';

/** An operation of STG's graph: the same in every layer and micro-batch of a stage. */
export interface AstraOperation {
  readonly name: string;
  /** `send` to another stage; undefined for a computation. */
  readonly collective: Collective | 'send' | undefined;
  readonly group: StgGroup | undefined;
  readonly npus: number;
  /** Multiply-accumulates, or element operations. */
  readonly operations: number;
  /** Elements that it writes or a collective's payload, which the program takes for bytes. */
  readonly bytes: number;
  readonly bound: 'arithmetic' | 'memory' | 'network';
  /** Of one run, ns. */
  readonly timeNs: number;
  readonly runs: number;
  readonly stepNs: number;
}

export interface AstraGraph {
  readonly model: string;
  readonly microBatches: number;
  /** The stage that ends last, to which the operations belong. */
  readonly stage: number;
  readonly finishNs: number;
  readonly computeNs: number;
  readonly operations: readonly AstraOperation[];
}

function boundOf(system: AstraSystem, operations: number, bytes: number): AstraOperation['bound'] {
  return system.memoryBandwidth * (operations / bytes) < system.peak ? 'memory' : 'arithmetic';
}

function operationOf(system: AstraSystem, w: StgWorkload, row: StgRow, timeNs: number, runs: number): AstraOperation {
  const quantities = quantitiesOf(w);
  const amount = ([factor, quantity]: StgRow['ops']) => Math.trunc(factor * quantities[QUANTITY[quantity]]!);
  const computes = row.collective === undefined && row.group !== 'pp';
  const names = Object.keys(COLLECTIVE) as Collective[];
  const collective = row.collective === undefined ? 'send' : names[row.collective]!;
  return {
    name: row.name,
    collective: computes ? undefined : collective,
    group: computes ? undefined : row.group,
    npus: computes ? 1 : w[row.group],
    operations: amount(row.ops),
    bytes: amount(row.size),
    bound: computes ? boundOf(system, amount(row.ops), amount(row.size)) : 'network',
    timeNs,
    runs,
    stepNs: timeNs * runs,
  };
}

function lastStage({ stages }: StgStep): number {
  const ends = stages.map(({ finishNs }) => finishNs);
  return ends.indexOf(Math.max(...ends));
}

interface Run {
  readonly system: AstraSystem;
  readonly workload: StgWorkload;
  readonly nodes: readonly RanNode[];
  readonly step: StgStep | undefined;
}

/** Runs one phase of a design and keeps all of its nodes. */
export function runAstra(workload: Workload, tiers: readonly number[], design: Float64Array, graph: number): Run {
  const s = createState(workload, tiers);
  s.design = design;
  s.graph = graph;
  readNetwork(s);
  readGraph(s);
  const [system, stg] = [astraSystem(s), stgWorkload(s)];
  const nodes: RanNode[] = [];
  const step = isKnown(s, stg) ? stgStep(system, stg, (node) => nodes.push(node)) : undefined;
  return { system, workload: stg, nodes: step === undefined ? [] : nodes, step };
}

function explainGraph({ system, workload, nodes, step }: Run, model: string): AstraGraph | undefined {
  if (step === undefined) return undefined;
  const stage = lastStage(step);
  const runs = new Map<StgRow, { timeNs: number; count: number }>();
  for (const { row, startNs, endNs } of nodes.filter((node) => node.stage === stage)) {
    runs.set(row, { timeNs: endNs - startNs, count: (runs.get(row)?.count ?? 0) + 1 });
  }
  const { finishNs, computeNs } = step.stages[stage]!;
  const ordered = step.graph.rows.filter((row) => runs.has(row));
  return {
    model,
    microBatches: workload.batch / workload.microBatch,
    stage,
    finishNs,
    computeNs,
    operations: ordered.map((row) => {
      const { timeNs, count } = runs.get(row)!;
      return operationOf(system, workload, row, timeNs, count);
    }),
  };
}

/**
 * Tells what each operation and collective of a design in the astra-sim profile took; no graph for a phase without an outcome.
 *
 * @example
 * const [graph] = explainAstra(space.workload, space.tiers, design);
 * graph.operations.filter(({ bound }) => bound === 'network');
 */
export function explainAstra(workload: Workload, tiers: readonly number[], design: Float64Array): AstraGraph[] {
  return workload.phases.flatMap(
    ({ model }, graph) => explainGraph(runAstra(workload, tiers, design, graph), model) ?? [],
  );
}
