/**
 * Layers that a stage goes through as it went through the layer before: once its state at the end of a layer is the state at the
 * end of the layer before, only a layer further, all that follows repeats, and is skipped. Why this is exact stands in
 * docs/astra-sim.md.
 */
import type { Span } from '../graph/opGraph.js';
import { GATHERS } from '../graph/rows.js';
import { ClearPass } from './clearLayers.js';
import { Elapsed } from './elapsed.js';
import { COMMUNICATE, DONE, FREE, READY, RUNNING, SLOTS, type Waits } from './nodes.js';
import { BACKWARD, ENTERS, FORWARD } from './passes.js';
import { LEAP } from './progress.js';
import { AHEAD, BEHIND, Snapshot } from './snapshot.js';
import type { Stage } from './stage.js';
import { STRETCH } from './stretch.js';

const EACH = GATHERS.length;

/** More layers, and gathers, than a graph has of which leaps are kept. */
const LAYERS = 1024;

/** How the gathers stand to the front of the forward pass. */
export const GATHERING = { other: 0, over: 1, far: 2, near: 3 } as const;

export class Steady {
  private span!: Span;
  private width = 0;
  private marks!: Uint8Array;
  private layerOf!: Int32Array;
  private gatherPlaces: readonly number[] = [];
  private gatherOf!: Uint8Array;
  private gathers = 0;
  private readonly before = new Snapshot();
  private readonly elapsed = new Elapsed();
  readonly clear: ClearPass;
  /** Since the last mark: the lowest and the highest layer of a node that ran, of gathers too; did one of no layer run? */
  private lowest = 0;
  private highest = 0;
  private lowestGather = 0;
  private others = false;
  private gathersBegun = 0;
  /** Layers that are left out of the graph and that a pass has yet to go through: forward and back. */
  private readonly toSkip = new Int32Array(BACKWARD + 1);

  /** Layers that the stage has more than its graph. */
  leftOut = 0;

  constructor(private readonly stage: Stage) {
    this.clear = new ClearPass(stage);
    this.bind();
  }

  /** The stage runs another graph from now on. */
  bind(): void {
    const { graph, marks, layerOf, gatherPlaces, gatherOf } = this.stage.nodes;
    this.span = graph.span;
    this.width = graph.pieces.layer.rows.length;
    this.marks = marks;
    this.layerOf = layerOf;
    this.gatherPlaces = gatherPlaces;
    this.gatherOf = gatherOf;
    this.gathers = gatherPlaces.length * graph.span.layers;
    this.clear.bind(graph.span, this.width);
  }

  begin(): void {
    this.gathersBegun = 0;
    this.toSkip[FORWARD] = this.leftOut;
    this.toSkip[BACKWARD] = this.leftOut;
    this.before.layer = -1;
  }

  /** A node begins. */
  touch(node: number): void {
    const layer = this.layerOf[node]!;
    if (this.gatherOf[node] === 1) {
      this.gathersBegun++;
      if (layer < this.lowestGather) this.lowestGather = layer;
      return;
    }
    if (layer < 0) this.others = true;
    else {
      if (layer < this.lowest) this.lowest = layer;
      if (layer > this.highest) this.highest = layer;
    }
  }

  gatherAgain(): void {
    this.gathersBegun--;
  }

  /** A layer has ended, or a pass enters the first one: skips what repeats. */
  mark(node: number): void {
    const mark = this.marks[this.stage.nodes.graph.rowOf[node]!]!;
    if (mark > ENTERS) {
      const direction = mark - ENTERS;
      this.enter(direction, direction === FORWARD ? 0 : this.span.layers - 1);
      return;
    }
    const forward = mark === FORWARD;
    const step = forward ? 1 : -1;
    const { before } = this;
    let layer = this.layerOf[node]!;
    if (this.enter(mark, layer + step)) return;
    // The last layer of a pass ends otherwise, for what follows it is none.
    let left = forward ? this.span.layers - 2 - layer : layer - 1;
    const follows = before.layer >= 0 && before.forward === forward && layer - before.layer === step;
    if (left > 0 && follows && !this.others && this.stage.nowNs > before.at.ns) {
      const count = forward ? this.skipForward(layer, left) : this.skipBackward(layer, left);
      layer += step * count;
      left -= count;
    }
    if (left < 0 && this.toSkip[forward ? FORWARD : BACKWARD]! > 0) this.stage.untold = true;
    if (left > 1) this.keep(forward, layer);
    else before.layer = -1;
  }

  /** Skips layers from one on that is entered as another was, if the stage has them; tells whether it did. */
  private enter(direction: number, layer: number): boolean {
    if (layer < 0 || layer >= this.span.layers) return false;
    if (!this.clear.enter(direction, layer, this.toSkip[direction]!)) return false;
    this.toSkip[direction] = 0;
    this.before.layer = -1;
    return true;
  }

  private gathersEnded(): number {
    const node = this.stage.running[COMMUNICATE]!;
    return this.gathersBegun - Number(node !== FREE && this.isGather(node));
  }

  private isGather(node: number): boolean {
    return this.gatherOf[node] === 1;
  }

  private keep(forward: boolean, layer: number): void {
    const { before, span, stage, width } = this;
    before.forward = forward;
    before.layer = layer;
    before.firstLayer = Math.max(0, forward ? layer - BEHIND : layer - 1);
    const last = Math.min(span.layers - 1, forward ? layer + AHEAD : layer + BEHIND);
    before.layers = last - before.firstLayer + 1;
    const start = span.firstLayer + before.firstLayer * width;
    const { waits } = stage;
    before.waits.set(waits.subarray(start, start + before.layers * width));
    for (let i = 0; i < before.layers; i++) {
      before.sums[i] = waits[span.firstSum + before.firstLayer + i]!;
      before.updates[i] = waits[span.firstUpdate + before.firstLayer + i]!;
    }
    this.lowest = Number.MAX_SAFE_INTEGER;
    this.highest = -1;
    this.lowestGather = Number.MAX_SAFE_INTEGER;
    this.others = false;
    for (let slot = 0; slot < SLOTS; slot++) {
      const node = stage.running[slot]!;
      before.running[slot] = node;
      before.restNs[slot] = stage.endNs[slot]! - stage.nowNs;
      if (node === FREE) continue;
      const of = this.layerOf[node]!;
      if (this.isGather(node)) this.lowestGather = of;
      else if (of < 0) this.others = true;
      else {
        this.lowest = Math.min(this.lowest, of);
        this.highest = Math.max(this.highest, of);
      }
    }
    before.computeFirst = stage.computeBeganFirst();
    before.at.read(stage);
    before.gathersBegun = this.gathersBegun;
    before.gathersEnded = this.gathersEnded();
  }

  /** Where a node of a layer lies in a layer so many further. */
  private shifted(node: number, layers: number): number {
    return node + layers * (node < this.span.firstLayer + this.span.layers * this.width ? this.width : 1);
  }

  /** Do the same nodes run, a layer further, and end as soon? */
  private runsAlike(step: number, anyGather: boolean): boolean {
    const { before, stage } = this;
    if (stage.computeBeganFirst() !== before.computeFirst) return false;
    for (let slot = 0; slot < SLOTS; slot++) {
      const [node, other] = [stage.running[slot]!, before.running[slot]!];
      if (node === FREE || other === FREE) {
        if (node !== other) return false;
        continue;
      }
      if (stage.endNs[slot]! - stage.nowNs !== before.restNs[slot]) return false;
      if (anyGather && this.isGather(node) && this.isGather(other)) continue;
      if (node !== this.shifted(other, step)) return false;
    }
    return true;
  }

  /** Are the nodes of layers what those of as many layers were, one layer before? */
  private layersAlike(from: number, to: number, step: number): boolean {
    const { before, span, width } = this;
    const { waits } = this.stage;
    const first = from - step - before.firstLayer;
    const last = to - step - before.firstLayer;
    if (first < 0 || last >= before.layers) return false;
    const start = span.firstLayer + from * width;
    const count = (to - from + 1) * width;
    for (let i = 0; i < count; i++) if (waits[start + i] !== before.waits[first * width + i]) return false;
    for (let i = from; i <= to; i++) {
      const place = i - step - before.firstLayer;
      if (waits[span.firstSum + i] !== before.sums[place]) return false;
      if (waits[span.firstUpdate + i] !== before.updates[place]) return false;
    }
    return true;
  }

  private gathering(layer: number): number {
    const { before, gathers } = this;
    if (before.gathersEnded === gathers) return GATHERING.over;
    const ahead = EACH * (layer + 2);
    const far = before.gathersEnded >= ahead && this.gathersEnded() >= ahead + EACH && this.gathersBegun < gathers;
    if (far && this.gathersTakeAsLong()) return GATHERING.far;
    return this.gathersBegun <= EACH * (layer + 1 + AHEAD) ? GATHERING.near : GATHERING.other;
  }

  /** Skips repetitions of the last layer of a forward pass, as many of those that are left as repeat; tells how many. */
  private skipForward(layer: number, left: number): number {
    const { before, gathersBegun, span } = this;
    const gathering = this.gathering(layer);
    if (gathering === GATHERING.other || (this.leftOut > 0 && gathering !== GATHERING.over)) return 0;
    if (!this.runsAlike(1, gathering === GATHERING.far)) return 0;
    const near = gathering === GATHERING.near;
    const from = near ? Math.min(this.lowest, this.lowestGather) : this.lowest;
    const to = layer + (near ? AHEAD : 1);
    if (to >= span.layers || !this.layersAlike(from, to, 1)) return 0;
    const each = gathersBegun - before.gathersBegun;
    let count = near ? Math.min(left, span.layers - 1 - to) : left;
    if (gathering === GATHERING.far) count = Math.min(count, this.gathersLast(layer, each));
    if (count <= 0) return 0;
    const gathers = gathering === GATHERING.far ? each * count : 0;
    this.move(from, to, count, gathers);
    this.gathersBegun += each * count;
    this.pass(count, FORWARD);
    return count;
  }

  /** Layers for which there are gathers to begin, and those that they are ahead of have theirs. */
  private gathersLast(layer: number, each: number): number {
    const begin = each > 0 ? Math.floor((this.gathers - this.gathersBegun) / each) : Number.MAX_SAFE_INTEGER;
    const spare = this.gathersEnded() - EACH * (layer + 3);
    return each < EACH ? Math.min(begin, Math.floor(spare / (EACH - each)) + 1) : begin;
  }

  /** As {@link skipForward}, of a backward pass, which begins when no layer has anything left of the forward pass. */
  private skipBackward(layer: number, left: number): number {
    if (this.before.gathersEnded < this.gathers || this.lowest < layer - 1) return 0;
    if (!this.runsAlike(-1, false) || !this.layersAlike(layer - 1, this.highest, -1)) return 0;
    if (this.toSkip[BACKWARD]! > 0 && !this.leaveBehind(this.highest)) return 0;
    this.move(layer - 1, this.highest, -left, 0);
    this.pass(left, BACKWARD);
    return left;
  }

  private gathersTakeAsLong(): boolean {
    const { durationNs, nodes } = this.stage;
    const [one, other] = [this.gatherNode(0), this.gatherNode(1)];
    return durationNs[nodes.graph.rowOf[one]!] === durationNs[nodes.graph.rowOf[other]!];
  }

  private gatherNode(gather: number): number {
    const layer = Math.floor(gather / EACH);
    return this.span.firstLayer + layer * this.width + this.gatherPlaces[gather % EACH]!;
  }

  /** So many more gathers end, and as many begin. */
  private endGathers(waits: Waits, count: number): void {
    const { firstSuccessor, successors } = this.stage.nodes.graph;
    const ended = this.gathersEnded();
    for (let gather = ended; gather < ended + count; gather++) {
      const node = this.gatherNode(gather);
      waits[node] = DONE;
      for (let i = firstSuccessor[node]!; i < firstSuccessor[node + 1]!; i++) waits[successors[i]!]!--;
    }
    if (this.gathersBegun > ended) waits[this.gatherNode(this.gathersBegun + count - 1)] = RUNNING;
  }

  /**
   * The nodes of some layers become those of layers further on; layers between them are as the one that is left behind.
   *
   * @param gathers so many more have ended, and have begun
   */
  private move(from: number, to: number, by: number, gathers: number): void {
    let key = 0;
    for (const part of [from, to, by + LAYERS / 2, gathers]) key = LAYERS * key + part;
    this.stage.leap(LEAP.steady + LEAP.kinds * key, (waits) => {
      if (gathers > 0) this.endGathers(waits, gathers);
      for (let i = 0; i <= to - from; i++) {
        const layer = by > 0 ? to - i : from + i;
        this.copyLayer(waits, layer, layer + by);
      }
      const left = by > 0 ? from : to;
      for (let i = Math.sign(by); i !== by; i += Math.sign(by)) this.copyLayer(waits, left, left + i);
    });
  }

  private copyLayer(waits: Waits, from: number, to: number): void {
    const { span, width } = this;
    const start = span.firstLayer + from * width;
    waits.copyWithin(span.firstLayer + to * width, start, start + width);
    for (const first of [span.firstSum, span.firstUpdate]) waits[first + to] = waits[first + from]!;
  }

  /** Layers that the graph leaves out are left as one that it has: with nothing to run, or with no more than sums or updates. */
  private leaveBehind(layer: number): boolean {
    const { span, width } = this;
    const { stretches, waits } = this.stage;
    const start = span.firstLayer + layer * width;
    for (let node = start; node < start + width; node++) if (waits[node] !== DONE) return false;
    const [sum, update] = [waits[span.firstSum + layer], waits[span.firstUpdate + layer]];
    if (sum === DONE && update === DONE) return true;
    if (sum === DONE && update === READY) stretches[STRETCH.updates]!.toCome += this.leftOut;
    else if (sum === READY) stretches[STRETCH.sums]!.toCome += this.leftOut;
    else return false;
    return true;
  }

  /** Time passes as in the last layer, so many times, and for the layers that are left out of the graph. */
  private pass(layers: number, direction: number): void {
    this.elapsed.readSince(this.stage, this.before.at);
    this.elapsed.pass(this.stage, layers + this.toSkip[direction]!);
    this.toSkip[direction] = 0;
  }
}
