/** A collective around one flat ring, as ASTRA-sim runs those of communicator groups: twin of flatRing.wgsl. */
import { COLLECTIVE } from '../../workload/operation.js';
import { type Chunks, queuesOf, serversOf } from './chunks.js';
import { GROUP_ENDPOINT_NS, reductionNs, routeNs, type System } from './message.js';
import { ringReductions, ringSteps } from './phase.js';

/** A flat ring whose links may differ. */
export interface FlatRing {
  readonly system: System;
  readonly members: readonly number[];
  readonly messageBytes: number;
  /** Chunks one after another, messages one after another, and how many of those are reduced. */
  readonly rounds: number;
  readonly steps: number;
  readonly reductions: number;
}

/** Chunks that the fullest server of the group's one station works off. */
function roundsOf(system: System, kind: number, chunks: number): number {
  return Math.ceil(Math.ceil(chunks / queuesOf(system, kind, false).count) / serversOf(system));
}

/** The ring of a group, in the order of its list. */
export function flatRingOf(system: System, members: readonly number[], kind: number, chunk: Chunks): FlatRing {
  const npus = members.length;
  const rounds = roundsOf(system, kind, chunk.count);
  return {
    system,
    members,
    messageBytes: kind === COLLECTIVE.allGather ? chunk.bytes : Math.floor(chunk.bytes / npus),
    rounds,
    steps: rounds * ringSteps(kind, npus),
    reductions: rounds * ringReductions(kind, npus),
  };
}

/** The largest sum of `count` links that follow one another around a ring. */
function longestPath(links: readonly number[], count: number): number {
  const turns = Math.floor(count / links.length);
  const rest = count % links.length;
  let window = 0;
  for (let i = 0; i < rest; i++) window += links[i]!;
  let longest = window;
  let turn = 0;
  for (let i = 0; i < links.length; i++) {
    turn += links[i]!;
    window += links[(i + rest) % links.length]! - links[i]!;
    longest = Math.max(longest, window);
  }
  return turns * turn + longest;
}

/**
 * Time around a flat ring: every message waits for the one before it, and an NPU begins a chunk when it has ended the last, so
 * the time is the longest path of as many links as there are messages.
 */
export function flatRingNs({ system, members, messageBytes, rounds, steps, reductions }: FlatRing): number {
  const links = members.map((from, i) => routeNs(system, from, members[(i + 1) % members.length]!, messageBytes));
  const endpoints = (rounds + steps) * GROUP_ENDPOINT_NS;
  return endpoints + reductions * reductionNs(system, messageBytes) + longestPath(links, steps);
}
