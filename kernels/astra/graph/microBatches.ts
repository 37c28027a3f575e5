/**
 * The graph of a stage in a step of several micro-batches, from its graph in a step of one: each micro-batch has the same nodes, which
 * wait for the same of their own. Its numbers are those of {@link opGraph}: micro-batch after micro-batch, sums, updates, then what
 * the stage sends, by receivers and for each of those by micro-batches.
 */
import type { Shape } from './shape.js';
import { firstSendRow, receiverOf, type StageGraph } from './stageGraph.js';

/** What a stage sends in each micro-batch: nodes at equal distances. */
export interface Outgoing {
  /** Which of SEND. */
  readonly send: number;
  readonly receiver: number;
  /** Of the first micro-batch. */
  readonly first: number;
  readonly step: number;
}

/** The first of the sends, which are a stage's last nodes. */
function firstSendOf({ nodes, pieces, rowOf }: StageGraph): number {
  const sendRow = firstSendRow(pieces);
  let first = nodes;
  while (first > 0 && rowOf[first - 1]! >= sendRow) first--;
  return first;
}

/**
 * What a stage sends, in the order of its graph of one micro-batch, with the numbers of a shape's micro-batches.
 *
 * @param one its graph in a step of one micro-batch
 */
export function outgoingOf(one: StageGraph, stage: number, shape: Shape): Outgoing[] {
  const { microBatches } = shape;
  const start = firstSendOf(one);
  const sends = Array.from(one.rowOf.subarray(start, one.nodes), (row) => row - firstSendRow(one.pieces));
  const receivers = sends.map((send) => receiverOf(shape, stage, send));
  let first = start + (microBatches - 1) * one.span.firstSum;
  return sends.map((send, i) => {
    const receiver = receivers[i]!;
    const begins = receivers.indexOf(receiver);
    const step = receivers.filter((other) => other === receiver).length;
    const own = { send, receiver, first: first + i - begins, step };
    // Behind the last one of a receiver come those of the next.
    if (i + 1 === begins + step) first += microBatches * step;
    return own;
  });
}

class Repeater {
  /** Nodes of a micro-batch, sends not among them. */
  private readonly width: number;
  private readonly firstSend: number;
  private readonly nodes: number;

  constructor(
    private readonly one: StageGraph,
    private readonly outgoing: readonly Outgoing[],
    private readonly microBatches: number,
  ) {
    this.width = one.span.firstSum;
    this.firstSend = firstSendOf(one);
    this.nodes = one.nodes + (microBatches - 1) * (this.width + outgoing.length);
  }

  /** The number of a node of one micro-batch, or of those that are received in it; of a sum or an update it is the only one. */
  private numberOf(node: number, microBatch: number): number {
    if (node < this.width) return node + microBatch * this.width;
    if (node < this.firstSend) return node + (this.microBatches - 1) * this.width;
    const received = node - this.one.nodes;
    if (received >= 0) return this.nodes + received * this.microBatches + microBatch;
    const { first, step } = this.outgoing[node - this.firstSend]!;
    return first + microBatch * step;
  }

  /** How many of a node there are. */
  private copiesOf(node: number): number {
    return node < this.width || node >= this.firstSend ? this.microBatches : 1;
  }

  build(): StageGraph {
    const { nodes, one } = this;
    const rowOf = new Uint16Array(nodes + (one.rowOf.length - one.nodes) * this.microBatches);
    const waits = new Int32Array(nodes);
    const firstSuccessor = new Uint32Array(rowOf.length + 1);
    for (let node = 0; node < one.rowOf.length; node++) {
      const count = one.firstSuccessor[node + 1]! - one.firstSuccessor[node]!;
      const copies = this.copiesOf(node);
      for (let copy = 0; copy < copies; copy++) {
        const number = this.numberOf(node, copy);
        rowOf[number] = one.rowOf[node]!;
        firstSuccessor[number + 1] = count;
        if (node < one.nodes) waits[number] = one.waits[node]!;
      }
    }
    for (let number = 0; number < rowOf.length; number++) firstSuccessor[number + 1]! += firstSuccessor[number]!;
    const successors = this.successors(firstSuccessor, waits);
    const received = one.received.map((node) => (node < 0 ? node : this.numberOf(node, 0)));
    const firstSum = this.numberOf(one.span.firstSum, 0);
    const span = { ...one.span, firstSum, firstUpdate: this.numberOf(one.span.firstUpdate, 0) };
    return { pieces: one.pieces, span, nodes, rowOf, waits, firstSuccessor, successors, received };
  }

  /** Fills in what waits for each node; sums wait for all micro-batches. */
  private successors(firstSuccessor: Uint32Array, waits: Int32Array): Uint32Array {
    const { one } = this;
    const successors = new Uint32Array(firstSuccessor[firstSuccessor.length - 1]!);
    for (let node = 0; node < one.rowOf.length; node++) {
      const copies = this.copiesOf(node);
      const from = one.firstSuccessor[node]!;
      for (let i = from; i < one.firstSuccessor[node + 1]!; i++) {
        const successor = one.successors[i]!;
        if (this.copiesOf(successor) < copies) waits[this.numberOf(successor, 0)]! += copies - 1;
        for (let copy = 0; copy < copies; copy++) {
          successors[firstSuccessor[this.numberOf(node, copy)]! + i - from] = this.numberOf(successor, copy);
        }
      }
    }
    return successors;
  }
}

/**
 * The graph of a stage in a step of so many micro-batches. What is received as `received` says is that of the first one; that of
 * those behind it follows.
 *
 * @param one its graph in a step of one
 * @param outgoing what it sends
 */
export function repeatedGraph(one: StageGraph, outgoing: readonly Outgoing[], microBatches: number): StageGraph {
  return microBatches === 1 ? one : new Repeater(one, outgoing, microBatches).build();
}
