/**
 * The NPU of a pipeline stage as ASTRA-sim runs it: one slot for computations and one for collectives and sends; whenever
 * something ends, each free slot takes the ready node of the lowest number.
 */

import type { Span } from '../graph/opGraph.js';
import { GATHERS, GROUP } from '../graph/rows.js';
import { COMMUNICATE, COMPUTE, FREE, type Nodes, SLOTS } from './nodes.js';
import { ReadyNodes } from './readyNodes.js';
import type { RunningNodes } from './runningNodes.js';
import { STRETCH, Stretch } from './stretch.js';

/** What became of the NPU of a stage, ns. */
export interface StageRun {
  readonly finishNs: number;
  readonly computeNs: number;
  /** Of it, sums of gradients and updates. */
  readonly updateNs: number;
  /** Time without computation while the slot for communication served a group; in the order of GROUP. */
  readonly exposedNs: readonly number[];
  /** Time with neither. */
  readonly idleNs: number;
}

export const GROUPS = Object.keys(GROUP).length;

/** What a node is that waits for none any more, in the place of how many it waits for. */
export const READY = -1;
export const RUNNING = -2;
export const DONE = -3;

export type OnNode = (node: number, startNs: number, endNs: number) => void;

/** Is told when a run begins, and when a node does. */
interface Watch {
  begin(): void;
  touch(node: number): void;
  /** A gather that had begun is one that has not. */
  gatherAgain(): void;
}

export class Stage {
  /** Of each slot: what is ready, what runs, when that began and ends, and how many began before it. */
  readonly ready: readonly ReadyNodes[];
  readonly running = new Int32Array(SLOTS);
  readonly startNs = new Float64Array(SLOTS);
  readonly endNs = new Float64Array(SLOTS);
  private readonly ranks = new Float64Array(SLOTS);
  private begun = 0;
  /** Time of the last event, and sums up to then. */
  nowNs = 0;
  sinceNs = 0;
  computeNs = 0;
  updateNs = 0;
  idleNs = 0;
  readonly exposedNs = new Float64Array(GROUPS);
  /** Duration of each row. */
  durationNs: Float64Array = new Float64Array(0);
  onNode: OnNode | undefined;
  /** Where what runs is told, if the stages run together. */
  events: RunningNodes | undefined;
  /** What watches for a steady state, if repetitions are skipped. */
  watch: Watch | undefined;
  /** The order of two events is not told, or what is left out of the graph does not repeat: the run is of no use. */
  untold = false;
  /** Nodes of layers that the graph leaves out, in the order of STRETCH, and which of those each slot runs now. */
  readonly stretches: readonly Stretch[] = Object.values(STRETCH).map(() => new Stretch());
  private readonly stretched = new Uint8Array(SLOTS);
  private gathersLeftOut = 0;
  /** How many nodes each one waits for, or what it is. */
  waits = new Int32Array(0);
  nodes!: Nodes;
  private first = 0;
  private span!: Span;
  private rowOf!: Uint16Array;
  private slots!: Uint8Array;
  private firstSuccessor!: Uint32Array;
  private successors!: Uint32Array;

  constructor(nodes: Nodes, first = 0) {
    this.ready = Array.from({ length: SLOTS }, () => new ReadyNodes(nodes.graph.nodes));
    this.bind(nodes, first);
  }

  /**
   * The stage runs another graph from now on.
   *
   * @param first number of its first node for `onNode` and `events`
   */
  bind(nodes: Nodes, first = 0): void {
    const { graph, slots } = nodes;
    if (this.waits.length < graph.nodes) this.waits = new Int32Array(graph.nodes);
    for (let slot = 0; slot < SLOTS; slot++) this.ready[slot]!.resize(graph.nodes);
    this.nodes = nodes;
    this.first = first;
    this.span = graph.span;
    this.rowOf = graph.rowOf;
    this.slots = slots;
    this.firstSuccessor = graph.firstSuccessor;
    this.successors = graph.successors;
  }

  /** So many layers are left out of the graph. */
  leaveOut(layers: number): void {
    this.gathersLeftOut = this.nodes.lastGather === FREE ? 0 : GATHERS.length * layers;
  }

  /** Does a slot run nodes that are left out, as one, so that when the last of them began is not told? */
  isStretched(slot: number): boolean {
    const stretch = this.stretched[slot]!;
    return stretch !== STRETCH.none && this.stretches[stretch]!.putOff === 0;
  }

  /** Have nodes of layers that are left out not run? */
  get owes(): boolean {
    for (let i = 0; i < this.stretches.length; i++) if (this.stretches[i]!.toCome > 0) return true;
    return false;
  }

  /** Time 0, and what waits for nothing begins. */
  begin(durationNs: Float64Array, onNode?: OnNode): void {
    this.durationNs = durationNs;
    this.onNode = onNode;
    this.waits.set(this.nodes.graph.waits);
    for (let slot = 0; slot < SLOTS; slot++) {
      this.running[slot] = FREE;
      this.stretched[slot] = STRETCH.none;
      this.ready[slot]!.clear();
    }
    this.nowNs = 0;
    this.sinceNs = 0;
    this.computeNs = 0;
    this.updateNs = 0;
    this.idleNs = 0;
    for (let group = 0; group < GROUPS; group++) this.exposedNs[group] = 0;
    this.untold = false;
    for (let i = 0; i < this.stretches.length; i++) this.stretches[i]!.begin(0);
    this.stretches[STRETCH.gathers]!.begin(this.gathersLeftOut);
    this.watch?.begin();
    const { sources } = this.nodes;
    for (let i = 0; i < sources.length; i++) this.release(sources[i]!);
    this.issue();
  }

  result(): StageRun {
    const { computeNs, updateNs, idleNs } = this;
    const [dp, tp, cp, pp] = this.exposedNs as unknown as [number, number, number, number];
    return { finishNs: this.sinceNs, computeNs, updateNs, exposedNs: [dp, tp, cp, pp], idleNs };
  }

  /** The slot whose node ends first, of two that end together the one that began first; FREE where none runs. */
  next(): number {
    const [computing, communicating] = [this.running[COMPUTE], this.running[COMMUNICATE]];
    if (computing === FREE) return communicating === FREE ? FREE : COMMUNICATE;
    if (communicating === FREE) return COMPUTE;
    const aheadNs = this.endNs[COMMUNICATE]! - this.endNs[COMPUTE]!;
    if (aheadNs !== 0) return aheadNs > 0 ? COMPUTE : COMMUNICATE;
    if (this.isStretched(COMPUTE) || this.isStretched(COMMUNICATE)) this.untold = true;
    return this.computeBeganFirst() ? COMPUTE : COMMUNICATE;
  }

  computeBeganFirst(): boolean {
    return this.ranks[COMPUTE]! < this.ranks[COMMUNICATE]!;
  }

  /** A node of the stage ends. What waits for a send is told by {@link receive}, where it is. */
  end(node: number, nowNs: number): void {
    const slot = this.slots[node]!;
    this.nowNs = nowNs;
    this.account();
    this.running[slot] = FREE;
    if (this.stretched[slot] !== STRETCH.none && this.endStretch(slot)) this.release(node);
    else {
      this.waits[node] = DONE;
      if (this.nodes.leaves[node] === 0) this.tell(node);
    }
    this.issue();
  }

  /** Nothing runs but a node that is about to end. */
  endNow(node: number): void {
    const slot = this.slots[node]!;
    this.running.fill(FREE);
    this.running[slot] = node;
    this.waits[node] = RUNNING;
    this.endNs[slot] = this.nowNs;
    this.startNs[slot] = this.nowNs - this.durationNs[this.rowOf[node]!]!;
  }

  /** A send of another stage ends here, by its number behind the stage's own nodes. */
  receive(node: number, nowNs: number): void {
    this.nowNs = nowNs;
    this.account();
    this.tell(node);
    this.issue();
  }

  private tell(node: number): void {
    const { waits, successors } = this;
    const end = this.firstSuccessor[node + 1]!;
    for (let i = this.firstSuccessor[node]!; i < end; i++) {
      const successor = successors[i]!;
      const left = waits[successor]! - 1;
      waits[successor] = left;
      if (left === 0) this.release(successor);
    }
  }

  private release(node: number): void {
    const slot = this.slots[node]!;
    this.waits[node] = READY;
    this.ready[slot]!.add(node);
    if (this.stretched[slot] !== STRETCH.none) this.putOff(slot);
  }

  private issue(): void {
    if (this.running[COMPUTE] === FREE && this.ready[COMPUTE]!.count > 0) this.issueSlot(COMPUTE);
    if (this.running[COMMUNICATE] === FREE && this.ready[COMMUNICATE]!.count > 0) this.issueSlot(COMMUNICATE);
  }

  private issueSlot(slot: number): void {
    const node = this.ready[slot]!.take();
    const row = this.rowOf[node]!;
    const eachNs = this.durationNs[row]!;
    const stretch = this.nodes.stretches[row]!;
    const behind = stretch === STRETCH.none ? 0 : this.stretch(stretch, node, slot);
    const endNs = this.nowNs + (1 + behind) * eachNs;
    this.running[slot] = node;
    this.startNs[slot] = this.nowNs;
    this.endNs[slot] = endNs;
    this.ranks[slot] = this.begun++;
    this.waits[node] = RUNNING;
    if (this.watch !== undefined) this.watch.touch(node);
    if (this.onNode !== undefined) this.onNode(this.first + node, this.nowNs, endNs);
    if (this.events !== undefined) this.events.add(endNs, this.first + node);
  }

  /** How many nodes that are left out run behind one that begins: all, behind the last of its kind that is there. */
  private stretch(stretch: number, node: number, slot: number): number {
    const { toCome } = this.stretches[stretch]!;
    if (toCome === 0) return 0;
    if (stretch === STRETCH.gathers) {
      if (node !== this.nodes.lastGather) return 0;
    } else {
      const first = stretch === STRETCH.sums ? this.span.firstSum : this.span.firstUpdate;
      const ready = this.ready[slot]!;
      if (ready.count > 0 && ready.lowest() < first + this.span.layers) return 0;
    }
    this.stretched[slot] = stretch;
    return toCome;
  }

  /** Something else is ready for a slot: of the nodes that run there as one, those that have not begun are put off. */
  private putOff(slot: number): void {
    if (!this.isStretched(slot)) return;
    const startNs = this.startNs[slot]!;
    const eachNs = this.durationNs[this.rowOf[this.running[slot]!]!]!;
    const lastNs = eachNs > 0 ? this.stretches[this.stretched[slot]!]!.cut(startNs, this.nowNs, eachNs) : undefined;
    if (eachNs === 0) this.untold = true;
    if (lastNs === undefined) return;
    // What ends together is told apart by when it began; as one, nodes have lost that.
    if (this.nowNs === lastNs + eachNs) this.untold = true;
    const other = slot === COMPUTE ? COMMUNICATE : COMPUTE;
    if (this.running[other] !== FREE) {
      if (this.startNs[other] === lastNs) this.untold = true;
      if (this.startNs[other]! < lastNs) this.ranks[slot] = this.begun++;
    }
    this.startNs[slot] = lastNs;
    this.endNs[slot] = lastNs + eachNs;
  }

  /** Nodes that run as one have ended: are there more to come, behind what became ready meanwhile? */
  private endStretch(slot: number): boolean {
    const kind = this.stretched[slot]!;
    const stretch = this.stretches[kind]!;
    const again = stretch.putOff > 0;
    const ran = stretch.end();
    this.stretched[slot] = STRETCH.none;
    if (kind === STRETCH.sums) this.stretches[STRETCH.updates]!.toCome += ran;
    if (kind === STRETCH.gathers && again) this.watch?.gatherAgain();
    return again;
  }

  /** Adds the time since the last event to what the slots were doing. */
  private account(): void {
    const passedNs = this.nowNs - this.sinceNs;
    if (passedNs === 0) return;
    const { nodes, rowOf } = this;
    const [computing, communicating] = [this.running[COMPUTE]!, this.running[COMMUNICATE]!];
    this.sinceNs = this.nowNs;
    if (computing !== FREE) {
      this.computeNs += passedNs;
      if (nodes.updates[rowOf[computing]!] === 1) this.updateNs += passedNs;
    } else if (communicating !== FREE) {
      this.exposedNs[nodes.groups[rowOf[communicating]!]!]! += passedNs;
    } else this.idleNs += passedNs;
  }
}
