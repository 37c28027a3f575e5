/** The op graph of a whole step on every pipeline stage: STG's rows for each layer and micro-batch, sends between stages. */

import type { Pieces } from './pieces.js';
import { type Block, GRADIENTS, INPUT, INPUT_GRADIENT, OUTPUT, type Row } from './rows.js';
import { headStageOf, layersOn, type Shape } from './shape.js';

/** Where the layers of a stage lie among its nodes, those of the first micro-batch. */
export interface Span {
  readonly firstLayer: number;
  readonly layers: number;
  /** Of the layers, one after another. */
  readonly firstSum: number;
  readonly firstUpdate: number;
}

/** Nodes in the order of their stages and, within, of their numbers. */
export interface OpGraph {
  readonly shape: Shape;
  readonly pieces: Pieces;
  readonly rows: readonly Row[];
  readonly spans: readonly Span[];
  /** First node of each stage. */
  readonly stageStart: readonly number[];
  /** What each node is, and the stage that it runs on. */
  readonly rowOf: Uint16Array;
  readonly stageOf: Uint16Array;
  /** Stage that a send goes to; the node's own for all others. */
  readonly receiverOf: Uint16Array;
  /** How many nodes each one waits for. */
  readonly waits: Uint32Array;
  /** Nodes that wait for node i: successors[firstSuccessor[i]] … successors[firstSuccessor[i + 1] − 1]. */
  readonly firstSuccessor: Uint32Array;
  readonly successors: Uint32Array;
}

/** Something that one stage sends another in every micro-batch. */
interface Link {
  readonly from: number;
  readonly to: number;
  readonly block: Block;
  readonly producer: (microBatch: number) => number;
  /** Layer at which the receiver takes it, the head behind all; a gradient behind the layer's input. */
  readonly taken: number;
  /** Its node of each micro-batch. */
  readonly nodes: number[];
}

class Builder {
  private readonly stageOfLayer: readonly number[];
  private readonly headStage: number;
  private readonly stageStart: number[] = [];
  private readonly rowOf: number[] = [];
  private readonly stageOf: number[] = [];
  private readonly receiverOf: number[] = [];
  private readonly edgesFrom: number[] = [];
  private readonly edgesTo: number[] = [];
  /** First node of each layer, edge and micro-batch. */
  private readonly layerStart: number[] = [];
  private readonly firstStart: number[] = [];
  private readonly lastStart: number[] = [];
  private readonly embeddingStart: number[] = [];
  private readonly headStart: number[] = [];
  /** First node of the sum and the update of each layer, of the embedding and of the head. */
  private readonly sumStart: number[] = [];
  private readonly updateStart: number[] = [];
  /** What enters a layer, and what comes back to it, from another stage. */
  private readonly inputs = new Map<number, Link>();
  private readonly gradients = new Map<number, Link>();

  constructor(
    private readonly shape: Shape,
    private readonly pieces: Pieces,
  ) {
    const { stages } = shape;
    const counts = Array.from({ length: stages }, (_, stage) => layersOn(shape, stage));
    this.stageOfLayer = counts.flatMap((count, stage) => new Array<number>(count).fill(stage));
    this.headStage = headStageOf(shape);
    this.planLinks();
  }

  build(): OpGraph {
    for (let stage = 0; stage < this.shape.stages; stage++) this.placeStage(stage);
    for (let microBatch = 0; microBatch < this.shape.microBatches; microBatch++) this.connectMicroBatch(microBatch);
    this.connectUpdates();
    this.connectLinks();
    const { pieces, shape, stageStart } = this;
    const spans = stageStart.map((_, stage) => this.spanOf(stage));
    return { ...this.pack(), shape, pieces, rows: pieces.rows, stageStart, spans };
  }

  /** Layers, and the head as one more behind them, that get something from another stage. */
  private planLinks(): void {
    const stages = [...this.stageOfLayer, this.headStage];
    const { layers } = this.shape;
    for (let layer = 1; layer <= layers; layer++) {
      const [from, to] = [stages[layer - 1]!, stages[layer]!];
      if (from === to) continue;
      const { forward, backward, toHead, fromHead } = this.pieces.sends;
      const [block, back] = layer < layers ? [forward, backward] : [toHead, fromHead];
      this.inputs.set(layer, {
        from,
        to,
        block,
        taken: layer,
        nodes: [],
        producer: (mb) => this.outputOf(mb, layer - 1),
      });
      this.gradients.set(layer - 1, {
        from: to,
        to: from,
        block: back,
        taken: layer - 0.5,
        nodes: [],
        producer: (mb) => this.inputGradientOf(mb, layer),
      });
    }
  }

  private place(block: Block, stage: number, receiver = stage): number {
    const start = this.rowOf.length;
    const first = this.pieces.firstRowOf(block);
    for (let row = 0; row < block.rows.length; row++) {
      this.rowOf.push(first + row);
      this.stageOf.push(stage);
      this.receiverOf.push(receiver);
    }
    return start;
  }

  private layersOf(stage: number): number[] {
    return this.stageOfLayer.flatMap((of, layer) => (of === stage ? [layer] : []));
  }

  private placeStage(stage: number): void {
    const { microBatches, layers } = this.shape;
    this.stageStart.push(this.rowOf.length);
    const own = this.layersOf(stage);
    for (let microBatch = 0; microBatch < microBatches; microBatch++) {
      for (const layer of own) {
        if (layer === 0) this.firstStart[microBatch] = this.place(this.pieces.first, stage);
        this.layerStart[microBatch * layers + layer] = this.place(this.pieces.layer, stage);
        if (layer === layers - 1) this.lastStart[microBatch] = this.place(this.pieces.last, stage);
      }
      if (stage === 0) this.embeddingStart[microBatch] = this.place(this.pieces.embedding, stage);
      if (stage === this.headStage) this.headStart[microBatch] = this.place(this.pieces.head, stage);
    }
    const edges = [...(stage === 0 ? [layers] : []), ...(stage === this.headStage ? [layers + 1] : [])];
    for (const unit of [...own, ...edges])
      this.sumStart[unit] = this.place(this.pieces.sums[Number(unit >= layers)]!, stage);
    for (const unit of [...own, ...edges]) {
      this.updateStart[unit] = this.place(this.pieces.updates[Number(unit >= layers)]!, stage);
    }
    const links = [...this.gradients.values(), ...this.inputs.values()].filter(({ from }) => from === stage);
    // By their receivers, and for each of those in the order in which it takes them.
    for (const to of [...new Set(links.map((link) => link.to))].sort((a, b) => a - b)) {
      const taken = links.filter((link) => link.to === to).sort((a, b) => a.taken - b.taken);
      for (let microBatch = 0; microBatch < microBatches; microBatch++) {
        for (const link of taken) link.nodes[microBatch] = this.place(link.block, stage, to);
      }
    }
  }

  private spanOf(stage: number): Span {
    const own = this.layersOf(stage);
    const [first] = own as [number];
    const firstLayer = this.layerAt(0, first);
    return { firstLayer, layers: own.length, firstSum: this.sumStart[first]!, firstUpdate: this.updateStart[first]! };
  }

  private layerAt(microBatch: number, layer: number): number {
    return this.layerStart[microBatch * this.shape.layers + layer]!;
  }

  private outputOf(microBatch: number, layer: number): number {
    return this.layerAt(microBatch, layer) + this.pieces.layer.placeOf(OUTPUT);
  }

  /** Gradient of the input of a layer, or of the head, which stands behind the last one. */
  private inputGradientOf(microBatch: number, layer: number): number {
    if (layer === this.shape.layers) return this.headStart[microBatch]! + this.pieces.head.placeOf('head dX');
    return this.layerAt(microBatch, layer) + this.pieces.layer.placeOf(INPUT_GRADIENT);
  }

  private inputOf(microBatch: number, layer: number): number {
    const link = this.inputs.get(layer);
    if (link !== undefined) return link.nodes[microBatch]!;
    if (layer > 0) return this.outputOf(microBatch, layer - 1);
    return this.pieces.first.rows.length > 0 ? this.firstStart[microBatch]! : this.embeddingStart[microBatch]!;
  }

  /** What comes back from behind a layer, before the last one makes it whole. */
  private returnedTo(microBatch: number, layer: number): number {
    const link = this.gradients.get(layer);
    return link === undefined ? this.inputGradientOf(microBatch, layer + 1) : link.nodes[microBatch]!;
  }

  private outputGradientOf(microBatch: number, layer: number): number {
    const whole = layer === this.shape.layers - 1 && this.pieces.last.rows.length > 0;
    return whole ? this.lastStart[microBatch]! : this.returnedTo(microBatch, layer);
  }

  private edge(from: number, to: number): void {
    this.edgesFrom.push(from);
    this.edgesTo.push(to);
  }

  /** Connects the rows of a block with one another and with what `outer` tells of other blocks. */
  private connect(block: Block, start: number, outer: (name: string) => number): void {
    for (let row = 0; row < block.rows.length; row++) {
      for (const place of block.inner[row]!) this.edge(start + place, start + row);
      for (const name of block.outer[row]!) this.edge(outer(name), start + row);
    }
  }

  private connectMicroBatch(microBatch: number): void {
    const { layers } = this.shape;
    for (let layer = 0; layer < layers; layer++) {
      this.connect(this.pieces.layer, this.layerAt(microBatch, layer), (name) =>
        name === INPUT ? this.inputOf(microBatch, layer) : this.outputGradientOf(microBatch, layer),
      );
    }
    const embedding = this.embeddingStart[microBatch]!;
    this.connect(this.pieces.embedding, embedding, () => this.inputGradientOf(microBatch, 0));
    this.connect(this.pieces.first, this.firstStart[microBatch]!, () => embedding);
    this.connect(this.pieces.last, this.lastStart[microBatch]!, () => this.returnedTo(microBatch, layers - 1));
    this.connect(this.pieces.head, this.headStart[microBatch]!, () => this.inputOf(microBatch, layers));
  }

  /** Nodes that have the gradients of a layer, of the embedding or of the head. */
  private gradientsOf(microBatch: number, unit: number): number[] {
    const { layers } = this.shape;
    if (unit === layers) return [this.embeddingStart[microBatch]! + this.pieces.embedding.placeOf('embedding dW')];
    if (unit === layers + 1) return [this.headStart[microBatch]! + this.pieces.head.placeOf('head dW')];
    const start = this.layerAt(microBatch, unit);
    return this.pieces.layer.placesOf(GRADIENTS).map((place) => start + place);
  }

  private connectUpdates(): void {
    const { layers, microBatches } = this.shape;
    for (let unit = 0; unit < layers + 2; unit++) {
      const sum = this.sumStart[unit]!;
      for (let microBatch = 0; microBatch < microBatches; microBatch++) {
        for (const gradient of this.gradientsOf(microBatch, unit)) this.edge(gradient, sum);
      }
      this.connect(this.pieces.updates[Number(unit >= layers)]!, this.updateStart[unit]!, () => sum);
    }
  }

  private connectLinks(): void {
    for (const { nodes, producer } of [...this.inputs.values(), ...this.gradients.values()]) {
      for (let microBatch = 0; microBatch < this.shape.microBatches; microBatch++) {
        this.edge(producer(microBatch), nodes[microBatch]!);
      }
    }
  }

  private pack() {
    const nodes = this.rowOf.length;
    const waits = new Uint32Array(nodes);
    const firstSuccessor = new Uint32Array(nodes + 1);
    for (const from of this.edgesFrom) firstSuccessor[from + 1]!++;
    for (let node = 0; node < nodes; node++) firstSuccessor[node + 1]! += firstSuccessor[node]!;
    const next = firstSuccessor.slice();
    const successors = new Uint32Array(this.edgesTo.length);
    this.edgesTo.forEach((to, i) => {
      waits[to]!++;
      successors[next[this.edgesFrom[i]!]!++] = to;
    });
    return {
      rowOf: Uint16Array.from(this.rowOf),
      stageOf: Uint16Array.from(this.stageOf),
      receiverOf: Uint16Array.from(this.receiverOf),
      waits,
      firstSuccessor,
      successors,
    };
  }
}

/** The graph of a shape, whose flags are those of the pieces; durations are not part of it. */
export function opGraph(shape: Shape, pieces: Pieces): OpGraph {
  return new Builder(shape, pieces).build();
}
