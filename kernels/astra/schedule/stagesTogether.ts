/** Stages of a step that run together, event by event, whatever their micro-batches. */
import { type Outgoing, outgoingOf, repeatedGraph } from '../graph/microBatches.js';
import type { Shape } from '../graph/shape.js';
import type { StageGraphs } from '../graph/stageGraph.js';
import { Nodes, SLOTS } from './nodes.js';
import { RuledProgress } from './progress.js';
import { RunningNodes } from './runningNodes.js';
import { type OnNode, Stage, type StageRun } from './stage.js';

/** A stage, and where what it sends arrives. */
interface Place {
  readonly stage: Stage;
  readonly first: number;
  readonly outgoing: readonly Outgoing[];
}

export class StagesTogether {
  private readonly places: readonly Place[];
  private readonly events: RunningNodes;
  /** The stage of each node. */
  private readonly stageOf: Uint16Array;
  /** Nodes of graphs, those of stages that have the same one once. */
  readonly held: number;

  constructor(shape: Shape, graphs: StageGraphs<Nodes>) {
    const { microBatches } = shape;
    const repeated = new Map<Nodes, Nodes>();
    let first = 0;
    this.places = graphs.of({ ...shape, microBatches: 1 }).map((one, i) => {
      const outgoing = outgoingOf(one.graph, i, shape);
      const nodes = repeated.get(one) ?? nodesOf(one, outgoing, microBatches);
      repeated.set(one, nodes);
      const stage = new Stage(nodes, new RuledProgress(nodes), first);
      const place = { stage, first, outgoing };
      first += nodes.graph.nodes;
      return place;
    });
    this.stageOf = new Uint16Array(first);
    this.places.forEach((place, i) => {
      this.stageOf.fill(i, place.first, place.first + place.stage.nodes.graph.nodes);
    });
    this.held = [...repeated.values()].reduce((sum, { graph }) => sum + graph.nodes, first);
    this.events = new RunningNodes(SLOTS * this.places.length);
  }

  /** @param onNode called for each node as it starts */
  run(durationNs: readonly Float64Array[], onNode: OnNode | undefined): StageRun[] {
    const { places, stageOf } = this;
    const events = this.events;
    events.clear();
    places.forEach(({ stage }, i) => {
      stage.events = events;
      stage.begin(durationNs[i]!, onNode);
    });
    while (events.count > 0) {
      const node = events.take();
      const { stage, first, outgoing } = places[stageOf[node]!]!;
      const own = node - first;
      stage.end(own, events.nowNs);
      if (stage.nodes.leaves[own] === 1) this.deliver(outgoing, own);
    }
    return places.map(({ stage }) => stage.result());
  }

  /** A send arrives. */
  private deliver(outgoing: readonly Outgoing[], node: number): void {
    // Of two that go to the same stage, nodes of one lie between those of the other.
    const { send, receiver, first, step } = outgoing.findLast((other) => isOf(other, node))!;
    const { stage } = this.places[receiver]!;
    stage.receive(stage.nodes.graph.received[send]! + (node - first) / step, this.events.nowNs);
  }
}

function isOf({ first, step }: Outgoing, node: number): boolean {
  return node >= first && (node - first) % step === 0;
}

function nodesOf(one: Nodes, outgoing: readonly Outgoing[], microBatches: number): Nodes {
  return microBatches === 1 ? one : new Nodes(repeatedGraph(one.graph, outgoing, microBatches));
}
