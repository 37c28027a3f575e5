/**
 * Stages of a step of one micro-batch, each run by itself from what it is sent to what it sends. What they share is one token,
 * which goes forward and back: activations, then gradients. Stages that do the same are run once.
 */
import { GATHERS } from '../graph/rows.js';
import { headStageOf, type Shape, withoutLayers } from '../graph/shape.js';
import { firstSendRow, receiverOf, SEND, type StageGraphs } from '../graph/stageGraph.js';
import { passKnown } from './knownRun.js';
import { FREE, type Nodes } from './nodes.js';
import type { Stage, StageRun } from './stage.js';
import type { StagePool, Watched } from './stagePool.js';

/** A send as it ran: which of SEND, and the stage that it goes to. */
interface Send {
  readonly send: number;
  readonly receiver: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** Which of two events of one time goes first is not told by when they began, or what is left out does not repeat. */
const UNTOLD = Symbol('untold');

/** A stage that stands for those that do the same. */
class Alike {
  /** Of the run with a gradient: when that came, how long until its own begins to be sent, and what became of the stage. */
  backwardNs = -1;
  sentNs = 0;
  run: StageRun | undefined;

  constructor(
    readonly stage: number,
    /** From getting to beginning to send. */
    readonly forwardNs: number,
    readonly forwardSendNs: number,
    readonly backwardSendNs: number,
  ) {}
}

export class StagesInTurn {
  /** Of each stage. */
  private readonly nodes: readonly Nodes[];
  /** Those that have begun. */
  private readonly stages: (Watched | undefined)[];
  private readonly sendRow: number;
  /** Sends that each stage gets in a step. */
  private readonly expected: Uint8Array;
  private readonly received: Uint8Array;
  private readonly gatherRows: readonly number[];
  private readonly last: number;
  private readonly headStage: number;
  /** Stages that stand for others, and which stands for each; −1 for none. */
  private readonly alikes: Alike[] = [];
  private readonly alikeOf: Int32Array;

  /** @param leftOut layers that each stage has more than the graph that is run */
  constructor(
    private readonly shape: Shape,
    private readonly leftOut: number,
    graphs: StageGraphs<Nodes>,
    private readonly pool: StagePool,
  ) {
    const { stages } = shape;
    this.nodes = graphs.of(withoutLayers(shape, leftOut));
    this.stages = new Array<Watched | undefined>(stages).fill(undefined);
    this.last = stages - 1;
    this.headStage = headStageOf(shape);
    this.expected = Uint8Array.from(this.nodes, ({ graph }) => graph.received.filter((node) => node >= 0).length);
    this.received = new Uint8Array(stages);
    this.alikeOf = new Int32Array(stages);
    const { pieces } = this.nodes[0]!.graph;
    const { layer } = pieces;
    this.sendRow = firstSendRow(pieces);
    this.gatherRows = GATHERS.flatMap((name) => layer.placeOf(name) ?? []).map(
      (place) => pieces.firstRowOf(layer) + place,
    );
  }

  /**
   * As {@link Execution.run}; undefined where the order of two events is not told, so that stages must run together, and where
   * what the graph leaves out does not repeat.
   */
  run(durationNs: readonly Float64Array[], stagesAgree: boolean): StageRun[] | undefined {
    this.received.fill(0);
    this.stages.fill(undefined);
    this.pool.clear();
    this.alikes.length = 0;
    this.alikeOf.fill(-1);
    const runs = new Array<StageRun>(this.nodes.length);
    let send: Send | undefined;
    let stage = 0;
    for (;;) {
      const sent = this.pass(stage, send, durationNs, stagesAgree, runs);
      if (sent === UNTOLD) return undefined;
      if (sent === undefined) break;
      send = sent;
      stage = sent.receiver;
    }
    for (let i = 0; i <= this.last; i++) runs[i] ??= this.stages[i]!.stage.result();
    return runs;
  }

  /** A stage gets a send, and sends what it makes of it. */
  private pass(
    stage: number,
    received: Send | undefined,
    durationNs: readonly Float64Array[],
    stagesAgree: boolean,
    runs: StageRun[],
  ): Send | undefined | typeof UNTOLD {
    if (received !== undefined && this.alikeOf[stage]! >= 0) return this.back(stage, received, runs);
    const clean = stagesAgree && received !== undefined && this.isClean(stage, received, durationNs[stage]!);
    const like = clean ? this.findAlike(stage, durationNs[stage]!) : -1;
    if (like >= 0) {
      const { forwardNs, forwardSendNs } = this.alikes[like]!;
      this.alikeOf[stage] = like;
      const startNs = received!.endNs + forwardNs;
      return { send: SEND.forward, receiver: stage + 1, startNs, endNs: startNs + forwardSendNs };
    }
    this.begin(stage, durationNs, stagesAgree);
    const sent = this.advance(stage, received);
    if (clean && sent !== UNTOLD) {
      const times = durationNs[stage]!;
      this.alikeOf[stage] = this.alikes.length;
      this.alikes.push(
        new Alike(
          stage,
          sent!.startNs - received!.endNs,
          this.sendTime(SEND.forward, times),
          this.sendTime(SEND.backward, times),
        ),
      );
    }
    return sent;
  }

  private sendTime(send: number, times: Float64Array): number {
    return times[this.sendRow + send]!;
  }

  /** Does a stage between others get activations when all of its gathers have ended? So nothing of it runs. */
  private isClean(stage: number, { endNs }: Send, times: Float64Array): boolean {
    if (stage === 0 || stage === this.last || stage === this.headStage || this.received[stage]! > 0) return false;
    const gathersNs = this.gatherRows.reduce((sum, row) => sum + times[row]!, 0);
    return this.gatherRows.length === 0 || endNs > (this.layersOf(stage) + this.leftOut) * gathersNs;
  }

  private layersOf(stage: number): number {
    return this.nodes[stage]!.graph.span.layers;
  }

  private findAlike(stage: number, times: Float64Array): number {
    const layers = this.layersOf(stage);
    const forwardNs = this.sendTime(SEND.forward, times);
    const backwardNs = this.sendTime(SEND.backward, times);
    return this.alikes.findIndex(
      (alike) =>
        this.layersOf(alike.stage) === layers &&
        alike.forwardSendNs === forwardNs &&
        alike.backwardSendNs === backwardNs,
    );
  }

  /** A stage for which one stands, or that stands for others, gets the gradient: the first of them runs, on that one's nodes. */
  private back(index: number, received: Send, runs: StageRun[]): Send | typeof UNTOLD {
    const alike = this.alikes[this.alikeOf[index]!]!;
    const { stage } = this.stages[alike.stage]!;
    if (alike.backwardNs < 0) {
      alike.backwardNs = received.endNs;
      const sent = this.advance(alike.stage, received);
      if (sent === UNTOLD) return UNTOLD;
      alike.sentNs = sent!.startNs - received.endNs;
      alike.run = stage.result();
    }
    const startNs = received.endNs + alike.sentNs;
    const { computeNs, updateNs, exposedNs, finishNs } = alike.run!;
    const endNs = received.endNs + finishNs - alike.backwardNs;
    const busyNs = exposedNs.reduce((sum, ns) => sum + ns, computeNs);
    runs[index] = { finishNs: endNs, computeNs, updateNs, exposedNs, idleNs: endNs - busyNs };
    return { send: SEND.backward, receiver: index - 1, startNs, endNs: startNs + alike.backwardSendNs };
  }

  private begin(index: number, durationNs: readonly Float64Array[], stagesAgree: boolean): void {
    if (this.stages[index] !== undefined) return;
    const taken = this.pool.take(this.nodes[index]!);
    const { stage, watch } = taken;
    this.stages[index] = taken;
    watch.leftOut = this.leftOut;
    watch.clear.begin(stagesAgree ? this.pool.layers : undefined);
    stage.leaveOut(this.leftOut);
    stage.begin(durationNs[index]!);
  }

  /** A stage gets what it waits for, and runs until it has sent what that leads to; with nothing more to come, to its end. */
  private advance(index: number, received: Send | undefined): Send | undefined | typeof UNTOLD {
    const { stage, watch, progress } = this.stages[index]!;
    const known = stage.progress === progress ? progress : undefined;
    const { graph, leaves, marks, stops } = stage.nodes;
    const { rowOf } = graph;
    if (received !== undefined) {
      const node = graph.received[received.send]!;
      if (!this.meet(stage, received, node)) return UNTOLD;
      this.received[index]!++;
      if (marks[rowOf[node]!]! > 0) watch.mark(node);
    }
    const last = this.received[index] === this.expected[index];
    let sent: Send | undefined;
    for (;;) {
      if (known !== undefined) passKnown(stage, known);
      const slot = stage.next();
      if (slot === FREE) break;
      const node = stage.running[slot]!;
      const row = rowOf[node]!;
      if (stops[row] === 0) {
        stage.pass(slot);
        if (stage.untold) break;
        continue;
      }
      if (leaves[node] === 1) {
        const send = row - this.sendRow;
        const receiver = receiverOf(this.shape, index, send);
        sent = { send, receiver, startNs: stage.startNs[slot]!, endNs: stage.endNs[slot]! };
      }
      stage.end(node, stage.endNs[slot]!);
      if (sent !== undefined && !last) break;
      if (marks[row]! > 0 && leaves[node] === 0) watch.mark(node);
      if (stage.untold) break;
    }
    return stage.untold || (last && stage.owes) ? UNTOLD : sent;
  }

  /** A stage runs up to the end of a send, and receives it; false where its own events may be before or behind that. */
  private meet(stage: Stage, { startNs, endNs }: Send, node: number): boolean {
    for (let slot = stage.next(); slot !== FREE; slot = stage.next()) {
      const aheadNs = endNs - stage.endNs[slot]!;
      if (aheadNs < 0) break;
      if (aheadNs === 0) {
        if (stage.startNs[slot] === startNs || stage.isStretched(slot)) return false;
        if (stage.startNs[slot]! > startNs) break;
      }
      stage.end(stage.running[slot]!, stage.endNs[slot]!);
    }
    stage.receive(node, endNs);
    return true;
  }
}
