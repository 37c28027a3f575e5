/**
 * Layers that a pass enters with a clear stage: nothing runs and nothing is ready but in the layer itself. What follows until
 * the next layer is entered depends on that layer alone, so one that is entered alike, be it on another stage, takes as long and
 * leaves as much. Why this is exact stands in docs/astra-sim.md.
 */
import type { Span } from '../graph/opGraph.js';
import { WIDEST_LAYER } from '../graph/rows.js';
import { Elapsed } from './elapsed.js';
import { COMMUNICATE, COMPUTE, FREE, SLOTS } from './nodes.js';
import { BACKWARD, FORWARD } from './passes.js';
import { DONE, READY, type Stage } from './stage.js';

/** A layer as it is entered. */
class Entry {
  /** Nodes that it has. */
  width = 0;
  /** What they are, in place of how many they wait for. */
  readonly waits = new Int32Array(WIDEST_LAYER);
  /** Their places, of what each slot runs, and for how long yet. */
  private readonly running = new Int32Array(SLOTS);
  private readonly restNs = new Float64Array(SLOTS);
  private computeFirst = false;

  /** Reads the layer that begins with a node; false where the stage is not clear beside it. */
  read(stage: Stage, start: number): boolean {
    const { waits } = stage;
    let runs = false;
    for (let slot = 0; slot < SLOTS; slot++) {
      const node = stage.running[slot]!;
      this.running[slot] = node === FREE ? FREE : node - start;
      this.restNs[slot] = node === FREE ? 0 : stage.endNs[slot]! - stage.nowNs;
      if (node === FREE) continue;
      if (node < start || node >= start + this.width || stage.isStretched(slot)) return false;
      runs = true;
    }
    let ready = 0;
    for (let place = 0; place < this.width; place++) {
      const node = waits[start + place]!;
      this.waits[place] = node;
      if (node === READY) ready++;
    }
    this.computeFirst = stage.computeBeganFirst();
    return runs && ready === stage.ready[COMPUTE]!.count + stage.ready[COMMUNICATE]!.count;
  }

  equals(other: Entry): boolean {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.running[slot] !== other.running[slot] || this.restNs[slot] !== other.restNs[slot]) return false;
    }
    const both = this.running[COMPUTE] !== FREE && this.running[COMMUNICATE] !== FREE;
    if (both && this.computeFirst !== other.computeFirst) return false;
    for (let place = 0; place < this.width; place++) if (this.waits[place] !== other.waits[place]) return false;
    return true;
  }

  become(other: Entry): void {
    this.width = other.width;
    for (let place = 0; place < this.width; place++) this.waits[place] = other.waits[place]!;
    for (let slot = 0; slot < SLOTS; slot++) {
      this.running[slot] = other.running[slot]!;
      this.restNs[slot] = other.restNs[slot]!;
    }
    this.computeFirst = other.computeFirst;
  }
}

/** A layer from when it is entered until the next one is, alike. */
class LayerRun {
  known = false;
  readonly entry = new Entry();
  /** What its nodes are in the end. */
  readonly left = new Int32Array(WIDEST_LAYER);
  readonly elapsed = new Elapsed();
}

/** The layers of a run that are known, by the direction of the pass. */
export class KnownLayers {
  readonly runs: readonly LayerRun[] = [FORWARD, BACKWARD].map(() => new LayerRun());

  forget(): void {
    for (let i = 0; i < this.runs.length; i++) this.runs[i]!.known = false;
  }
}

/** The passes of a stage through its layers. */
export class ClearPass {
  private span!: Span;
  private width = 0;
  private readonly own = new KnownLayers();
  private known = this.own;
  private readonly now = new Entry();
  private readonly begun = new Entry();
  private readonly begunAt = new Elapsed();
  /** The layer that was entered last with a clear stage, and the pass that did; −1 for none. */
  private layer = -1;
  private direction = FORWARD;

  constructor(private readonly stage: Stage) {}

  /** The stage has other layers from now on, of so many rows. */
  bind(span: Span, width: number): void {
    this.span = span;
    this.width = width;
    this.now.width = width;
  }

  /** @param shared what is known of other stages that do the same */
  begin(shared: KnownLayers | undefined): void {
    this.own.forget();
    this.known = shared ?? this.own;
    this.layer = -1;
  }

  /**
   * A pass enters a layer. Where it is known what that does, it is skipped, and so are those behind it. What follows the last of
   * the stage is another thing, so its last node is left to end; nothing runs beside that.
   *
   * @param leftOut layers that the graph leaves out, to be skipped with them
   * @returns whether layers are skipped
   */
  enter(direction: number, layer: number, leftOut: number): boolean {
    const step = direction === FORWARD ? 1 : -1;
    const entered = this.layer;
    this.layer = -1;
    if (!this.now.read(this.stage, this.startOf(layer))) return false;
    const run = this.known.runs[direction - 1]!;
    const follows = entered >= 0 && entered === layer - step && direction === this.direction;
    if (follows && this.now.equals(this.begun)) {
      run.known = true;
      run.entry.become(this.begun);
      run.left.set(this.stage.waits.subarray(this.startOf(entered), this.startOf(entered + 1)));
      run.elapsed.readSince(this.stage, this.begunAt);
    }
    const count = direction === FORWARD ? this.span.layers - layer : layer + 1;
    if (run.known && run.entry.equals(this.now)) {
      this.skip(run, layer, step, count);
      run.elapsed.pass(this.stage, count + leftOut);
      this.stage.endNow(this.lastNode(direction, layer + step * (count - 1)));
      return true;
    }
    this.begun.become(this.now);
    this.begunAt.read(this.stage);
    this.layer = layer;
    this.direction = direction;
    return false;
  }

  /** The node with which a pass ends a layer. */
  private lastNode(direction: number, layer: number): number {
    return this.startOf(layer) + this.stage.nodes.ends[direction]!;
  }

  private startOf(layer: number): number {
    return this.span.firstLayer + layer * this.width;
  }

  /** Layers become what a layer leaves. */
  private skip({ entry, left }: LayerRun, layer: number, step: number, count: number): void {
    const { span, stage, width } = this;
    const { waits } = stage;
    const { slots } = stage.nodes;
    const start = this.startOf(layer);
    for (let place = 0; place < width; place++) {
      if (entry.waits[place] === READY) stage.ready[slots[start + place]!]!.remove(start + place);
    }
    const first = step > 0 ? start : this.startOf(layer - count + 1);
    for (let place = 0; place < width; place++) waits[first + place] = left[place]!;
    for (let done = 1; done < count; ) {
      const more = Math.min(done, count - done);
      waits.copyWithin(first + done * width, first, first + more * width);
      done += more;
    }
    if (step > 0) return;
    for (const row of [span.firstSum, span.firstUpdate]) waits.fill(DONE, row + layer - count + 1, row + layer + 1);
  }
}
