/** What all runs of a stage's graph share, by its rows and nodes. */
import { GATHERS, GROUP, INPUT_GRADIENT, OUTPUT, type Row } from '../graph/rows.js';
import type { StageGraph } from '../graph/stageGraph.js';
import { passMarks } from './passes.js';
import { STRETCH } from './stretch.js';

export const COMPUTE = 0;
export const COMMUNICATE = 1;
export const SLOTS = 2;
export const FREE = -1;

/** What a node is that waits for none any more, in the place of how many it waits for. */
export const READY = -1;
export const RUNNING = -2;
export const DONE = -3;

/** How many nodes each one waits for, or what it is. */
export type Waits = Int32Array | Int8Array;

/** The slot that a row runs on. */
export function slotOfRow({ collective, group }: Row): number {
  return collective === undefined && group !== 'pp' ? COMPUTE : COMMUNICATE;
}

export class Nodes {
  /** Of each row: its group, whether it updates weights, and what its nodes may stand for. */
  readonly groups: Uint8Array;
  readonly updates: Uint8Array;
  readonly stretches: Uint8Array;
  /** Rows whose ends tell where a pass is. */
  readonly marks: Uint8Array;
  /** Rows at whose end others have something to do. */
  readonly stops: Uint8Array;
  /** By the direction of a pass: the place of the node in a layer with which it ends that. */
  readonly ends: readonly number[];
  /** Of each node: its slot, and whether it ends on another stage. */
  readonly slots: Uint8Array;
  readonly leaves: Uint8Array;
  /** Layer of each node; −1 for those of none. */
  readonly layerOf: Int32Array;
  /** Is each node a gather of weights? Places of those in a layer. */
  readonly gatherOf: Uint8Array;
  readonly gatherPlaces: readonly number[];
  /** The last gather; FREE where there is none. */
  readonly lastGather: number;
  /** Nodes that wait for nothing. */
  readonly sources: Int32Array;

  constructor(readonly graph: StageGraph) {
    const { pieces, rowOf, span, nodes, waits } = graph;
    const { rows, layer } = pieces;
    const slots = Uint8Array.from(rows, slotOfRow);
    this.groups = Uint8Array.from(rows, ({ group }) => GROUP[group]);
    this.updates = Uint8Array.from(rows, ({ name }) => Number(name === 'sum gradients' || name === 'update'));
    this.marks = passMarks(pieces);
    this.stops = this.marks.map((mark, row) => Number(mark > 0 || rows[row]!.group === 'pp'));
    this.ends = [FREE, layer.placeOf(OUTPUT), layer.placeOf(INPUT_GRADIENT)];
    this.gatherPlaces = GATHERS.flatMap((name) => layer.placeOf(name) ?? []);
    this.stretches = new Uint8Array(rows.length);
    for (const place of this.gatherPlaces) this.stretches[pieces.firstRowOf(layer) + place] = STRETCH.gathers;
    this.stretches[pieces.firstRowOf(pieces.sums[0])] = STRETCH.sums;
    this.stretches[pieces.firstRowOf(pieces.updates[0])] = STRETCH.updates;
    this.slots = new Uint8Array(nodes);
    this.leaves = new Uint8Array(nodes);
    const sources: number[] = [];
    for (let node = 0; node < nodes; node++) {
      const row = rowOf[node]!;
      this.slots[node] = slots[row]!;
      this.leaves[node] = Number(rows[row]!.group === 'pp');
      if (waits[node] === 0) sources.push(node);
    }
    this.sources = Int32Array.from(sources);
    this.layerOf = new Int32Array(nodes).fill(-1);
    this.gatherOf = new Uint8Array(nodes);
    const width = layer.rows.length;
    for (let l = 0; l < span.layers; l++) {
      const start = span.firstLayer + l * width;
      this.layerOf.fill(l, start, start + width);
      this.layerOf[span.firstSum + l] = l;
      this.layerOf[span.firstUpdate + l] = l;
      for (const gather of this.gatherPlaces) this.gatherOf[start + gather] = 1;
    }
    const lastLayer = span.firstLayer + (span.layers - 1) * width;
    this.lastGather =
      this.gatherPlaces.length === 0 ? FREE : lastLayer + this.gatherPlaces[this.gatherPlaces.length - 1]!;
  }
}
