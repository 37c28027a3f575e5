/** Stages that wait to be run: those with the same graph are alike, so a step takes as many of them as run at a time. */
import type { Pieces } from '../graph/pieces.js';
import type { Shape } from '../graph/shape.js';
import { type StageGraph, StageGraphs } from '../graph/stageGraph.js';
import { Nodes } from './nodes.js';
import { Stage } from './stage.js';
import { Steady } from './steady.js';

/** A stage, and what watches it. */
export interface Watched {
  readonly stage: Stage;
  readonly watch: Steady;
}

/** The stages of one graph. */
export class StagePool {
  readonly nodes: Nodes;
  private readonly made: Watched[] = [];
  private taken = 0;

  constructor(readonly graph: StageGraph) {
    this.nodes = new Nodes(graph);
  }

  /** All are free again. */
  clear(): void {
    this.taken = 0;
  }

  take(): Watched {
    const known = this.made[this.taken++];
    if (known !== undefined) return known;
    const stage = new Stage(this.nodes);
    const watch = new Steady(stage);
    stage.watch = watch;
    this.made.push({ stage, watch });
    return this.made[this.taken - 1]!;
  }

  /** Nodes of all that are held. */
  get held(): number {
    return (1 + this.made.length) * this.graph.nodes;
  }
}

/** The stages of steps of one micro-batch whose shapes have the same flags; one step runs at a time. */
export class StagePools {
  private readonly graphs: StageGraphs<StagePool>;

  constructor(pieces: Pieces) {
    this.graphs = new StageGraphs(pieces, (graph) => new StagePool(graph));
  }

  /** Nodes that are held. */
  get held(): number {
    return this.graphs.all.reduce((sum, { held }) => sum + held, 0);
  }

  /** Of each stage of a shape; stages that are alike have the same one. */
  of(shape: Shape): readonly StagePool[] {
    return this.graphs.of(shape);
  }
}
