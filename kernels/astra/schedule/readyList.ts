/**
 * ASTRA-sim's execution of an op graph. One NPU stands for each pipeline stage; they run together, or, where a step has one
 * micro-batch, one after another, and what repeats is skipped.
 */

import { type OpGraph, opGraph } from '../graph/opGraph.js';
import type { Pieces } from '../graph/pieces.js';
import { layersLeftOut, type Shape, withoutLayers } from '../graph/shape.js';
import { RunningNodes } from './runningNodes.js';
import { Nodes, type OnNode, SLOTS, Stage, type StageRun } from './stage.js';
import { StagesInTurn } from './stagesInTurn.js';

/** How a graph is run. */
export interface RunOptions {
  /** Called for each node as it starts; then each one runs. */
  readonly onNode?: OnNode | undefined;
  /** Are all times but those of sends the same on every stage? */
  readonly stagesAgree?: boolean;
  /** Runs each node, for comparison: the result is the same. */
  readonly whole?: boolean;
}

/** A graph and its stages, ready to run. */
class Prepared {
  private readonly stages: readonly Stage[];
  private readonly events: RunningNodes;
  private readonly inTurn: StagesInTurn | undefined;

  /** @param leftOut layers that each stage has more than the graph */
  constructor(
    readonly graph: OpGraph,
    leftOut: number,
  ) {
    const nodes = new Nodes(graph);
    this.stages = graph.stageStart.map((_, stage) => new Stage(nodes, stage));
    this.events = new RunningNodes(SLOTS * this.stages.length);
    this.inTurn = graph.shape.microBatches === 1 ? new StagesInTurn(graph, this.stages, leftOut) : undefined;
  }

  /** Skips what repeats; undefined where that cannot be told, or what is left out does not repeat. */
  runInTurn(durationNs: readonly Float64Array[], stagesAgree: boolean): StageRun[] | undefined {
    return this.inTurn?.run(durationNs, stagesAgree);
  }

  runTogether(durationNs: readonly Float64Array[], onNode: OnNode | undefined): StageRun[] {
    const { stages } = this;
    const { stageOf, receiverOf } = this.graph;
    const events = this.events;
    events.clear();
    stages.forEach((stage, i) => {
      stage.watch = undefined;
      stage.events = events;
      stage.begin(durationNs[i]!, onNode);
    });
    while (events.count > 0) {
      const node = events.take();
      stages[stageOf[node]!]!.end(node, events.nowNs);
      if (receiverOf[node] !== stageOf[node]) stages[receiverOf[node]!]!.receive(node, events.nowNs);
    }
    return stages.map((stage) => stage.result());
  }
}

/** Executes the graph of a shape, again and again: what depends on the shape alone is made once. */
export class Execution {
  /** Of a graph without layers that repeat, where there are enough. */
  private readonly short: Prepared | undefined;
  private knownWhole: Prepared | undefined;

  constructor(
    private readonly shape: Shape,
    private readonly pieces: Pieces,
  ) {
    const leftOut = layersLeftOut(shape);
    if (leftOut > 0) this.short = new Prepared(opGraph(withoutLayers(shape, leftOut), pieces), leftOut);
  }

  private get whole(): Prepared {
    this.knownWhole ??= new Prepared(opGraph(this.shape, this.pieces), 0);
    return this.knownWhole;
  }

  get graph(): OpGraph {
    return this.whole.graph;
  }

  /** Nodes of the graphs that are held. */
  get nodes(): number {
    return (this.short?.graph.rowOf.length ?? 0) + (this.knownWhole?.graph.rowOf.length ?? 0);
  }

  /**
   * Runs the graph.
   *
   * @param durationNs of each row on each stage
   */
  run(
    durationNs: readonly Float64Array[],
    { onNode, stagesAgree = false, whole = false }: RunOptions = {},
  ): StageRun[] {
    const each = onNode !== undefined || whole;
    const skipped = each
      ? undefined
      : (this.short?.runInTurn(durationNs, stagesAgree) ?? this.whole.runInTurn(durationNs, stagesAgree));
    return skipped ?? this.whole.runTogether(durationNs, onNode);
  }
}
