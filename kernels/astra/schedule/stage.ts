/**
 * The NPU of a pipeline stage as ASTRA-sim runs it: one slot for computations and one for collectives and sends; whenever
 * something ends, each free slot takes the ready node of the lowest number.
 */
import type { OpGraph } from '../graph/opGraph.js';
import { GROUP, type Row } from '../graph/rows.js';
import { ReadyNodes } from './readyNodes.js';
import type { RunningNodes } from './runningNodes.js';

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
}

/** What all stages of a graph share, by its rows and nodes. */
export class Nodes {
  readonly slots: Uint8Array;
  readonly groups: Uint8Array;
  readonly updates: Uint8Array;
  /** How many nodes each one waits for, or what it is. */
  readonly waits: Int32Array;

  constructor(readonly graph: OpGraph) {
    const { rows, waits } = graph;
    this.slots = Uint8Array.from(rows, slotOfRow);
    this.groups = Uint8Array.from(rows, ({ group }) => GROUP[group]);
    this.updates = Uint8Array.from(rows, ({ name }) => Number(name === 'sum gradients' || name === 'update'));
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
  private readonly first: number;
  private readonly initialWaits: Int32Array;
  private readonly sources: Int32Array;

  constructor(
    readonly nodes: Nodes,
    stage: number,
  ) {
    const { stageStart, rowOf, waits } = nodes.graph;
    const [first, end] = [stageStart[stage]!, stageStart[stage + 1] ?? rowOf.length];
    this.first = first;
    this.initialWaits = Int32Array.from(waits.subarray(first, end));
    this.sources = Int32Array.from(this.initialWaits.keys(), (place) => first + place).filter(
      (node) => waits[node] === 0,
    );
    this.ready = Array.from({ length: SLOTS }, () => new ReadyNodes(first, end - first));
  }

  /** Time 0, and what waits for nothing begins. */
  begin(durationNs: Float64Array, onNode?: OnNode): void {
    this.durationNs = durationNs;
    this.onNode = onNode;
    this.nodes.waits.set(this.initialWaits, this.first);
    this.running.fill(FREE);
    for (const ready of this.ready) ready.clear();
    this.nowNs = 0;
    this.sinceNs = 0;
    this.computeNs = 0;
    this.updateNs = 0;
    this.idleNs = 0;
    this.exposedNs.fill(0);
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
    return this.computeBeganFirst() ? COMPUTE : COMMUNICATE;
  }

  computeBeganFirst(): boolean {
    return this.ranks[COMPUTE]! < this.ranks[COMMUNICATE]!;
  }

  /** A node of the stage ends. What waits for a send is told by {@link receive}, where it is. */
  end(node: number, nowNs: number): void {
    const { graph, slots } = this.nodes;
    this.nowNs = nowNs;
    this.account();
    this.running[slots[graph.rowOf[node]!]!] = FREE;
    this.nodes.waits[node] = DONE;
    if (graph.receiverOf[node] === graph.stageOf[node]) this.tell(node);
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
    const { waits } = this.nodes;
    const { firstSuccessor, successors } = this.nodes.graph;
    const end = firstSuccessor[node + 1]!;
    for (let i = firstSuccessor[node]!; i < end; i++) {
      const successor = successors[i]!;
      const left = waits[successor]! - 1;
      waits[successor] = left;
      if (left === 0) this.release(successor);
    }
  }

  private release(node: number): void {
    this.nodes.waits[node] = READY;
    this.ready[this.nodes.slots[this.nodes.graph.rowOf[node]!]!]!.add(node);
  }

  private issue(): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      const ready = this.ready[slot]!;
      if (this.running[slot] !== FREE || ready.count === 0) continue;
      const node = ready.take();
      const endNs = this.nowNs + this.durationNs[this.nodes.graph.rowOf[node]!]!;
      this.running[slot] = node;
      this.startNs[slot] = this.nowNs;
      this.endNs[slot] = endNs;
      this.ranks[slot] = this.begun++;
      this.nodes.waits[node] = RUNNING;
      this.watch?.touch(node);
      if (this.onNode !== undefined) this.onNode(node, this.nowNs, endNs);
      if (this.events !== undefined) this.events.add(endNs, node);
    }
  }

  /** Adds the time since the last event to what the slots were doing. */
  private account(): void {
    const passedNs = this.nowNs - this.sinceNs;
    const { graph, updates, groups } = this.nodes;
    const [computing, communicating] = [this.running[COMPUTE]!, this.running[COMMUNICATE]!];
    this.sinceNs = this.nowNs;
    if (computing !== FREE) {
      this.computeNs += passedNs;
      if (updates[graph.rowOf[computing]!] === 1) this.updateNs += passedNs;
    } else if (communicating !== FREE) {
      this.exposedNs[groups[graph.rowOf[communicating]!]!]! += passedNs;
    } else this.idleNs += passedNs;
  }
}
