/** What the designs of a space share, so that it is made once: the plan of a workload, the graph of a shape. */
import { OUTPUT, OUTPUT_COUNT } from '../outputs.js';
import { Paths, StepBound } from './bound.js';
import { MemberLists } from './collective/members.js';
import { Pieces } from './graph/pieces.js';
import type { Flags } from './graph/rows.js';
import type { Shape } from './graph/shape.js';
import { StageGraphs } from './graph/stageGraph.js';
import { printedMemory } from './memory.js';
import { Nodes } from './schedule/nodes.js';
import type { PackedStep } from './schedule/packedStep.js';
import { Execution } from './schedule/readyList.js';
import { quantitiesOf, RowTimes, type StgWorkload, shapeOf } from './schedule/rowTimes.js';
import { type PackedRows, packRows } from './schedule/rowTimesLayout.js';
import type { StageRun } from './schedule/stage.js';
import { StagePool } from './schedule/stagePool.js';

const MB = 1e6;

/** Sets the memory parts to what STG prints for the fullest stage. Neither program compares it with the capacity. */
function addMemory(parts: Float64Array, workload: StgWorkload): void {
  const shape = shapeOf(workload);
  const quantities = quantitiesOf(workload);
  for (let stage = 0; stage < workload.pp; stage++) {
    const { weights, optimizer, activations, gradients } = printedMemory(shape, quantities, stage);
    const total = weights + optimizer + activations + gradients;
    if (total <= parts[OUTPUT.memoryMB]! * MB) continue;
    parts[OUTPUT.memoryMB] = total / MB;
    parts[OUTPUT.reservedMB] = total / MB;
    parts[OUTPUT.weightsMB] = weights / MB;
    parts[OUTPUT.optimizerMB] = optimizer / MB;
    parts[OUTPUT.activationsMB] = activations / MB;
    parts[OUTPUT.gradientsMB] = gradients / MB;
  }
}

/** Nodes of graphs that the shapes of the same flags may hold: about 30 bytes each. */
const KEPT_NODES = 2 ** 18;

/** The execution of a shape, until it is forgotten: plans keep it by this, so that none of them holds its graphs for longer. */
interface KnownExecution {
  execution: Execution | undefined;
}

/** Graphs ready to run: the workloads of a space share a few shapes, and shapes share the graphs of their stages. */
class Executions {
  private readonly known = new Map<string, KnownExecution>();
  private graphs: StageGraphs<Nodes>;

  constructor(
    private readonly pieces: Pieces,
    private readonly pool: StagePool,
  ) {
    this.graphs = this.newGraphs();
  }

  private newGraphs(): StageGraphs<Nodes> {
    return new StageGraphs(this.pieces, (graph) => new Nodes(graph));
  }

  /** @param shape one of the pieces' flags */
  of(shape: Shape): KnownExecution {
    const key = `${shape.layers} ${shape.stages} ${shape.microBatches}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    let nodes = this.graphs.all.reduce((sum, { graph }) => sum + graph.nodes, 0);
    for (const { execution } of this.known.values()) nodes += execution!.held;
    if (nodes > KEPT_NODES) this.forget();
    const made = { execution: new Execution(shape, this.pieces, this.graphs, this.pool) };
    this.known.set(key, made);
    return made;
  }

  private forget(): void {
    for (const known of this.known.values()) known.execution = undefined;
    this.known.clear();
    this.graphs = this.newGraphs();
  }
}

/** What the workloads of the same flags share. */
class Variant {
  readonly pieces: Pieces;
  readonly executions: Executions;
  private knownPaths: Paths | undefined;

  constructor(flags: Flags, pool: StagePool) {
    this.pieces = new Pieces(flags);
    this.executions = new Executions(this.pieces, pool);
  }

  get paths(): Paths {
    this.knownPaths ??= new Paths(this.pieces);
    return this.knownPaths;
  }
}

/** What a workload's designs share, whatever their network. */
export class Plan {
  readonly times: RowTimes;
  /** The memory parts of a step; its times are 0. */
  readonly memory = new Float64Array(OUTPUT_COUNT);
  private readonly shape: Shape;
  private knownBound: StepBound | undefined;
  private readonly knownRows: PackedRows[] = [];
  private known: KnownExecution | undefined;

  constructor(
    readonly workload: StgWorkload,
    private readonly variant: Variant,
    lists: MemberLists,
  ) {
    this.times = new RowTimes(workload, variant.pieces, lists);
    this.shape = shapeOf(workload);
    addMemory(this.memory, workload);
  }

  /** A lower bound of the step with the times as they are, ns. */
  boundNs(): number {
    this.knownBound ??= new StepBound(this.times, this.variant.paths);
    return this.knownBound.timeNs();
  }

  private get execution(): Execution {
    if (this.known?.execution === undefined) this.known = this.variant.executions.of(this.shape);
    return this.known.execution!;
  }

  /** Can a kernel run the step, which has one micro-batch then? */
  get isSingle(): boolean {
    return this.shape.microBatches === 1;
  }

  /** The step's shape as the kernel reads it. */
  packed(stagesAgree: boolean): PackedStep {
    return this.execution.packed(stagesAgree);
  }

  /** Its rows as the kernel of their times reads them. */
  packedRows(stagesAgree: boolean): PackedRows {
    const known = this.knownRows[Number(stagesAgree)] ?? packRows(this.workload, this.variant.pieces, stagesAgree);
    this.knownRows[Number(stagesAgree)] = known;
    return known;
  }

  /** Runs the step with the times as they are. */
  run(): readonly StageRun[] {
    const { durationNs, stagesAgree } = this.times;
    return this.execution.run(durationNs, { stagesAgree });
  }
}

function isSame(a: StgWorkload, b: StgWorkload): boolean {
  return (
    a.dp === b.dp &&
    a.tp === b.tp &&
    a.cp === b.cp &&
    a.pp === b.pp &&
    a.sharded === b.sharded &&
    a.tpsp === b.tpsp &&
    a.microBatch === b.microBatch &&
    a.batch === b.batch &&
    a.layers === b.layers &&
    a.hidden === b.hidden &&
    a.ffn === b.ffn &&
    a.vocab === b.vocab &&
    a.seq === b.seq
  );
}

const KEPT_PLANS = 1024;

/** A number of a workload that tells those of a space apart, but for its models. */
function hashOf({ dp, tp, cp, pp, microBatch, sharded, tpsp }: StgWorkload): number {
  let hash = 2 * Number(sharded) + Number(tpsp);
  for (const degree of [dp, tp, cp, pp, microBatch]) hash = (Math.imul(hash, 31) + degree) | 0;
  return hash;
}

/** Plans of the workloads that were met: where they are many, all are made again. */
export class Plans {
  private readonly variants = new Map<string, Variant>();
  private readonly known = new Map<number, Plan[]>();
  private kept = 0;
  private readonly lists = new MemberLists();
  private readonly pool = new StagePool();
  /** The last plan of each graph. */
  private readonly latest: Plan[] = [];

  /** The plan of a workload, one of whose graphs it is. */
  of(graph: number, workload: StgWorkload): Plan {
    const last = this.latest[graph];
    if (last !== undefined && isSame(last.workload, workload)) return last;
    const hash = hashOf(workload);
    const plan = this.known.get(hash)?.find((known) => isSame(known.workload, workload)) ?? this.add(hash, workload);
    this.latest[graph] = plan;
    return plan;
  }

  private add(hash: number, workload: StgWorkload): Plan {
    const plan = new Plan(workload, this.variantOf(workload), this.lists);
    if (++this.kept > KEPT_PLANS) {
      this.known.clear();
      this.kept = 1;
    }
    this.known.set(hash, [...(this.known.get(hash) ?? []), plan]);
    return plan;
  }

  private variantOf(workload: StgWorkload): Variant {
    const { flags } = shapeOf(workload);
    const key = JSON.stringify(flags);
    const variant = this.variants.get(key) ?? new Variant(flags, this.pool);
    this.variants.set(key, variant);
    return variant;
  }
}
