/**
 * Times of one phase of a collective in ASTRA-sim, ns: one algorithm among the NPUs of one lane, all of which begin together.
 * The rules are those of its classes Ring, AllToAll and HalvingDoubling (github.com/astra-sim/astra-sim, 518bd513).
 */

import { ALGORITHM } from '../../collective/phase.js';
import { COLLECTIVE } from '../../workload/operation.js';
import { type Lane, laneMessageNs } from './lane.js';
import { reductionNs } from './message.js';
import { windowedNs } from './window.js';

/** Code of the algorithm `directK`, which keeps K messages in flight. */
export const WINDOWED = 16;

/** The code of an algorithm that ASTRA-sim's configuration names; undefined if it is none that is known here. */
export function algorithmNamed(name: string): number | undefined {
  const window = /^direct(\d+)$/.exec(name);
  if (window !== null) return WINDOWED + Number(window[1]);
  const algorithms: Readonly<Record<string, number>> = {
    ring: ALGORITHM.ring,
    direct: ALGORITHM.direct,
    halvingDoubling: ALGORITHM.halvingDoubling,
    doubleBinaryTree: ALGORITHM.doubleBinaryTree,
  };
  return algorithms[name];
}

function ringNs(lane: Lane, kind: number, bytes: number): number {
  const { npus, endpointNs, system } = lane;
  const message = kind === COLLECTIVE.allGather ? bytes : Math.floor(bytes / npus);
  const stepNs = laneMessageNs(lane, 1, message) + endpointNs;
  return endpointNs + ringSteps(kind, npus) * stepNs + ringReductions(kind, npus) * reductionNs(system, message);
}

/** Messages that follow one another around a ring. */
export function ringSteps(kind: number, npus: number): number {
  if (kind === COLLECTIVE.allReduce) return 2 * (npus - 1);
  return kind === COLLECTIVE.allToAll ? (npus * (npus - 1)) / 2 : npus - 1;
}

/** How many of them are reduced. */
export function ringReductions(kind: number, npus: number): number {
  return kind === COLLECTIVE.allReduce || kind === COLLECTIVE.reduceScatter ? npus - 1 : 0;
}

/** The one reduction less than messages, each of the size of the next message, is the program's. */
function halvingDoublingNs(lane: Lane, kind: number, bytes: number): number {
  const { npus, endpointNs, system } = lane;
  let sendsNs = 0;
  let reductionsNs = 0;
  if (kind === COLLECTIVE.allGather) {
    for (let distance = npus / 2, size = bytes; distance >= 1; distance /= 2, size *= 2) {
      sendsNs += laneMessageNs(lane, distance, size) + endpointNs;
    }
    return endpointNs + sendsNs;
  }
  for (let distance = 1, size = Math.floor(bytes / 2); distance < npus; distance *= 2, size = Math.floor(size / 2)) {
    sendsNs += laneMessageNs(lane, distance, size) + endpointNs;
    if (distance > 1) reductionsNs += reductionNs(system, size);
  }
  return endpointNs + (kind === COLLECTIVE.allReduce ? 2 : 1) * sendsNs + reductionsNs;
}

/** Time of a phase of an algorithm all of whose NPUs end together, ns. */
export function symmetricPhaseNs(lane: Lane, kind: number, algorithm: number, bytes: number): number {
  if (algorithm === ALGORITHM.ring) return ringNs(lane, kind, bytes);
  if (algorithm === ALGORITHM.halvingDoubling) return halvingDoublingNs(lane, kind, bytes);
  const window = algorithm > WINDOWED ? Math.min(algorithm - WINDOWED, lane.npus - 1) : lane.npus - 1;
  return windowedNs(lane, kind, window, bytes);
}
