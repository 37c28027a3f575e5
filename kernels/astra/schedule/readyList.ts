/**
 * ASTRA-sim's execution of an op graph: one slot for computations and one for collectives and sends on each NPU; whenever
 * something ends, each free slot takes the ready node of the lowest number. One NPU stands for each pipeline stage.
 */

import type { OpGraph } from '../graph/opGraph.js';
import { GROUP, type Row } from '../graph/rows.js';
import { ReadyNodes } from './readyNodes.js';
import { RunningNodes } from './runningNodes.js';

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
const SLOTS = 2;
const FREE = -1;
const GROUPS = Object.keys(GROUP).length;

/** The slot that a row runs on. */
export function slotOfRow({ collective, group }: Row): number {
  return collective === undefined && group !== 'pp' ? COMPUTE : COMMUNICATE;
}

type OnNode = (node: number, startNs: number, endNs: number) => void;

/** Executes one graph, again and again: what depends on the graph alone is made once. */
export class Execution {
  private readonly waits: Uint32Array;
  /** Of each row. */
  private readonly slots: Uint8Array;
  private readonly groups: Uint8Array;
  private readonly updates: Uint8Array;
  /** Nodes that wait for nothing. */
  private readonly sources: Int32Array;
  /** Of each slot of each stage: what is ready, and what runs. */
  private readonly ready: readonly ReadyNodes[];
  private readonly running: Int32Array;
  private readonly events: RunningNodes;
  /** Of each stage: time of its last event, and sums up to then. */
  private readonly sinceNs: Float64Array;
  private readonly computeNs: Float64Array;
  private readonly updateNs: Float64Array;
  private readonly exposedNs: Float64Array;
  private readonly idleNs: Float64Array;
  /** Duration of each row on each stage. */
  private durationNs: readonly Float64Array[] = [];
  private onNode: OnNode | undefined;

  constructor(readonly graph: OpGraph) {
    const { rows, rowOf, stageStart, waits } = graph;
    const stages = stageStart.length;
    this.waits = new Uint32Array(waits.length);
    this.slots = Uint8Array.from(rows, slotOfRow);
    this.groups = Uint8Array.from(rows, ({ group }) => GROUP[group]);
    this.updates = Uint8Array.from(rows, ({ name }) => Number(name === 'sum gradients' || name === 'update'));
    this.sources = Int32Array.from(waits.keys()).filter((node) => waits[node] === 0);
    this.ready = stageStart.flatMap((first, stage) => {
      const nodes = (stageStart[stage + 1] ?? rowOf.length) - first;
      return Array.from({ length: SLOTS }, () => new ReadyNodes(first, nodes));
    });
    this.running = new Int32Array(SLOTS * stages);
    this.events = new RunningNodes(SLOTS * stages);
    this.sinceNs = new Float64Array(stages);
    this.computeNs = new Float64Array(stages);
    this.updateNs = new Float64Array(stages);
    this.exposedNs = new Float64Array(GROUPS * stages);
    this.idleNs = new Float64Array(stages);
  }

  /**
   * Runs the graph.
   *
   * @param durationNs of each row on each stage
   * @param onNode called for each node as it starts
   */
  run(durationNs: readonly Float64Array[], onNode?: OnNode): StageRun[] {
    this.durationNs = durationNs;
    this.onNode = onNode;
    this.waits.set(this.graph.waits);
    this.running.fill(FREE);
    this.events.nowNs = 0;
    for (const sums of [this.sinceNs, this.computeNs, this.updateNs, this.exposedNs, this.idleNs]) sums.fill(0);
    for (let i = 0; i < this.sources.length; i++) this.release(this.sources[i]!);
    for (let stage = 0; stage < durationNs.length; stage++) this.issue(stage);
    while (this.events.count > 0) this.end(this.events.take());
    return durationNs.map((_, stage) => ({
      finishNs: this.sinceNs[stage]!,
      computeNs: this.computeNs[stage]!,
      updateNs: this.updateNs[stage]!,
      exposedNs: Array.from(this.exposedNs.subarray(GROUPS * stage, GROUPS * (stage + 1))),
      idleNs: this.idleNs[stage]!,
    }));
  }

  private release(node: number): void {
    const { rowOf, stageOf } = this.graph;
    this.ready[SLOTS * stageOf[node]! + this.slots[rowOf[node]!]!]!.add(node);
  }

  private issue(stage: number): void {
    for (let slot = SLOTS * stage; slot < SLOTS * (stage + 1); slot++) {
      const ready = this.ready[slot]!;
      if (this.running[slot] !== FREE || ready.count === 0) continue;
      const node = ready.take();
      this.running[slot] = node;
      const endNs = this.events.nowNs + this.durationNs[stage]![this.graph.rowOf[node]!]!;
      if (this.onNode !== undefined) this.onNode(node, this.events.nowNs, endNs);
      this.events.add(endNs, node);
    }
  }

  /** Adds the time since the last event of a stage to what its slots were doing. */
  private account(stage: number): void {
    const passedNs = this.events.nowNs - this.sinceNs[stage]!;
    const computing = this.running[SLOTS * stage + COMPUTE]!;
    const communicating = this.running[SLOTS * stage + COMMUNICATE]!;
    this.sinceNs[stage] = this.events.nowNs;
    if (computing !== FREE) {
      this.computeNs[stage]! += passedNs;
      if (this.updates[this.graph.rowOf[computing]!] === 1) this.updateNs[stage]! += passedNs;
    } else if (communicating !== FREE) {
      this.exposedNs[GROUPS * stage + this.groups[this.graph.rowOf[communicating]!]!]! += passedNs;
    } else this.idleNs[stage]! += passedNs;
  }

  private end(node: number): void {
    const { rowOf, stageOf, receiverOf, firstSuccessor, successors } = this.graph;
    const stage = stageOf[node]!;
    const receiver = receiverOf[node]!;
    this.account(stage);
    this.running[SLOTS * stage + this.slots[rowOf[node]!]!] = FREE;
    if (receiver !== stage) this.account(receiver);
    const end = firstSuccessor[node + 1]!;
    for (let i = firstSuccessor[node]!; i < end; i++) {
      const successor = successors[i]!;
      const waits = this.waits[successor]! - 1;
      this.waits[successor] = waits;
      if (waits === 0) this.release(successor);
    }
    this.issue(stage);
    if (receiver !== stage) this.issue(receiver);
  }
}
