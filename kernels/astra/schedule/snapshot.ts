/** A stage at the end of a layer, to be compared with what it is at the end of the next one. */
import { WIDEST_LAYER } from '../graph/rows.js';
import { Elapsed } from './elapsed.js';
import { SLOTS } from './nodes.js';

/** Layers whose state is compared: those behind the front of a pass, and those before it that gathers may have reached. */
export const BEHIND = 2;
export const AHEAD = 2;
export const KEPT = BEHIND + AHEAD + 2;

/** What a stage was at the end of a layer. */
export class Snapshot {
  forward = false;
  layer = -1;
  /** First of the layers that are kept, and how many they are. */
  firstLayer = 0;
  layers = 0;
  readonly waits = new Int32Array(KEPT * WIDEST_LAYER);
  readonly sums = new Int32Array(KEPT);
  readonly updates = new Int32Array(KEPT);
  readonly running = new Int32Array(SLOTS);
  readonly restNs = new Float64Array(SLOTS);
  computeFirst = false;
  readonly at = new Elapsed();
  gathersBegun = 0;
  gathersEnded = 0;
}
