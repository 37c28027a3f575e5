/**
 * The NPU of a pipeline stage as ASTRA-sim runs it: one slot for computations and one for collectives and sends. What a slot takes
 * is the ready list's to say (progress.ts); here are the times.
 */
import { GATHERS, GROUP } from '../graph/rows.js';
import { COMMUNICATE, COMPUTE, FREE, type Nodes, SLOTS, type Waits } from './nodes.js';
import { ENDS, ENDS_NOT, type Progress, RECEIVES, STRETCH_BITS, STRETCH_MASK } from './progress.js';
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

/** What a step comes to. */
export interface StepTimes {
  /** The stage that ends last. */
  readonly last: StageRun;
  /** Mean of all stages. */
  readonly computeNs: number;
}

export function stepTimesOf(stages: readonly StageRun[]): StepTimes {
  return {
    last: stages.reduce((slowest, stage) => (stage.finishNs > slowest.finishNs ? stage : slowest)),
    computeNs: stages.reduce((sum, { computeNs }) => sum + computeNs, 0) / stages.length,
  };
}

export const GROUPS = Object.keys(GROUP).length;

export type OnNode = (node: number, startNs: number, endNs: number) => void;

/** Is told when a run begins, and when a node does. */
interface Watch {
  begin(): void;
  touch(node: number): void;
  /** A gather that had begun is one that has not. */
  gatherAgain(): void;
}

export class Stage {
  /** Of each slot: what runs, when that began and ends, and how many began before it. */
  readonly running = new Int32Array(SLOTS);
  readonly startNs = new Float64Array(SLOTS);
  readonly endNs = new Float64Array(SLOTS);
  readonly ranks = new Float64Array(SLOTS);
  begun = 0;
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
  /** Are there layers that the graph leaves out? */
  leavesOut = false;
  private gathersLeftOut = 0;
  nodes!: Nodes;
  private first = 0;
  progress!: Progress;
  private rowOf!: Uint16Array;

  constructor(nodes: Nodes, progress: Progress, first = 0) {
    this.bind(nodes, progress, first);
  }

  /**
   * The stage runs another graph from now on.
   *
   * @param progress of the nodes
   * @param first number of its first node for `onNode` and `events`
   */
  bind(nodes: Nodes, progress: Progress, first = 0): void {
    this.nodes = nodes;
    this.progress = progress;
    this.first = first;
    this.rowOf = nodes.graph.rowOf;
  }

  /** How many nodes each one waits for, or what it is. */
  get waits(): Waits {
    return this.progress.waits;
  }

  /** So many layers are left out of the graph. */
  leaveOut(layers: number): void {
    this.leavesOut = layers > 0;
    this.gathersLeftOut = this.nodes.lastGather === FREE ? 0 : GATHERS.length * layers;
  }

  /** Does a slot run nodes that are left out, as one, so that when the last of them began is not told? */
  isStretched(slot: number): boolean {
    const stretch = this.stretched[slot]!;
    return stretch !== STRETCH.none && this.stretches[stretch]!.putOff === 0;
  }

  /** Does a slot run, or has it run, nodes that are left out behind the one that it has? */
  isStretching(): boolean {
    return this.stretched[COMPUTE] !== STRETCH.none || this.stretched[COMMUNICATE] !== STRETCH.none;
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
    for (let slot = 0; slot < SLOTS; slot++) {
      this.running[slot] = FREE;
      this.stretched[slot] = STRETCH.none;
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
    this.progress.begin();
    this.follow();
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
    const slot = this.nodes.slots[node]!;
    this.nowNs = nowNs;
    this.account();
    this.running[slot] = FREE;
    const again = this.stretched[slot] !== STRETCH.none && this.endStretch(slot);
    this.progress.change((again ? ENDS_NOT : ENDS) + slot, node);
    this.follow();
  }

  /** A slot's node ends, of which nobody is told, and what runs alone behind it; see {@link Progress.passAlone}. */
  pass(slot: number): void {
    const node = this.running[slot]!;
    const alone = this.running[COMPUTE] === FREE || this.running[COMMUNICATE] === FREE;
    if (!alone || this.stretched[slot] !== STRETCH.none) {
      this.end(node, this.endNs[slot]!);
      return;
    }
    this.nowNs = this.endNs[slot]!;
    this.account();
    this.running[slot] = FREE;
    this.progress.passAlone(slot, node);
    const { passed, passedFrom, passedTo } = this.progress;
    for (let i = passedFrom; i < passedTo; i++) this.passNode(passed[i]!);
    this.sinceNs = this.nowNs;
    this.follow();
  }

  private passNode(node: number): void {
    const { nodes } = this;
    const row = this.rowOf[node]!;
    const ns = this.durationNs[row]!;
    this.nowNs += ns;
    if (nodes.slots[node] === COMMUNICATE) this.exposedNs[nodes.groups[row]!]! += ns;
    else {
      this.computeNs += ns;
      if (nodes.updates[row] === 1) this.updateNs += ns;
    }
    this.watch?.touch(node);
  }

  /** Nothing runs but a node that is about to end. */
  endNow(node: number): void {
    const slot = this.nodes.slots[node]!;
    this.endNs[slot] = this.nowNs;
    this.startNs[slot] = this.nowNs - this.durationNs[this.rowOf[node]!]!;
  }

  /** A send of another stage ends here, by its number behind the stage's own nodes. */
  receive(node: number, nowNs: number): void {
    this.nowNs = nowNs;
    this.account();
    this.progress.change(RECEIVES + node - this.nodes.graph.nodes, node);
    this.follow();
  }

  /** Nodes become something else than by events; see {@link Progress.leap}. What a slot runs takes the rest of what it ran. */
  leap(key: number | undefined, make: (waits: Waits) => void): void {
    this.progress.leap(key, make);
    for (let slot = 0; slot < SLOTS; slot++) this.running[slot] = this.progress.running[slot]!;
  }

  private follow(): void {
    const { begins, releases, stretches } = this.progress;
    for (let slot = 0; slot < SLOTS; slot++)
      if (this.stretched[slot] !== STRETCH.none && (releases & (1 << slot)) !== 0) this.putOff(slot);
    for (let slot = 0; slot < SLOTS; slot++)
      if (begins[slot] !== FREE) this.start(slot, begins[slot]!, (stretches >> (STRETCH_BITS * slot)) & STRETCH_MASK);
  }

  /** @param stretch what may run behind the node as one with it: nodes that are left out */
  private start(slot: number, node: number, stretch: number): void {
    const eachNs = this.durationNs[this.rowOf[node]!]!;
    const behind = stretch === STRETCH.none ? 0 : this.stretches[stretch]!.toCome;
    if (behind > 0) this.stretched[slot] = stretch;
    const endNs = this.nowNs + (1 + behind) * eachNs;
    this.running[slot] = node;
    this.startNs[slot] = this.nowNs;
    this.endNs[slot] = endNs;
    this.ranks[slot] = this.begun++;
    if (this.watch !== undefined) this.watch.touch(node);
    if (this.onNode !== undefined) this.onNode(this.first + node, this.nowNs, endNs);
    if (this.events !== undefined) this.events.add(endNs, this.first + node);
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
