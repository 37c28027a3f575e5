/** A collective around one flat ring, as ASTRA-sim runs those of communicator groups: twin of flatRing.wgsl. */
import { COLLECTIVE } from '../../workload/operation.js';
import { type Chunks, queuesOf, serversOf } from './chunks.js';
import { GROUP_ENDPOINT_NS, reductionNs, type System } from './message.js';
import { ringReductions, ringSteps } from './phase.js';
import { type RingLinks, ringLinks } from './ringLinks.js';

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

/** The largest sum of `count` links that follow one another around a ring: whole turns, and the longest stretch of the rest. */
function longestPath(links: RingLinks, count: number): number {
  const turns = Math.floor(count / links.length);
  const stretches = links.stretches(count % links.length);
  let longestNs = 0;
  for (let i = 0; i < stretches.length; i++) longestNs = Math.max(longestNs, links.stretchNs(stretches[i]!));
  return turns * links.stretchNs(links.turn) + longestNs;
}

/**
 * Time around a flat ring: every message waits for the one before it, and an NPU begins a chunk when it has ended the last, so
 * the time is the longest path of as many links as there are messages.
 */
export function flatRingNs({ system, members, messageBytes, rounds, steps, reductions }: FlatRing): number {
  const links = ringLinks(system, members);
  const endpoints = (rounds + steps) * GROUP_ENDPOINT_NS;
  links.readTimes(system, messageBytes);
  return endpoints + reductions * reductionNs(system, messageBytes) + longestPath(links, steps);
}
