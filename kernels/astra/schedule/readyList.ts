/**
 * ASTRA-sim's execution of an op graph. One NPU stands for each pipeline stage; they run together, or, where a step has one
 * micro-batch, one after another, and what repeats is skipped.
 */

import type { OpGraph } from '../graph/opGraph.js';
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

/** Executes one graph, again and again: what depends on the graph alone is made once. */
export class Execution {
  private readonly stages: readonly Stage[];
  private readonly events: RunningNodes;
  private readonly inTurn: StagesInTurn | undefined;

  constructor(readonly graph: OpGraph) {
    const nodes = new Nodes(graph);
    this.stages = graph.stageStart.map((_, stage) => new Stage(nodes, stage));
    this.events = new RunningNodes(SLOTS * this.stages.length);
    this.inTurn = graph.shape.microBatches === 1 ? new StagesInTurn(graph, this.stages) : undefined;
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
    const skipped = onNode === undefined && !whole ? this.inTurn?.run(durationNs, stagesAgree) : undefined;
    return skipped ?? this.runTogether(durationNs, onNode);
  }

  private runTogether(durationNs: readonly Float64Array[], onNode: OnNode | undefined): StageRun[] {
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
