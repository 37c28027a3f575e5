/** Where the numbers of a design in the astra-sim profile come from: every operation and collective of the slowest stage. */
import type { ModelPhase, Workload } from '../../psa/space.js';
import { readNetwork } from '../network/network.js';
import { createState } from '../state.js';
import { readGraph } from '../workload/graph.js';
import { COLLECTIVE, type Collective } from '../workload/operation.js';
import type { System } from './collective/message.js';
import { isKnown, SystemReader, stgWorkload } from './design.js';
import {
  embeddingRows,
  firstLayerRows,
  type Group,
  headRows,
  INPUT_GRADIENT,
  lastLayerRows,
  layerRows,
  OUTPUT,
  type Row,
} from './graph/rows.js';
import { layersOn } from './graph/shape.js';
import { COMPUTE, slotOfRow } from './schedule/nodes.js';
import { amountOf, quantitiesOf, type StgWorkload, shapeOf } from './schedule/rowTimes.js';
import { type RanNode, type Step, simulateStep } from './schedule/runStep.js';

export type Section = 'layer' | 'embedding' | 'head' | 'edges' | 'pipeline';

/** An operation of STG's graph: the same in every layer and micro-batch of a stage. */
export interface Operation {
  /** What it is a part of; edges: the weights of embedding and head. */
  readonly section: Section;
  readonly name: string;
  /** `send` to another stage; undefined for a computation. */
  readonly collective: Collective | 'send' | undefined;
  readonly group: Group | undefined;
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

/** A node as it ran while its stage took the first micro-batch through one layer. */
export interface LayerNode {
  readonly pass: 'forward' | 'backward';
  readonly name: string;
  readonly bound: Operation['bound'];
  /** Since the pass through the layer began, ns. */
  readonly startNs: number;
  readonly endNs: number;
}

export interface ExplainedGraph {
  readonly model: string;
  readonly weight: number;
  readonly microBatches: number;
  /** The stage that ends last, to which the operations belong. */
  readonly stage: number;
  /** Layers on that stage. */
  readonly layers: number;
  readonly finishNs: number;
  readonly computeNs: number;
  readonly operations: readonly Operation[];
  /** What the stage does during the first pass through a layer, forward and backward. */
  readonly layer: readonly LayerNode[];
}

/** Rows have the same names whatever the design, but may be left out. */
const ALL_ROWS = { dp: true, tp: true, cp: true, sharded: true, tpsp: true };
const SECTION_OF: ReadonlyMap<string, Section> = new Map(
  Object.entries({
    layer: layerRows(ALL_ROWS),
    embedding: [...embeddingRows(), ...firstLayerRows(ALL_ROWS)],
    head: [...headRows(ALL_ROWS), ...lastLayerRows(ALL_ROWS)],
  }).flatMap(([section, rows]) => rows.map(({ name }) => [name, section as Section])),
);

/** Sums and updates have one name, be they of a layer or of an edge. */
function sectionOf({ name, group, size: [, quantity] }: Row): Section {
  if (group === 'pp') return 'pipeline';
  return SECTION_OF.get(name) ?? (quantity === 'vocabularyWeight' ? 'edges' : 'layer');
}

function boundOf(system: System, operations: number, bytes: number): Operation['bound'] {
  return system.memoryBandwidth * (operations / bytes) < system.peak ? 'memory' : 'arithmetic';
}

function operationOf(system: System, w: StgWorkload, row: Row, timeNs: number, runs: number): Operation {
  const quantities = quantitiesOf(w);
  const [operations, bytes] = [amountOf(quantities, row.ops), amountOf(quantities, row.size)];
  const computes = slotOfRow(row) === COMPUTE;
  const names = Object.keys(COLLECTIVE) as Collective[];
  const collective = row.collective === undefined ? 'send' : names[row.collective]!;
  return {
    section: sectionOf(row),
    name: row.name,
    collective: computes ? undefined : collective,
    group: computes ? undefined : row.group,
    npus: computes ? 1 : w[row.group],
    operations,
    bytes,
    bound: computes ? boundOf(system, operations, bytes) : 'network',
    timeNs,
    runs,
    stepNs: timeNs * runs,
  };
}

function lastStage({ stages }: Step): number {
  const ends = stages.map(({ finishNs }) => finishNs);
  return ends.indexOf(Math.max(...ends));
}

interface Run {
  readonly system: System;
  readonly workload: StgWorkload;
  readonly nodes: readonly RanNode[];
  readonly step: Step | undefined;
}

/** Runs one phase of a design and keeps all of its nodes. */
export function runPhase(workload: Workload, tiers: readonly number[], design: Float64Array, graph: number): Run {
  const s = createState(workload, tiers, graph);
  s.design = design;
  readNetwork(s);
  readGraph(s);
  const [system, stg] = [new SystemReader().read(s), stgWorkload(s)];
  const nodes: RanNode[] = [];
  const ran = isKnown(s, stg) ? simulateStep(system, stg, (node) => nodes.push(node)) : undefined;
  const step = ran === undefined || 'stop' in ran ? undefined : ran;
  return { system, workload: stg, nodes: step === undefined ? [] : nodes, step };
}

/** Nodes that begin while the first micro-batch passes through a layer: from the first of some rows to the end of another. */
function passOf(
  pass: LayerNode['pass'],
  nodes: readonly RanNode[],
  begins: readonly string[],
  ends: string,
  boundOfRow: (row: Row) => Operation['bound'],
): LayerNode[] {
  const first = nodes.find(({ row }) => begins.includes(row.name));
  const last = nodes.find(({ row }) => row.name === ends);
  if (first === undefined || last === undefined) return [];
  return nodes
    .filter(({ startNs }) => startNs >= first.startNs && startNs < last.endNs)
    .map(({ row, startNs, endNs }) => ({
      pass,
      name: row.name,
      bound: boundOfRow(row),
      startNs: startNs - first.startNs,
      endNs: endNs - first.startNs,
    }));
}

function explainGraph(
  { system, workload, nodes, step }: Run,
  { model, weight }: ModelPhase,
): ExplainedGraph | undefined {
  if (step === undefined) return undefined;
  const stage = lastStage(step);
  const own = nodes.filter((node) => node.stage === stage);
  const runs = new Map<Row, { timeNs: number; count: number }>();
  for (const { row, startNs, endNs } of own) {
    runs.set(row, { timeNs: endNs - startNs, count: (runs.get(row)?.count ?? 0) + 1 });
  }
  const { finishNs, computeNs } = step.stages[stage]!;
  const ordered = step.graph.rows.filter((row) => runs.has(row));
  const operations = ordered.map((row) => {
    const { timeNs, count } = runs.get(row)!;
    return operationOf(system, workload, row, timeNs, count);
  });
  const boundOfRow = (row: Row) => operations[ordered.indexOf(row)]!.bound;
  return {
    model,
    weight,
    microBatches: workload.batch / workload.microBatch,
    stage,
    layers: layersOn(shapeOf(workload), stage),
    finishNs,
    computeNs,
    operations,
    layer: [
      ...passOf('forward', own, ['attention norm'], OUTPUT, boundOfRow),
      ...passOf('backward', own, ['gather MLP dY', 'MLP down dX', 'MLP down dW'], INPUT_GRADIENT, boundOfRow),
    ],
  };
}

/**
 * Tells what each operation and collective of a design in the astra-sim profile took; no graph for a phase without an outcome.
 *
 * @example
 * const [graph] = explainAstra(space.workload, space.tiers, design);
 * graph.operations.filter(({ bound }) => bound === 'network');
 */
export function explain(workload: Workload, tiers: readonly number[], design: Float64Array): ExplainedGraph[] {
  return workload.phases.flatMap((phase, graph) => explainGraph(runPhase(workload, tiers, design, graph), phase) ?? []);
}
