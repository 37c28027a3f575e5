/** Stages of a step that run together, event by event, whatever their micro-batches. */
import type { OpGraph } from '../graph/opGraph.js';
import { sendsTo, stageGraph } from '../graph/stageGraph.js';
import { Nodes, SLOTS } from './nodes.js';
import { RuledProgress } from './progress.js';
import { RunningNodes } from './runningNodes.js';
import { type OnNode, Stage, type StageRun } from './stage.js';

export class StagesTogether {
  private readonly stages: readonly Stage[];
  private readonly events: RunningNodes;
  /** Of each send, its number on the stage that it goes to. */
  private readonly receivedAs: Uint32Array;

  constructor(readonly graph: OpGraph) {
    this.receivedAs = new Uint32Array(graph.rowOf.length);
    const sends = sendsTo(graph);
    this.stages = graph.stageStart.map((first, stage) => {
      const own = stageGraph(graph, stage, sends[stage]!);
      sends[stage]!.forEach((node, i) => {
        this.receivedAs[node] = own.nodes + i;
      });
      const nodes = new Nodes(own);
      return new Stage(nodes, new RuledProgress(nodes), first);
    });
    this.events = new RunningNodes(SLOTS * this.stages.length);
  }

  /** @param onNode called for each node as it starts */
  run(durationNs: readonly Float64Array[], onNode: OnNode | undefined): StageRun[] {
    const { stages, receivedAs } = this;
    const events = this.events;
    const { stageOf, receiverOf, stageStart } = this.graph;
    events.clear();
    stages.forEach((stage, i) => {
      stage.events = events;
      stage.begin(durationNs[i]!, onNode);
    });
    while (events.count > 0) {
      const node = events.take();
      const stage = stageOf[node]!;
      stages[stage]!.end(node - stageStart[stage]!, events.nowNs);
      if (receiverOf[node] !== stage) stages[receiverOf[node]!]!.receive(receivedAs[node]!, events.nowNs);
    }
    return stages.map((stage) => stage.result());
  }
}
