/**
 * Runs a section of an op graph once, in the order of its rows: one compute resource, one for communication that the chain
 * waits for. The order on each resource is fixed, so times are sums and maxima of durations (a max-plus system) and a faster
 * part never slows the whole, unlike a ready list (Graham, SIAM J. Appl. Math. 17(2), 1969).
 */
import { categoryCode, MAX_DIMENSIONS, slotOf } from '../../psa/parameters.js';
import { collective } from '../collective/collective.js';
import { add, clear } from '../perDimension.js';
import { GROUP_COUNT, type State } from '../state.js';
import { graphInteger } from '../workload/graph.js';
import { JOIN, KIND, ROW_INTEGERS, ROW_REALS } from '../workload/operation.js';
import { rooflineUs } from '../workload/roofline.js';
import { GRAPH_INTEGER } from '../workload/tables.js';

const SLOT_SCHEDULING_POLICY = slotOf('collective.schedulingPolicy');
const SLOT_TENSOR_OVERLAP = slotOf('workload.tensorOverlap');
const SLOT_HOST_LAUNCH_US = slotOf('compute.hostLaunchUs');
const FIFO = categoryCode('collective.schedulingPolicy', 'FIFO');

/** Coefficient `column` of the row whose numbers begin at `reals`, times its scale. */
function term(s: State, reals: number, word: number, column: number): number {
  return s.tables.real[reals + column]! * s.scales[(word >>> (12 + 4 * column)) & 15]!;
}

/**
 * Runs the rows of a section. Sets
 * - `chainUs`: its time, and `chainLoadedUs`: its time if `loadUs` of other communication was queued on the dimensions before
 *   it (FIFO waits for that; LIFO, the newest first, overtakes it);
 * - `chainComputeUs`, `chainExposedUs` per group: what the time consists of; `chainBlockUs`: use of each dimension;
 * - `chainSavedMB`: activations kept, `chainCoreMB`: the part of them that selective recomputation drops;
 *   `chainLargestMB`: the largest input and output of one operation.
 */
export function chain(s: State, section: number): void {
  const first = graphInteger(s, GRAPH_INTEGER.SECTIONS + 2 * section);
  const rows = graphInteger(s, GRAPH_INTEGER.SECTIONS + 2 * section + 1);
  const overlaps = s.design[SLOT_TENSOR_OVERLAP] === 1;
  const hostLaunchUs = s.design[SLOT_HOST_LAUNCH_US]!;
  const waits = s.design[SLOT_SCHEDULING_POLICY] === FIFO;
  let computeUs = 0;
  let communicationUs = 0;
  let previousUs = 0;
  let computeLoadedUs = 0;
  let communicationLoadedUs = 0;
  let previousLoadedUs = 0;
  let group = 0;
  let previousGroup = 0;
  s.chainComputeUs = 0;
  s.chainHostUs = 0;
  s.chainSavedMB = 0;
  s.chainCoreMB = 0;
  s.chainLargestMB = 0;
  for (let i = 0; i < GROUP_COUNT; i++) s.chainExposedUs[i] = 0;
  clear(s.chainBlockUs);
  for (let row = first; row < first + rows; row++) {
    const integers = s.tables.integerRows + row * ROW_INTEGERS;
    const word = s.tables.integer[integers]!;
    const conditions = s.tables.integer[integers + 1]!;
    if ((s.flags & conditions & 0xff) !== ((conditions >>> 8) & 0xff)) continue;
    const reals = s.tables.realRows + row * ROW_REALS;
    const savedMB = term(s, reals, word, 4);
    s.chainSavedMB += savedMB;
    if (conditions >>> 16 !== 0) s.chainCoreMB += savedMB;
    const kind = word & 3;
    if (kind === KIND.collective) {
      const place = (word >>> 4) & 7;
      collective(s, (word >>> 2) & 3, place, term(s, reals, word, 1));
      if (s.collectiveUs <= 0) continue;
      s.chainHostUs += hostLaunchUs;
      previousUs = communicationUs;
      previousLoadedUs = communicationLoadedUs;
      previousGroup = group;
      group = place;
      const startUs = Math.max(computeUs, communicationUs);
      let startLoadedUs = Math.max(computeLoadedUs, communicationLoadedUs);
      for (let d = 0; d < MAX_DIMENSIONS; d++) {
        if (waits && s.busyUs[d]! > 0) startLoadedUs = Math.max(startLoadedUs, s.loadUs[d]!);
      }
      communicationUs = startUs + s.collectiveUs;
      communicationLoadedUs = startLoadedUs + s.collectiveUs;
      add(s.chainBlockUs, s.busyUs);
      s.recorder?.({ row, startUs, endUs: communicationUs });
      continue;
    }
    const join = overlaps ? (word >>> 7) & 3 : JOIN.last;
    if (join === JOIN.last) {
      s.chainExposedUs[group]! += Math.max(communicationUs - computeUs, 0);
      computeUs = Math.max(computeUs, communicationUs);
      computeLoadedUs = Math.max(computeLoadedUs, communicationLoadedUs);
    } else if (join === JOIN.previous) {
      s.chainExposedUs[previousGroup]! += Math.max(previousUs - computeUs, 0);
      computeUs = Math.max(computeUs, previousUs);
      computeLoadedUs = Math.max(computeLoadedUs, previousLoadedUs);
    }
    const activationsMB = term(s, reals, word, 1) + term(s, reals, word, 2);
    s.chainLargestMB = Math.max(s.chainLargestMB, activationsMB);
    const trafficMB = activationsMB + term(s, reals, word, 3);
    const durationUs = rooflineUs(s, kind, term(s, reals, word, 0), trafficMB);
    s.chainComputeUs += durationUs;
    s.chainHostUs += hostLaunchUs;
    computeUs += durationUs;
    computeLoadedUs += durationUs;
    s.recorder?.({ row, startUs: computeUs - durationUs, endUs: computeUs });
  }
  s.chainExposedUs[group]! += Math.max(communicationUs - computeUs, 0);
  s.chainUs = Math.max(computeUs, communicationUs);
  s.chainLoadedUs = Math.max(computeLoadedUs, communicationLoadedUs);
}
