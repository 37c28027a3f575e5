/**
 * The part of a step's graph that one stage runs, with numbers of its own. It depends on the stage's layers and on its place
 * among the stages, not on how many those are, so stages of many shapes have the same one.
 */
import { type OpGraph, opGraph, type Span } from './opGraph.js';
import type { Pieces } from './pieces.js';
import { headStageOf, layersOn, type Shape } from './shape.js';

/** What stages send one another, in the order of their rows. */
export const SEND = { forward: 0, backward: 1, toHead: 2, fromHead: 3 } as const;
export const SENDS = Object.keys(SEND).length;

export interface StageGraph {
  readonly pieces: Pieces;
  readonly span: Span;
  /** Own nodes; behind them are numbered those that other stages send. */
  readonly nodes: number;
  readonly rowOf: Uint16Array;
  /** How many nodes each own one waits for. */
  readonly waits: Int32Array;
  /** Own nodes that wait for node i: successors[firstSuccessor[i]] … successors[firstSuccessor[i + 1] − 1]. */
  readonly firstSuccessor: Uint32Array;
  readonly successors: Uint32Array;
  /** For each SEND, the first node that other stages send; −1 where none does. */
  readonly received: Int32Array;
}

/** The first row of what stages send one another. */
export function firstSendRow(pieces: Pieces): number {
  return pieces.firstRowOf(pieces.sends.forward);
}

/** The stage that a send of a stage goes to. */
export function receiverOf(shape: Shape, stage: number, send: number): number {
  if (send === SEND.forward) return stage + 1;
  if (send === SEND.backward) return stage - 1;
  return send === SEND.toHead ? headStageOf(shape) : shape.stages - 1;
}

/** For each stage the nodes of a graph that are sent to it. */
export function sendsTo({ stageOf, receiverOf, stageStart }: OpGraph): number[][] {
  const sends: number[][] = stageStart.map(() => []);
  receiverOf.forEach((receiver, node) => {
    if (receiver !== stageOf[node]) sends[receiver]!.push(node);
  });
  return sends;
}

/**
 * A stage's part of a graph.
 *
 * @param received the nodes that are sent to it
 */
export function stageGraph(graph: OpGraph, stage: number, received: readonly number[]): StageGraph {
  const { pieces, rowOf, stageOf, stageStart, waits } = graph;
  const first = stageStart[stage]!;
  const end = stageStart[stage + 1] ?? rowOf.length;
  const own = Array.from({ length: end - first }, (_, i) => first + i);
  const all = [...own, ...received];
  const firstSuccessor = [0];
  const successors: number[] = [];
  for (const node of all) {
    for (let i = graph.firstSuccessor[node]!; i < graph.firstSuccessor[node + 1]!; i++) {
      const successor = graph.successors[i]!;
      if (stageOf[successor] === stage) successors.push(successor - first);
    }
    firstSuccessor.push(successors.length);
  }
  const { layers, firstLayer, firstSum, firstUpdate } = graph.spans[stage]!;
  const sendRow = firstSendRow(pieces);
  const receivedRows = received.map((node) => rowOf[node]! - sendRow);
  return {
    pieces,
    span: { layers, firstLayer: firstLayer - first, firstSum: firstSum - first, firstUpdate: firstUpdate - first },
    nodes: own.length,
    rowOf: Uint16Array.from(all, (node) => rowOf[node]!),
    waits: Int32Array.from(waits.subarray(first, end)),
    firstSuccessor: Uint32Array.from(firstSuccessor),
    successors: Uint32Array.from(successors),
    received: Int32Array.from({ length: SENDS }, (_, send) => {
      const place = receivedRows.indexOf(send);
      return place < 0 ? -1 : own.length + place;
    }),
  };
}

/** What tells the graphs of stages apart in steps of one micro-batch, as a number. */
function roleOf(shape: Shape, stage: number): number {
  const last = shape.stages - 1;
  const head = headStageOf(shape);
  // The sends of a stage go by their receivers: that to the head before that to the neighbour where it goes further back.
  const further = stage === last && head < last - 1;
  const bits = [stage === 0, stage === last, stage === head, further];
  return bits.reduce((number, bit) => 2 * number + Number(bit), layersOn(shape, stage));
}

function rolesOf(shape: Shape): number[] {
  return Array.from({ length: shape.stages }, (_, stage) => roleOf(shape, stage));
}

/** A small shape that has all stages of one; where the stages have as many layers each, those between the outer ones are alike. */
function withFewStages(shape: Shape): Shape {
  const { layers, stages } = shape;
  return layers % stages === 0 && stages > 3 ? { ...shape, layers: (3 * layers) / stages, stages: 3 } : shape;
}

/** Graphs of the stages of steps of one micro-batch whose shapes have the same flags. */
export class StageGraphs<Kept> {
  private readonly known = new Map<number, Kept>();

  /** @param keep what is made of a graph, once */
  constructor(
    private readonly pieces: Pieces,
    private readonly keep: (graph: StageGraph) => Kept,
  ) {}

  get all(): Kept[] {
    return [...this.known.values()];
  }

  /** Of each stage of a shape. */
  of(shape: Shape): Kept[] {
    const roles = rolesOf(shape);
    if (roles.some((role) => !this.known.has(role))) this.make(withFewStages(shape));
    return roles.map((role) => this.known.get(role)!);
  }

  private make(shape: Shape): void {
    const roles = rolesOf(shape);
    const graph = opGraph(shape, this.pieces);
    const received = sendsTo(graph);
    roles.forEach((role, stage) => {
      if (!this.known.has(role)) this.known.set(role, this.keep(stageGraph(graph, stage, received[stage]!)));
    });
  }
}
