/**
 * A lower bound of a step's time in ASTRA-sim, without its schedule: what the first micro-batch goes through in turn, and what
 * one slot of one stage has to do. It is what certifies an optimum without running every design.
 */

import { BlockOrder, BlockPath, rowsBehind } from './blockPaths.js';
import type { Pieces } from './graph/pieces.js';
import { type Block, INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, type Row } from './graph/rows.js';
import { headStageOf, layersOn, type Shape } from './graph/shape.js';
import { COMMUNICATE, COMPUTE, slotOfRow } from './schedule/nodes.js';
import { type RowTimes, shapeOf } from './schedule/rowTimes.js';

const SLOTS = [COMPUTE, COMMUNICATE];

/** Places of rows among all rows. */
type Places = readonly number[];

function sumNs(durationNs: Float64Array, places: Places): number {
  let sum = 0;
  for (let i = 0; i < places.length; i++) sum += durationNs[places[i]!]!;
  return sum;
}

/** What a layer and the head bring to the bound, for all workloads of the same pieces. */
export class Paths {
  /** From a layer's input to its output, and from the gradient of the one to that of the other. */
  readonly forward: BlockPath;
  readonly backward: BlockPath;
  /** The same for the last of all layers. */
  readonly lastBackward: BlockPath;
  /** From gathering its weights to its output, and its gathers. */
  readonly gathered: BlockPath | undefined;
  readonly gathers: Places;
  readonly head: BlockPath;
  /** On each slot: a layer's rows, and those behind the gradient of its output with its update. */
  readonly all: readonly Places[];
  readonly returning: readonly Places[];

  constructor(private readonly pieces: Pieces) {
    const { layer, head, sums, updates } = pieces;
    const output = layer.placeOf(OUTPUT);
    const inputGradient = layer.placeOf(INPUT_GRADIENT);
    const order = new BlockOrder(layer, new Map([[OUTPUT_GRADIENT, [output]]]));
    const ended = this.communicates() ? order.readyBehind(output, COMMUNICATE) : [];
    const inner = new BlockOrder(layer, new Map([[OUTPUT_GRADIENT, [output, ...ended]]]));
    const first = pieces.firstRowOf(layer);
    this.forward = new BlockPath(order, INPUT, output, first);
    this.backward = new BlockPath(inner, OUTPUT_GRADIENT, inputGradient, first);
    this.lastBackward = new BlockPath(order, OUTPUT_GRADIENT, inputGradient, first);
    const gather = layer.rows.findIndex(({ name }) => name === 'gather weights');
    this.gathered = gather < 0 ? undefined : new BlockPath(order, gather, output, first);
    this.gathers = this.placesOf(layer, ({ name }) => name.startsWith('gather weights'));
    this.head = new BlockPath(new BlockOrder(head), OUTPUT, head.placeOf('head dX'), pieces.firstRowOf(head));
    const behind = new Set(rowsBehind(order, OUTPUT_GRADIENT).map((row) => layer.rows[row]));
    const onSlot = (slot: number, block: Block, wanted: (row: Row) => boolean = () => true) =>
      this.placesOf(block, (row) => slotOfRow(row) === slot && wanted(row));
    this.all = SLOTS.map((slot) => onSlot(slot, layer));
    this.returning = SLOTS.map((slot) => [
      ...onSlot(slot, layer, (row) => behind.has(row)),
      ...onSlot(slot, sums[0]),
      ...onSlot(slot, updates[0]),
    ]);
  }

  /**
   * Does every layer communicate on its way forward? Then so does what follows any layer but the last, on the same stage: the
   * next layer, or a send. It is served after all collectives that the layer had ready, for its number is higher; so these
   * have ended before the gradient comes back.
   */
  private communicates(): boolean {
    const names = ['gather QKV input', 'reduce projection', 'gather K'];
    return this.pieces.layer.rows.some(({ name }) => names.includes(name));
  }

  private placesOf(block: Block, wanted: (row: Row) => boolean): number[] {
    const first = this.pieces.firstRowOf(block);
    return block.rows.flatMap((row, place) => (wanted(row) ? [first + place] : []));
  }
}

/** What one layer on a stage comes to, ns; see {@link Paths}. */
interface LayerTimes {
  forward: number;
  backward: number;
  lastBackward: number;
  gathered: number;
  gathers: number;
  readonly all: Float64Array;
  readonly returning: Float64Array;
}

/**
 * The bound of one workload, for one network after another.
 *
 * Why it holds. (1) Every node begins when all that it waits for has ended, and after what the ready list forces before it
 * (BlockOrder). So the first micro-batch's way through the embedding, all layers, the head, back through all layers and into
 * the embedding's update takes at least the longest path of each part, one after another. (2) A slot does one thing at a time:
 * what is ready only after some instant ends no earlier than that instant plus the sum of it. The rows behind the gradient of
 * a layer's output are such, from the instant at which the gradient enters the stage; and all rows of a slot, from 0.
 * (3) Gathers of weights wait for nothing, so a stage's come in the order of their numbers, each before those of later layers.
 * All times are whole nanoseconds, so the sums are exact and the bound is no larger than the time, to the bit.
 *
 * @example
 * const bound = new StepBound(times);
 * if (times.read(system) === undefined) bound.timeNs(); // <= the time at which the last stage ends
 */
export class StepBound {
  private readonly shape: Shape;
  private readonly layers: readonly LayerTimes[];
  private version = 0;

  /** @param paths those of the times' pieces */
  constructor(
    private readonly times: RowTimes,
    private readonly paths = new Paths(times.pieces),
  ) {
    this.shape = shapeOf(times.workload);
    this.layers = times.durationNs.map(() => ({
      forward: 0,
      backward: 0,
      lastBackward: 0,
      gathered: 0,
      gathers: 0,
      all: new Float64Array(SLOTS.length),
      returning: new Float64Array(SLOTS.length),
    }));
  }

  /** For the times as they are. */
  timeNs(): number {
    if (this.version !== this.times.version) this.readLayers();
    this.version = this.times.version;
    const { sends } = this.times.pieces;
    let nowNs = this.headEndsNs();
    let boundNs = 0;
    for (let stage = this.shape.stages - 1; stage >= 0; stage--) {
      const { backward, lastBackward, all, returning } = this.layerOn(stage);
      const count = layersOn(this.shape, stage);
      for (let slot = 0; slot < SLOTS.length; slot++) {
        const loadNs = count * this.shape.microBatches * all[slot]!;
        boundNs = Math.max(boundNs, loadNs, nowNs + count * returning[slot]!);
      }
      nowNs += stage === this.shape.stages - 1 ? (count - 1) * backward + lastBackward : count * backward;
      if (stage > 0) nowNs += this.pieceNs(stage, sends.backward);
    }
    return Math.max(boundNs, nowNs + this.embeddingUpdateNs());
  }

  private layerOn(stage: number): LayerTimes {
    return this.layers[this.times.stagesAgree ? 0 : stage]!;
  }

  private readLayers(): void {
    const stages = this.times.stagesAgree ? 1 : this.shape.stages;
    for (let stage = 0; stage < stages; stage++) {
      const durationNs = this.times.durationNs[stage]!;
      const layer = this.layers[stage]!;
      layer.forward = this.paths.forward.longestNs(durationNs);
      layer.backward = this.paths.backward.longestNs(durationNs);
      layer.lastBackward = this.paths.lastBackward.longestNs(durationNs);
      layer.gathered = this.paths.gathered?.longestNs(durationNs) ?? 0;
      layer.gathers = sumNs(durationNs, this.paths.gathers);
      for (let slot = 0; slot < SLOTS.length; slot++) {
        layer.all[slot] = sumNs(durationNs, this.paths.all[slot]!);
        layer.returning[slot] = sumNs(durationNs, this.paths.returning[slot]!);
      }
    }
  }

  /** All rows of a piece, one after another. */
  private pieceNs(stage: number, block: Block): number {
    const durationNs = this.times.durationNs[stage]!;
    const first = this.times.pieces.firstRowOf(block);
    let sum = 0;
    for (let row = 0; row < block.rows.length; row++) sum += durationNs[first + row]!;
    return sum;
  }

  private rowNs(stage: number, block: Block, name: string): number {
    return this.times.durationNs[stage]![this.times.pieces.firstRowOf(block) + block.placeOf(name)]!;
  }

  /** The gradient of the last layer's output is there no earlier. */
  private headEndsNs(): number {
    const { embedding, first, last, sends } = this.times.pieces;
    const lastStage = this.shape.stages - 1;
    let nowNs = this.rowNs(0, embedding, 'embedding') + this.pieceNs(0, first);
    for (let stage = 0; stage <= lastStage; stage++) {
      const { forward, gathers, gathered } = this.layerOn(stage);
      const count = layersOn(this.shape, stage);
      nowNs = Math.max(nowNs + count * forward, (count - 1) * gathers + gathered);
      if (stage < lastStage) nowNs += this.pieceNs(stage, sends.forward);
    }
    const headStage = headStageOf(this.shape);
    // No time where the head is on the last stage.
    const away = this.pieceNs(lastStage, sends.toHead) + this.pieceNs(headStage, sends.fromHead);
    return nowNs + away + this.paths.head.longestNs(this.times.durationNs[headStage]!) + this.pieceNs(lastStage, last);
  }

  /** From the gradient of the first layer's input to the end of the embedding's update. */
  private embeddingUpdateNs(): number {
    const { embedding, sums, updates } = this.times.pieces;
    return this.rowNs(0, embedding, 'embedding dW') + this.pieceNs(0, sums[1]) + this.pieceNs(0, updates[1]);
  }
}
