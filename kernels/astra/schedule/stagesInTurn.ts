/**
 * Stages of a step of one micro-batch, each run by itself from what it is sent to what it sends. What they share is one token,
 * which goes forward and back: activations, then gradients. Stages that do the same are run once.
 */
import type { OpGraph } from '../graph/opGraph.js';
import { GATHERS } from '../graph/rows.js';
import { headStageOf } from '../graph/shape.js';
import { KnownLayers } from './clearLayers.js';
import { FREE, type Stage, type StageRun } from './stage.js';
import { Steady } from './steady.js';

/** A send as it ran. */
interface Send {
  readonly node: number;
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
  private readonly watches: readonly Steady[];
  private readonly isSend: Uint8Array;
  /** Sends that each stage gets in a step. */
  private readonly expected: Uint8Array;
  private readonly received: Uint8Array;
  private readonly begun: Uint8Array;
  /** A stage's sends to its neighbours, the one behind and the one before it; −1 where it has none. */
  private readonly forwardSends: Int32Array;
  private readonly backwardSends: Int32Array;
  private readonly gatherRows: readonly number[];
  private readonly headStage: number;
  /** Stages that stand for others, and which stands for each; −1 for none. */
  private readonly alikes: Alike[] = [];
  private readonly alikeOf: Int32Array;
  private readonly layers: KnownLayers;

  /** @param leftOut layers that each stage has more than the graph */
  constructor(
    private readonly graph: OpGraph,
    private readonly stages: readonly Stage[],
    private readonly leftOut: number,
  ) {
    const { pieces, spans, stageStart, rowOf, stageOf, receiverOf, rows } = graph;
    this.watches = stages.map((stage, i) => {
      const first = stageStart[i]!;
      return new Steady(stage, spans[i]!, first, (stageStart[i + 1] ?? rowOf.length) - first, leftOut);
    });
    this.isSend = new Uint8Array(rows.length);
    this.expected = new Uint8Array(stages.length);
    this.forwardSends = new Int32Array(stages.length).fill(-1);
    this.backwardSends = new Int32Array(stages.length).fill(-1);
    const { forward, backward } = pieces.sends;
    receiverOf.forEach((receiver, node) => {
      const [stage, row] = [stageOf[node]!, rowOf[node]!];
      if (receiver === stage) return;
      this.isSend[row] = 1;
      this.expected[receiver]!++;
      if (row === pieces.firstRowOf(forward)) this.forwardSends[stage] = node;
      if (row === pieces.firstRowOf(backward)) this.backwardSends[stage] = node;
    });
    this.received = new Uint8Array(stages.length);
    this.begun = new Uint8Array(stages.length);
    this.alikeOf = new Int32Array(stages.length);
    this.layers = new KnownLayers(pieces.layer.rows.length);
    this.gatherRows = GATHERS.flatMap((name) => pieces.layer.placeOf(name) ?? []);
    this.headStage = headStageOf(graph.shape);
  }

  /**
   * As {@link Execution.run}; undefined where the order of two events is not told, so that stages must run together, and where
   * what the graph leaves out does not repeat.
   */
  run(durationNs: readonly Float64Array[], stagesAgree: boolean): StageRun[] | undefined {
    this.received.fill(0);
    this.begun.fill(0);
    this.alikes.length = 0;
    this.alikeOf.fill(-1);
    this.layers.forget();
    const runs: StageRun[] = [];
    let send: Send | undefined;
    let stage = 0;
    for (;;) {
      const sent = this.pass(stage, send, durationNs, stagesAgree, runs);
      if (sent === UNTOLD) return undefined;
      if (sent === undefined) break;
      send = sent;
      stage = this.graph.receiverOf[sent.node]!;
    }
    for (let i = 0; i < this.stages.length; i++) runs[i] ??= this.stages[i]!.result();
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
      return { node: this.forwardSends[stage]!, startNs, endNs: startNs + forwardSendNs };
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
          this.timeOf(sent!.node, times),
          this.backwardTime(stage, times),
        ),
      );
    }
    return sent;
  }

  private timeOf(node: number, times: Float64Array): number {
    return times[this.graph.rowOf[node]!]!;
  }

  private backwardTime(stage: number, times: Float64Array): number {
    return this.timeOf(this.backwardSends[stage]!, times);
  }

  /** Does a stage between others get activations when all of its gathers have ended? So nothing of it runs. */
  private isClean(stage: number, { endNs }: Send, times: Float64Array): boolean {
    if (stage === 0 || stage === this.stages.length - 1 || stage === this.headStage || this.received[stage]! > 0)
      return false;
    const gathersNs = this.gatherRows.reduce((sum, row) => sum + times[row]!, 0);
    return this.gatherRows.length === 0 || endNs > (this.graph.spans[stage]!.layers + this.leftOut) * gathersNs;
  }

  private findAlike(stage: number, times: Float64Array): number {
    const { spans } = this.graph;
    const forwardNs = this.timeOf(this.forwardSends[stage]!, times);
    const backwardNs = this.backwardTime(stage, times);
    return this.alikes.findIndex(
      (alike) =>
        spans[alike.stage]!.layers === spans[stage]!.layers &&
        alike.forwardSendNs === forwardNs &&
        alike.backwardSendNs === backwardNs,
    );
  }

  /** A stage for which one stands, or that stands for others, gets the gradient: the first of them runs, on that one's nodes. */
  private back(index: number, received: Send, runs: StageRun[]): Send | typeof UNTOLD {
    const alike = this.alikes[this.alikeOf[index]!]!;
    const stage = this.stages[alike.stage]!;
    if (alike.backwardNs < 0) {
      alike.backwardNs = received.endNs;
      const sent = this.advance(alike.stage, { ...received, node: this.backwardSends[alike.stage + 1]! });
      if (sent === UNTOLD) return UNTOLD;
      alike.sentNs = sent!.startNs - received.endNs;
      alike.run = stage.result();
    }
    const startNs = received.endNs + alike.sentNs;
    const { computeNs, updateNs, exposedNs, finishNs } = alike.run!;
    const endNs = received.endNs + finishNs - alike.backwardNs;
    const busyNs = exposedNs.reduce((sum, ns) => sum + ns, computeNs);
    runs[index] = { finishNs: endNs, computeNs, updateNs, exposedNs, idleNs: endNs - busyNs };
    return { node: this.backwardSends[index]!, startNs, endNs: startNs + alike.backwardSendNs };
  }

  private begin(stage: number, durationNs: readonly Float64Array[], stagesAgree: boolean): void {
    if (this.begun[stage] === 1) return;
    this.begun[stage] = 1;
    const each = this.stages[stage]!;
    each.events = undefined;
    each.watch = this.watches[stage]!;
    this.watches[stage]!.clear.begin(stagesAgree ? this.layers : undefined);
    each.leaveOut(this.leftOut);
    each.begin(durationNs[stage]!);
  }

  /** A stage gets what it waits for, and runs until it has sent what that leads to; with nothing more to come, to its end. */
  private advance(index: number, received: Send | undefined): Send | undefined | typeof UNTOLD {
    const stage = this.stages[index]!;
    const watch = this.watches[index]!;
    if (received !== undefined) {
      if (!this.meet(stage, received)) return UNTOLD;
      this.received[index]!++;
      if (watch.marks[this.graph.rowOf[received.node]!]! > 0) watch.mark(received.node);
    }
    const last = this.received[index] === this.expected[index];
    let sent: Send | undefined;
    for (let slot = stage.next(); slot !== FREE; slot = stage.next()) {
      const node = stage.running[slot]!;
      const row = this.graph.rowOf[node]!;
      if (this.isSend[row] === 1) sent = { node, startNs: stage.startNs[slot]!, endNs: stage.endNs[slot]! };
      stage.end(node, stage.endNs[slot]!);
      if (sent !== undefined && !last) break;
      if (watch.marks[row]! > 0 && this.isSend[row] === 0) watch.mark(node);
      if (stage.untold) break;
    }
    return stage.untold || (last && stage.owes) ? UNTOLD : sent;
  }

  /** A stage runs up to the end of a send, and receives it; false where its own events may be before or behind that. */
  private meet(stage: Stage, { node, startNs, endNs }: Send): boolean {
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
