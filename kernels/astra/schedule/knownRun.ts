/**
 * The events of a stage of which it is known what follows, one after another: what {@link Stage.pass} does, in one loop over the records of
 * states, for most events are such.
 */
import type { KnownProgress } from './knownProgress.js';
import { COMMUNICATE, COMPUTE, FREE, SLOTS } from './nodes.js';
import { NODE_BITS, NODE_MASK, STATE, STRETCHES_AT, STRETCHES_MASK } from './progressStates.js';
import type { Stage } from './stage.js';

/**
 * Passes what a stage runs, up to a node that stops it, to an event of which it is not known what follows, or to one that begins what
 * may stand for nodes that are left out of the graph.
 */
export function passKnown(stage: Stage, progress: KnownProgress): void {
  if (stage.isStretching()) return;
  const { durationNs, endNs, exposedNs, nodes, ranks, running, startNs, watch } = stage;
  const { groups, slots, stops, updates } = nodes;
  const { rowOf } = nodes.graph;
  const { passed, records } = progress.states;
  const notHere = stage.leavesOut ? STRETCHES_MASK << STRETCHES_AT : 0;
  let { state } = progress;
  let { begun, computeNs, nowNs, sinceNs, updateNs } = stage;
  let computing = running[COMPUTE]!;
  let communicating = running[COMMUNICATE]!;
  for (;;) {
    const alone = computing === FREE || communicating === FREE;
    let slot = COMPUTE;
    if (computing === FREE) slot = COMMUNICATE;
    else if (communicating !== FREE) {
      const aheadNs = endNs[COMMUNICATE]! - endNs[COMPUTE]!;
      if (aheadNs < 0 || (aheadNs === 0 && ranks[COMMUNICATE]! < ranks[COMPUTE]!)) slot = COMMUNICATE;
    }
    const node = slot === COMPUTE ? computing : communicating;
    if (node === FREE || stops[rowOf[node]!] === 1) break;
    const at = state * STATE.places;
    const follows = at + (alone ? STATE.alone : STATE.ends + SLOTS * slot);
    const next = records[follows]!;
    const begins = records[follows + 1]!;
    if (next === 0 || (begins & notHere) !== 0) break;
    nowNs = endNs[slot]!;
    const ns = nowNs - sinceNs;
    if (computing === FREE) exposedNs[groups[rowOf[communicating]!]!]! += ns;
    else {
      computeNs += ns;
      if (updates[rowOf[computing]!] === 1) updateNs += ns;
    }
    if (alone) {
      const to = records[at + STATE.passedTo]!;
      for (let i = records[at + STATE.passedFrom]!; i < to; i++) {
        const other = passed[i]!;
        const row = rowOf[other]!;
        const rowNs = durationNs[row]!;
        nowNs += rowNs;
        if (slots[other] === COMMUNICATE) exposedNs[groups[row]!]! += rowNs;
        else {
          computeNs += rowNs;
          if (updates[row] === 1) updateNs += rowNs;
        }
        watch?.touch(other);
      }
    }
    sinceNs = nowNs;
    if (slot === COMPUTE) computing = FREE;
    else communicating = FREE;
    const computes = (begins & NODE_MASK) - 1;
    if (computes >= 0) {
      computing = computes;
      startNs[COMPUTE] = nowNs;
      endNs[COMPUTE] = nowNs + durationNs[rowOf[computes]!]!;
      ranks[COMPUTE] = begun++;
      watch?.touch(computes);
    }
    const communicates = ((begins >> NODE_BITS) & NODE_MASK) - 1;
    if (communicates >= 0) {
      communicating = communicates;
      startNs[COMMUNICATE] = nowNs;
      endNs[COMMUNICATE] = nowNs + durationNs[rowOf[communicates]!]!;
      ranks[COMMUNICATE] = begun++;
      watch?.touch(communicates);
    }
    state = next - 1;
  }
  running[COMPUTE] = computing;
  running[COMMUNICATE] = communicating;
  stage.begun = begun;
  stage.computeNs = computeNs;
  stage.nowNs = nowNs;
  stage.sinceNs = sinceNs;
  stage.updateNs = updateNs;
  progress.state = state;
}
