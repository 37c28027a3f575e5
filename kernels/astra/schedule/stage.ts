/**
 * The NPU of a pipeline stage as ASTRA-sim runs it: one slot for computations and one for collectives and sends; whenever
 * something ends, each free slot takes the ready node of the lowest number.
 */
import type { OpGraph, Span } from '../graph/opGraph.js';
import { GATHERS, GROUP, type Row } from '../graph/rows.js';
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

export const COMPUTE = 0;
export const COMMUNICATE = 1;
export const SLOTS = 2;
export const FREE = -1;
export const GROUPS = Object.keys(GROUP).length;

/** What a node is that waits for none any more, in the place of how many it waits for. */
export const READY = -1;
export const RUNNING = -2;
export const DONE = -3;

/** The slot that a row runs on. */
export function slotOfRow({ collective, group }: Row): number {
  return collective === undefined && group !== 'pp' ? COMPUTE : COMMUNICATE;
}

export type OnNode = (node: number, startNs: number, endNs: number) => void;

/** Is told when a run begins, and when a node does. */
interface Watch {
  begin(): void;
  touch(node: number): void;
  /** A gather that had begun is one that has not. */
  gatherAgain(): void;
}

/** What all stages of a graph share, by its rows and nodes. */
export class Nodes {
  /** Of each row: its group, whether it updates weights, and what its nodes may stand for. */
  readonly groups: Uint8Array;
  readonly updates: Uint8Array;
  readonly stretches: Uint8Array;
  /** Of each node: its slot, and whether it ends on another stage. */
  readonly slots: Uint8Array;
  readonly leaves: Uint8Array;
  /** How many nodes each one waits for, or what it is. */
  readonly waits: Int32Array;

  constructor(readonly graph: OpGraph) {
    const { pieces, rows, rowOf, stageOf, receiverOf, waits } = graph;
    const slots = Uint8Array.from(rows, slotOfRow);
    this.groups = Uint8Array.from(rows, ({ group }) => GROUP[group]);
    this.updates = Uint8Array.from(rows, ({ name }) => Number(name === 'sum gradients' || name === 'update'));
    this.stretches = new Uint8Array(rows.length);
    for (const name of GATHERS) {
      const place = pieces.layer.placeOf(name);
      if (place !== undefined) this.stretches[pieces.firstRowOf(pieces.layer) + place] = STRETCH.gathers;
    }
    this.stretches[pieces.firstRowOf(pieces.sums[0])] = STRETCH.sums;
    this.stretches[pieces.firstRowOf(pieces.updates[0])] = STRETCH.updates;
    this.slots = new Uint8Array(rowOf.length);
    this.leaves = new Uint8Array(rowOf.length);
    for (let node = 0; node < rowOf.length; node++) {
      this.slots[node] = slots[rowOf[node]!]!;
      this.leaves[node] = Number(receiverOf[node] !== stageOf[node]);
    }
    this.waits = new Int32Array(waits.length);
  }
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
  private readonly lastGather: number;
  private readonly span: Span;
  private readonly first: number;
  private readonly initialWaits: Int32Array;
  private readonly sources: Int32Array;
  private readonly rowOf: Uint16Array;
  private readonly waits: Int32Array;
  private readonly slots: Uint8Array;
  private readonly firstSuccessor: Uint32Array;
  private readonly successors: Uint32Array;

  constructor(
    readonly nodes: Nodes,
    stage: number,
  ) {
    const { graph } = nodes;
    const { pieces, spans, stageStart, rowOf, waits } = graph;
    const [first, end] = [stageStart[stage]!, stageStart[stage + 1] ?? rowOf.length];
    this.first = first;
    this.span = spans[stage]!;
    const lastGather = pieces.layer.placeOf(GATHERS[GATHERS.length - 1]!);
    const lastLayer = this.span.firstLayer + (this.span.layers - 1) * pieces.layer.rows.length;
    this.lastGather = lastGather === undefined ? FREE : lastLayer + lastGather;
    this.initialWaits = Int32Array.from(waits.subarray(first, end));
    this.sources = Int32Array.from(this.initialWaits.keys(), (place) => first + place).filter(
      (node) => waits[node] === 0,
    );
    this.ready = Array.from({ length: SLOTS }, () => new ReadyNodes(first, end - first));
    this.rowOf = rowOf;
    this.waits = nodes.waits;
    this.slots = nodes.slots;
    this.firstSuccessor = graph.firstSuccessor;
    this.successors = graph.successors;
  }

  /** So many layers are left out of the graph. */
  leaveOut(layers: number): void {
    this.gathersLeftOut = this.lastGather === FREE ? 0 : GATHERS.length * layers;
  }

  /** Does a slot run nodes that are left out, as one, so that when the last of them began is not told? */
  isStretched(slot: number): boolean {
    const stretch = this.stretched[slot]!;
    return stretch !== STRETCH.none && this.stretches[stretch]!.putOff === 0;
  }

  /** Have nodes of layers that are left out not run? */
  get owes(): boolean {
    return this.stretches.some(({ toCome }) => toCome > 0);
  }

  /** Time 0, and what waits for nothing begins. */
  begin(durationNs: Float64Array, onNode?: OnNode): void {
    this.durationNs = durationNs;
    this.onNode = onNode;
    this.waits.set(this.initialWaits, this.first);
    this.running.fill(FREE);
    for (const ready of this.ready) ready.clear();
    this.nowNs = 0;
    this.sinceNs = 0;
    this.computeNs = 0;
    this.updateNs = 0;
    this.idleNs = 0;
    this.exposedNs.fill(0);
    this.untold = false;
    this.stretched.fill(STRETCH.none);
    for (const stretch of this.stretches) stretch.begin(0);
    this.stretches[STRETCH.gathers]!.begin(this.gathersLeftOut);
    this.watch?.begin();
    for (let i = 0; i < this.sources.length; i++) this.release(this.sources[i]!);
    this.issue();
  }

  result(): StageRun {
    const { computeNs, updateNs, idleNs } = this;
    return { finishNs: this.sinceNs, computeNs, updateNs, exposedNs: Array.from(this.exposedNs), idleNs };
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

  /** A send of another stage ends here. */
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
    if (this.onNode !== undefined) this.onNode(node, this.nowNs, endNs);
    if (this.events !== undefined) this.events.add(endNs, node);
  }

  /** How many nodes that are left out run behind one that begins: all, behind the last of its kind that is there. */
  private stretch(stretch: number, node: number, slot: number): number {
    const { toCome } = this.stretches[stretch]!;
    if (toCome === 0) return 0;
    if (stretch === STRETCH.gathers) {
      if (node !== this.lastGather) return 0;
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
