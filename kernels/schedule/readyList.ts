/**
 * ASTRA-sim's execution of an op graph: one slot for computations and one for collectives and sends on each NPU; whenever
 * something ends, each free slot takes the ready node of the lowest number. One NPU stands for each pipeline stage.
 */
import { STG_GROUP } from '../workload/stg.js';
import type { StgGraph } from '../workload/stgGraph.js';
import { PriorityQueue } from './priorityQueue.js';

/** What became of the NPU of a stage, ns. */
export interface StageRun {
  readonly finishNs: number;
  readonly computeNs: number;
  /** Of it, sums of gradients and updates. */
  readonly updateNs: number;
  /** Time without computation while the slot for communication served a group; in the order of STG_GROUP. */
  readonly exposedNs: readonly number[];
  /** Time with neither. */
  readonly idleNs: number;
}

const COMPUTE = 0;
const COMMUNICATE = 1;
const FREE = -1;

class StageState {
  /** Ready nodes and the running one, of each slot. */
  readonly ready = [new PriorityQueue(), new PriorityQueue()];
  readonly running = [FREE, FREE];
  sinceNs = 0;
  computeNs = 0;
  updateNs = 0;
  readonly exposedNs = Object.values(STG_GROUP).map(() => 0);
  idleNs = 0;
}

class Execution {
  private readonly stages: StageState[];
  private readonly events = new PriorityQueue();
  private readonly waits: Uint16Array;
  private readonly slotOf: readonly number[];
  private readonly groupOf: readonly number[];
  private readonly isUpdate: readonly boolean[];

  constructor(
    private readonly graph: StgGraph,
    /** Duration of each row on each stage. */
    private readonly durationNs: readonly Float64Array[],
    private readonly onNode: ((node: number, startNs: number, endNs: number) => void) | undefined,
  ) {
    this.stages = durationNs.map(() => new StageState());
    this.waits = graph.waits.slice();
    this.slotOf = graph.rows.map(({ collective, group }) =>
      collective === undefined && group !== 'pp' ? COMPUTE : COMMUNICATE,
    );
    this.groupOf = graph.rows.map(({ group }) => STG_GROUP[group]);
    this.isUpdate = graph.rows.map(({ name }) => name === 'sum gradients' || name === 'update');
  }

  run(): StageRun[] {
    this.waits.forEach((waits, node) => {
      if (waits === 0) this.release(node);
    });
    for (const stage of this.stages.keys()) this.issue(stage);
    while (this.events.size > 0) this.end(this.events.take());
    return this.stages.map(({ sinceNs, computeNs, updateNs, exposedNs, idleNs }) => ({
      finishNs: sinceNs,
      computeNs,
      updateNs,
      exposedNs,
      idleNs,
    }));
  }

  private release(node: number): void {
    const { rowOf, stageOf } = this.graph;
    this.stages[stageOf[node]!]!.ready[this.slotOf[rowOf[node]!]!]!.add(node, node);
  }

  private issue(stage: number): void {
    const { ready, running } = this.stages[stage]!;
    for (let slot = COMPUTE; slot <= COMMUNICATE; slot++) {
      if (running[slot] !== FREE || ready[slot]!.size === 0) continue;
      const node = ready[slot]!.take();
      running[slot] = node;
      const endNs = this.events.key + this.durationNs[stage]![this.graph.rowOf[node]!]!;
      this.onNode?.(node, this.events.key, endNs);
      this.events.add(endNs, node);
    }
  }

  /** Adds the time since the last event of a stage to what its slots were doing. */
  private account(state: StageState): void {
    const passedNs = this.events.key - state.sinceNs;
    const [computing, communicating] = state.running as [number, number];
    state.sinceNs = this.events.key;
    if (computing !== FREE) {
      state.computeNs += passedNs;
      if (this.isUpdate[this.graph.rowOf[computing]!]) state.updateNs += passedNs;
    } else if (communicating !== FREE) state.exposedNs[this.groupOf[this.graph.rowOf[communicating]!]!]! += passedNs;
    else state.idleNs += passedNs;
  }

  private end(node: number): void {
    const { rowOf, stageOf, receiverOf, firstSuccessor, successors } = this.graph;
    const stage = stageOf[node]!;
    const receiver = receiverOf[node]!;
    const state = this.stages[stage]!;
    this.account(state);
    state.running[this.slotOf[rowOf[node]!]!] = FREE;
    if (receiver !== stage) this.account(this.stages[receiver]!);
    for (let i = firstSuccessor[node]!; i < firstSuccessor[node + 1]!; i++) {
      if (--this.waits[successors[i]!]! === 0) this.release(successors[i]!);
    }
    this.issue(stage);
    if (receiver !== stage) this.issue(receiver);
  }
}

/**
 * Runs a graph.
 *
 * @param durationNs of each row on each stage
 * @param onNode called for each node as it starts
 */
export function readyList(
  graph: StgGraph,
  durationNs: readonly Float64Array[],
  onNode?: (node: number, startNs: number, endNs: number) => void,
): StageRun[] {
  return new Execution(graph, durationNs, onNode).run();
}
