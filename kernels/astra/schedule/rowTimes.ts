/** The time of each row of STG's graph on each pipeline stage, for one workload and one network after another. */
import { groupNs, groupStop, type Stop, stopAtOnce } from '../collective/collective.js';
import { MemberLists, type Members } from '../collective/members.js';
import { routeNs, type System } from '../collective/message.js';
import { Pieces } from '../graph/pieces.js';
import { type Block, type Group, QUANTITY, QUANTITY_COUNT, type Row } from '../graph/rows.js';
import { headStageOf, type Shape } from '../graph/shape.js';
import { checkSize } from '../graph/size.js';
import { ALL, changesOf, computesAlike } from './systemChanges.js';

/** A model and its parallelisation, in STG's own terms. */
export interface StgWorkload {
  readonly layers: number;
  readonly hidden: number;
  readonly ffn: number;
  readonly vocab: number;
  readonly seq: number;
  /** Sequences of a step, and of a micro-batch over all data-parallel ranks. */
  readonly batch: number;
  readonly microBatch: number;
  readonly dp: number;
  readonly tp: number;
  /** Sequence (context) parallelism. */
  readonly cp: number;
  readonly pp: number;
  readonly sharded: boolean;
  readonly tpsp: boolean;
}

export function shapeOf({ layers, batch, microBatch, dp, tp, cp, pp, sharded, tpsp }: StgWorkload): Shape {
  return {
    layers,
    stages: pp,
    microBatches: batch / microBatch,
    flags: { dp: dp > 1, tp: tp > 1, cp: cp > 1, sharded, tpsp },
  };
}

/** The value of each QUANTITY, elements or multiply-accumulates. */
export function quantitiesOf(w: StgWorkload): Float64Array {
  const { hidden: d, ffn: f, vocab: V, tp: t, dp, cp } = w;
  const q = new Float64Array(QUANTITY_COUNT);
  const tokens = (w.microBatch / dp) * (w.seq / cp);
  q[QUANTITY.tokens] = tokens * d;
  q[QUANTITY.local] = (tokens * d) / t;
  q[QUANTITY.norm] = w.tpsp ? (tokens * d) / t : tokens * d;
  q[QUANTITY.keys] = ((w.microBatch / dp) * w.seq * d) / t;
  q[QUANTITY.inner] = (tokens * f) / t;
  q[QUANTITY.attentionMacs] = (tokens * d * d) / t;
  q[QUANTITY.mlpMacs] = (tokens * d * f) / t;
  q[QUANTITY.attentionWeight] = (d * d) / t;
  q[QUANTITY.mlpWeight] = (d * f) / t;
  q[QUANTITY.weights] = (4 * d * d + 2 * d * f) / t;
  q[QUANTITY.shard] = q[QUANTITY.weights]! / (w.sharded ? dp : 1);
  q[QUANTITY.vocabularyMacs] = (tokens * d * V) / t;
  q[QUANTITY.logits] = (tokens * V) / t;
  q[QUANTITY.headOutput] = w.tpsp ? (tokens * V) / t : tokens * V;
  q[QUANTITY.vocabularyWeight] = w.tpsp ? V * d : (V * d) / t;
  q[QUANTITY.embeddingOutput] = w.tpsp ? (tokens * d) / t : tokens * d;
  q[QUANTITY.innerWhole] = w.tpsp ? (tokens * f) / t : tokens * f;
  return q;
}

/** So much of a quantity, as the generator counts it. */
export function amountOf(quantities: Float64Array, [factor, quantity]: Row['ops']): number {
  return Math.trunc(factor * quantities[QUANTITY[quantity]]!);
}

/** NPU numbers from one member of a group to the next: dp is innermost, then tp, cp and pp. */
function strideOf({ dp, tp, cp }: StgWorkload, group: Group): number {
  if (group === 'dp') return 1;
  if (group === 'tp') return dp;
  return group === 'cp' ? dp * tp : dp * tp * cp;
}

function computeNs(system: System, ops: number, elements: number): number {
  const rate = Math.min(system.memoryBandwidth * (ops / elements), system.peak);
  return Math.trunc((ops / rate) * 1e9);
}

/** The rows of one group's collectives of the same kind and size, which take the same time. */
interface Collective {
  readonly kind: number;
  readonly bytes: number;
  readonly rows: number[];
}

/** The collectives of a group on a stage. */
interface Cell {
  readonly stage: number;
  readonly members: Members;
  readonly collectives: readonly Collective[];
  /** Dimensions that their times depend on, one bit each. */
  dimensions: number;
  /** Why the program comes to no end with one of them; undefined where it does. */
  stop: Stop | undefined;
}

const NO_SIZE: Stop = { stop: 'a node of no size is skipped for ever' };
const NO_TIME: Stop = { stop: 'a first node that takes no time aborts' };

/** Groups whose collectives stay on a stage. */
const GROUPS = ['dp', 'tp', 'cp'] as const;

function isPowerOfTwo(n: number): boolean {
  return n > 0 && (n & (n - 1)) === 0;
}

/**
 * With powers of two a number of an NPU is a string of bits: a stage's are above those of the groups, so the members of its
 * groups differ in the same places by as much as those of any other stage, and their messages take as long.
 */
export function stagesAgree({ npus }: System, { dp, tp, cp }: StgWorkload): boolean {
  return [npus, dp, tp, cp].every(isPowerOfTwo);
}

/**
 * Times of a workload's rows. A network that differs from the last one in some dimensions costs the collectives that use
 * those.
 *
 * @example
 * const times = new RowTimes(workload);
 * if (times.read(system) === undefined) times.durationNs[stage]![row];
 */
export class RowTimes {
  /** Of each row on each stage. Stages whose times are the same have the same ones. */
  readonly durationNs: Float64Array[];
  /** Grows whenever a time other than a send's may have changed. */
  version = 0;
  /** Are all times but those of sends the same on every stage? */
  stagesAgree = false;
  private readonly hasNoSize: boolean;
  private readonly ops: Float64Array;
  private readonly sizes: Float64Array;
  /** Times of stages: of each one, or of those that agree one for each pair of sends. */
  private readonly own: Float64Array[] = [];
  /** The first NPUs of stages. */
  private readonly heads: Members;
  /** By stage; those of the first one first. */
  private readonly cells: Cell[] = [];
  private last: System | undefined;

  /**
   * @param pieces those of the workload's flags
   * @param lists where those of other workloads of a space lie
   * @throws CosmicError VALUE_OUT_OF_RANGE where the step is too large
   */
  constructor(
    readonly workload: StgWorkload,
    readonly pieces = new Pieces(shapeOf(workload).flags),
    private readonly lists = new MemberLists(),
  ) {
    checkSize(shapeOf(workload), this.pieces);
    const { rows } = this.pieces;
    const quantities = quantitiesOf(workload);
    this.ops = Float64Array.from(rows, ({ ops }) => amountOf(quantities, ops));
    this.sizes = Float64Array.from(rows, ({ size }) => amountOf(quantities, size));
    this.hasNoSize = this.sizes.includes(0);
    this.durationNs = new Array<Float64Array>(workload.pp).fill(this.ownTimes(0));
    this.heads = lists.of(0, strideOf(workload, 'pp'), workload.pp);
  }

  /** Sets the times to those of a system, or tells why the program comes to no end with it. */
  read(system: System): Stop | undefined {
    if (this.hasNoSize) return NO_SIZE;
    const last = this.last;
    const changes = changesOf(last, system);
    this.last = system;
    if (changes === ALL) {
      this.stagesAgree = stagesAgree(system, this.workload);
      if (!this.stagesAgree)
        for (let stage = 0; stage < this.workload.pp; stage++) this.durationNs[stage] = this.ownTimes(stage);
      if (!this.stagesAgree || !computesAlike(last, system)) this.readComputations(system);
    }
    const stages = this.stagesAgree ? 1 : this.workload.pp;
    this.addCells(stages);
    let stop = this.gathersStop(system);
    for (let i = 0; i < stages * GROUPS.length; i++) {
      const cell = this.cells[i]!;
      if (changes === ALL || (cell.dimensions & changes) !== 0) this.readCell(system, cell);
      stop ??= cell.stop;
    }
    if (changes !== 0) this.readSends(system);
    return stop ?? this.firstStop(system);
  }

  /** Why the program comes to no end with a system, as {@link read} tells, which sets no time here: that costs much less. */
  stopOf(system: System): Stop | undefined {
    if (this.hasNoSize) return NO_SIZE;
    const stages = stagesAgree(system, this.workload) ? 1 : this.workload.pp;
    this.addCells(stages);
    let stop = this.gathersStop(system);
    for (let i = 0; i < stages * GROUPS.length && stop === undefined; i++) {
      const { members, collectives } = this.cells[i]!;
      for (const { kind, bytes } of collectives) stop ??= groupStop(system, members, kind, bytes);
    }
    return stop ?? this.firstStop(system);
  }

  private firstStop(system: System): Stop | undefined {
    const row = this.pieces.firstRowOf(this.pieces.embedding);
    return computeNs(system, this.ops[row]!, this.sizes[row]!) > 0 ? undefined : NO_TIME;
  }

  private addCells(stages: number): void {
    for (let stage = this.cells.length / GROUPS.length; stage < stages; stage++)
      this.cells.push(...this.cellsOf(stage));
  }

  /** Gathers of sharded weights wait for nothing, so they begin with the run. */
  private gathersStop(system: System): Stop | undefined {
    return this.workload.sharded ? stopAtOnce(system, this.cells[0]!.members) : undefined;
  }

  private cellsOf(stage: number): Cell[] {
    const { workload, pieces, sizes } = this;
    const base = stage * strideOf(workload, 'pp');
    return GROUPS.map((group) => {
      const collectives: Collective[] = [];
      pieces.rows.forEach(({ collective: kind, group: of }, row) => {
        if (kind === undefined || of !== group) return;
        const same = collectives.find((other) => other.kind === kind && other.bytes === sizes[row]);
        if (same === undefined) collectives.push({ kind, bytes: sizes[row]!, rows: [row] });
        else same.rows.push(row);
      });
      const members = this.lists.of(base, strideOf(workload, group), workload[group]);
      return { stage, members, collectives, dimensions: ALL, stop: undefined };
    });
  }

  private readComputations(system: System): void {
    const { computations } = this.pieces;
    const stages = this.stagesAgree ? 1 : this.workload.pp;
    for (let i = 0; i < computations.length; i++) {
      const row = computations[i]!;
      const ns = computeNs(system, this.ops[row]!, this.sizes[row]!);
      for (let stage = 0; stage < stages; stage++) this.durationNs[stage]![row] = ns;
    }
    this.version++;
  }

  private ownTimes(place: number): Float64Array {
    this.own[place] ??= new Float64Array(this.pieces.rows.length);
    return this.own[place];
  }

  private readSends(system: System): void {
    const { pp } = this.workload;
    const { forward, backward, toHead, fromHead } = this.pieces.sends;
    const stride = strideOf(this.workload, 'pp');
    const last = pp - 1;
    const head = headStageOf(shapeOf(this.workload));
    if (this.stagesAgree) this.readAgreeing(system, head);
    const read = (block: Block, from: number, to: number) => {
      const row = this.pieces.firstRowOf(block);
      this.durationNs[from]![row] = routeNs(system, from * stride, to * stride, this.sizes[row]!);
    };
    for (let stage = 0; stage < last && !this.stagesAgree; stage++) {
      read(forward, stage, stage + 1);
      read(backward, stage + 1, stage);
    }
    read(toHead, last, head);
    read(fromHead, head, last);
  }

  /** Stages that agree have the times of the first one but for their sends, which depend on the links to their neighbours. */
  private readAgreeing(system: System, head: number): void {
    const { pp } = this.workload;
    const last = pp - 1;
    const { forward, backward } = this.pieces.sends;
    const [forwardRow, backwardRow] = [this.pieces.firstRowOf(forward), this.pieces.firstRowOf(backward)];
    const ring = this.heads.links(system);
    // A gradient has the size of the activations, and comes back over their link.
    ring.readTimes(system, this.sizes[forwardRow]!);
    const { links, timesNs } = ring;
    let known = 0;
    for (let stage = 0; stage < pp; stage++) {
      const backwardNs = stage > 0 ? timesNs[links[stage - 1]!]! : 0;
      const forwardNs = stage < last ? timesNs[links[stage]!]! : 0;
      const alone = stage === 0 || stage === last || stage === head;
      let place = alone ? known : 1;
      while (place < known && !this.sendsTake(place, forwardRow, forwardNs, backwardRow, backwardNs)) place++;
      const times = this.ownTimes(place);
      if (place >= known) {
        known = place + 1;
        if (place > 0) copyTimes(this.own[0]!, times);
        times[forwardRow] = forwardNs;
        times[backwardRow] = backwardNs;
      }
      this.durationNs[stage] = times;
    }
  }

  private sendsTake(
    place: number,
    forwardRow: number,
    forwardNs: number,
    backwardRow: number,
    backwardNs: number,
  ): boolean {
    const times = this.own[place]!;
    return times[forwardRow] === forwardNs && times[backwardRow] === backwardNs;
  }

  private readCell(system: System, cell: Cell): void {
    const { stage, members, collectives } = cell;
    cell.stop = undefined;
    cell.dimensions = 0;
    if (collectives.length === 0) return;
    cell.dimensions = dimensionsOf(system, members);
    for (const { kind, bytes, rows } of collectives) {
      const time = groupNs(system, members, kind, bytes);
      if (typeof time !== 'number') cell.stop = time;
      const ns = typeof time === 'number' ? time : 0;
      for (let i = 0; i < rows.length; i++) this.durationNs[stage]![rows[i]!] = ns;
    }
    this.version++;
  }
}

/** Of few numbers that is faster than `set`. */
function copyTimes(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < from.length; row++) to[row] = from[row]!;
}

/** Dimensions that a group's collectives depend on: those of a ring's messages, and all where more than a ring may run. */
function dimensionsOf(system: System, members: Members): number {
  const second = system.dimensions[1];
  if (members.count === system.npus || second === undefined || second.algorithms.includes(undefined)) return ALL;
  return members.links(system).dimensions;
}
