/**
 * ASTRA-sim's execution of an op graph. One NPU stands for each pipeline stage; they run together, or, where a step has one
 * micro-batch, one after another, and what repeats is skipped.
 */

import { type OpGraph, opGraph } from '../graph/opGraph.js';
import type { Pieces } from '../graph/pieces.js';
import { layersLeftOut, type Shape } from '../graph/shape.js';
import { StageGraphs } from '../graph/stageGraph.js';
import { Nodes } from './nodes.js';
import { type PackedStep, packStep } from './packedStep.js';
import type { OnNode, StageRun } from './stage.js';
import { StagePool } from './stagePool.js';
import { StagesInTurn } from './stagesInTurn.js';
import { StagesTogether } from './stagesTogether.js';

/** Words of a packed shape that take the room of a node. */
const NODE_WORDS = 8;

/** How a graph is run. */
export interface RunOptions {
  /** Called for each node as it starts; then each one runs. */
  readonly onNode?: OnNode | undefined;
  /** Are all times but those of sends the same on every stage? */
  readonly stagesAgree?: boolean;
  /** Runs each node, for comparison: the result is the same. */
  readonly whole?: boolean;
}

/** Executes the graph of a shape, again and again: what depends on the shape alone is made once. */
export class Execution {
  private readonly leftOut: number;
  /** Of a graph without layers that repeat, where there are enough, and of the whole one. */
  private knownShort: StagesInTurn | undefined;
  private knownWhole: StagesInTurn | undefined;
  private knownTogether: StagesTogether | undefined;
  private knownGraph: OpGraph | undefined;
  private readonly knownPacked: PackedStep[] = [];

  /**
   * @param graphs of the pieces
   * @param pool executions that share it run one at a time
   */
  constructor(
    private readonly shape: Shape,
    private readonly pieces: Pieces,
    private readonly graphs = new StageGraphs(pieces, (graph) => new Nodes(graph)),
    private readonly pool = new StagePool(),
  ) {
    this.leftOut = layersLeftOut(shape);
  }

  private get together(): StagesTogether {
    this.knownTogether ??= new StagesTogether(this.shape, this.graphs);
    return this.knownTogether;
  }

  /** The graph as a whole, with the numbers that `onNode` is told. */
  get graph(): OpGraph {
    this.knownGraph ??= opGraph(this.shape, this.pieces);
    return this.knownGraph;
  }

  /** The shape as words, for steps of one micro-batch. */
  packed(stagesAgree: boolean): PackedStep {
    const known = this.knownPacked[Number(stagesAgree)] ?? packStep(this.shape, this.pieces, this.graphs, stagesAgree);
    this.knownPacked[Number(stagesAgree)] = known;
    return known;
  }

  /** Nodes that are held beside those of the graphs of stages. */
  get held(): number {
    const packed = this.knownPacked.reduce((sum, { words }) => sum + words.length / NODE_WORDS, 0);
    return (this.knownTogether?.held ?? 0) + (this.knownGraph?.rowOf.length ?? 0) + packed;
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
    const each = onNode !== undefined || whole || this.shape.microBatches > 1;
    return (each ? undefined : this.runInTurn(durationNs, stagesAgree)) ?? this.together.run(durationNs, onNode);
  }

  /** Skips what repeats; undefined where that cannot be told. */
  private runInTurn(durationNs: readonly Float64Array[], stagesAgree: boolean): StageRun[] | undefined {
    if (this.leftOut > 0) {
      this.knownShort ??= new StagesInTurn(this.shape, this.leftOut, this.graphs, this.pool);
      const runs = this.knownShort.run(durationNs, stagesAgree);
      if (runs !== undefined) return runs;
    }
    this.knownWhole ??= new StagesInTurn(this.shape, 0, this.graphs, this.pool);
    return this.knownWhole.run(durationNs, stagesAgree);
  }
}
