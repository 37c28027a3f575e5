/**
 * Layers that a pass enters with a clear stage: nothing runs and nothing is ready but in the layer itself. What follows until
 * the next layer is entered depends on that layer alone, so one that is entered alike, be it on another stage, takes as long and
 * leaves as much. Why this is exact stands in docs/astra-sim.md.
 */
import type { Span } from '../graph/opGraph.js';
import { Elapsed } from './elapsed.js';
import type { LayerPattern } from './layerPatterns.js';
import { DONE, FREE, RUNNING, SLOTS } from './nodes.js';
import { BACKWARD, FORWARD } from './passes.js';
import { LEAP } from './progress.js';
import type { Stage } from './stage.js';

/** A layer as it is entered. */
class Entry {
  /** What its nodes are, and for how long yet each slot runs one of them. */
  pattern: LayerPattern | undefined;
  private readonly restNs = new Float64Array(SLOTS);
  private computeFirst = false;

  /** Reads a layer; false where the stage is not clear beside it. */
  read(stage: Stage, layer: number, start: number, width: number): boolean {
    let runs = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const node = stage.running[slot]!;
      this.restNs[slot] = node === FREE ? 0 : stage.endNs[slot]! - stage.nowNs;
      if (node === FREE) continue;
      if (node < start || node >= start + width || stage.isStretched(slot)) return false;
      runs++;
    }
    if (runs === 0) return false;
    const pattern = stage.progress.layer(layer);
    this.pattern = pattern;
    this.computeFirst = runs === SLOTS && stage.computeBeganFirst();
    return pattern.readies === stage.progress.readies;
  }

  equals(other: Entry): boolean {
    for (let slot = 0; slot < SLOTS; slot++) if (this.restNs[slot] !== other.restNs[slot]) return false;
    return this.computeFirst === other.computeFirst && this.pattern!.equals(other.pattern!);
  }

  become(other: Entry): void {
    this.pattern = other.pattern;
    for (let slot = 0; slot < SLOTS; slot++) this.restNs[slot] = other.restNs[slot]!;
    this.computeFirst = other.computeFirst;
  }
}

/** A layer from when it is entered until the next one is, alike. */
class LayerRun {
  known = false;
  readonly entry = new Entry();
  /** What its nodes are in the end. */
  left: LayerPattern | undefined;
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
    if (!this.now.read(this.stage, layer, this.startOf(layer), this.width)) return false;
    const run = this.known.runs[direction - 1]!;
    const follows = entered >= 0 && entered === layer - step && direction === this.direction;
    if (follows && this.now.equals(this.begun)) {
      run.known = true;
      run.entry.become(this.begun);
      run.left = this.stage.progress.layer(entered);
      run.elapsed.readSince(this.stage, this.begunAt);
    }
    const count = direction === FORWARD ? this.span.layers - layer : layer + 1;
    if (run.known && run.entry.equals(this.now)) {
      const last = this.lastNode(direction, layer + step * (count - 1));
      this.skip(run.left!, layer, step, count, last);
      run.elapsed.pass(this.stage, count + leftOut);
      this.stage.endNow(last);
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

  /** Layers become what a layer leaves, but for a node that is about to end. */
  private skip(left: LayerPattern, layer: number, step: number, count: number, ending: number): void {
    const { span, width } = this;
    const first = step > 0 ? layer : layer - count + 1;
    const start = this.startOf(first);
    // A layer of a stage of which no states are kept has no number.
    const leaves = 2 * (layer + span.layers * left.number) + Number(step > 0);
    const key = left.number < 0 ? undefined : LEAP.clear + LEAP.kinds * leaves;
    this.stage.leap(key, (waits) => {
      for (let place = 0; place < count * width; place++) waits[start + place] = left.waits[place % width]!;
      if (step < 0)
        for (const row of [span.firstSum, span.firstUpdate]) waits.fill(DONE, row + first, row + first + count);
      waits[ending] = RUNNING;
    });
  }
}
