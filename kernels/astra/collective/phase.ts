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

/** The program's algorithms without a window. */
const ALGORITHMS: Readonly<Record<string, number>> = {
  ring: ALGORITHM.ring,
  direct: ALGORITHM.direct,
  halvingDoubling: ALGORITHM.halvingDoubling,
  doubleBinaryTree: ALGORITHM.doubleBinaryTree,
};
const CODES = Object.values(ALGORITHMS);
const IS_CODE = Array.from({ length: WINDOWED }, (_, code) => CODES.includes(code));

/** The code of an algorithm that ASTRA-sim's configuration names; undefined if it is none that is known here. */
export function algorithmNamed(name: string): number | undefined {
  const window = /^direct(\d+)$/.exec(name);
  return window !== null ? WINDOWED + Number(window[1]) : ALGORITHMS[name];
}

/** Does the program have an algorithm? */
export function hasAlgorithm(algorithm: number): boolean {
  return algorithm >= WINDOWED || IS_CODE[algorithm] === true;
}

/** As {@link algorithmNamed} has it. */
export function algorithmName(algorithm: number): string {
  if (algorithm >= WINDOWED) return `direct${algorithm - WINDOWED}`;
  return Object.keys(ALGORITHM)[algorithm]!;
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

/** A message of halving-doubling: to the NPU so much further or before, and what is reduced before it leaves. */
interface HalvingDoublingMessage {
  readonly distance: number;
  readonly bytes: number;
  readonly reducedBytes: number;
}

/** Messages of halving-doubling that follow one another. */
export function halvingDoublingSteps(kind: number, npus: number): number {
  const levels = 31 - Math.clz32(npus);
  return kind === COLLECTIVE.allReduce ? 2 * levels : levels;
}

/**
 * One of them, from 0. The program halves a size without its remainder, and doubles back from what it has halved once more. The
 * one reduction less than messages, each of the size of the next message, is the program's.
 */
export function halvingDoublingMessage(
  kind: number,
  npus: number,
  bytes: number,
  message: number,
): HalvingDoublingMessage {
  const levels = 31 - Math.clz32(npus);
  if (kind === COLLECTIVE.allGather) {
    return { distance: npus >> (message + 1), bytes: bytes * 2 ** message, reducedBytes: 0 };
  }
  const halvings = Math.min(message, levels) + 1;
  const halved = Math.floor(bytes / 2 ** halvings);
  if (message < levels) return { distance: 2 ** message, bytes: halved, reducedBytes: message > 0 ? halved : 0 };
  const doublings = message - levels + 1;
  return { distance: npus >> doublings, bytes: halved * 2 ** doublings, reducedBytes: 0 };
}

function halvingDoublingNs(lane: Lane, kind: number, bytes: number): number {
  let sumNs = lane.endpointNs;
  const steps = halvingDoublingSteps(kind, lane.npus);
  for (let i = 0; i < steps; i++) {
    const message = halvingDoublingMessage(kind, lane.npus, bytes, i);
    sumNs += laneMessageNs(lane, message.distance, message.bytes) + lane.endpointNs;
    sumNs += reductionNs(lane.system, message.reducedBytes);
  }
  return sumNs;
}

/** Messages that a direct exchange keeps in flight. */
export function windowOf(algorithm: number, npus: number): number {
  return algorithm >= WINDOWED ? Math.min(algorithm - WINDOWED, npus - 1) : npus - 1;
}

/** Time of a phase of an algorithm all of whose NPUs end together, ns. */
export function symmetricPhaseNs(lane: Lane, kind: number, algorithm: number, bytes: number): number {
  if (algorithm === ALGORITHM.ring) return ringNs(lane, kind, bytes);
  if (algorithm === ALGORITHM.halvingDoubling) return halvingDoublingNs(lane, kind, bytes);
  return windowedNs(lane, kind, windowOf(algorithm, lane.npus), bytes);
}
