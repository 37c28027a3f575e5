/** A collective around one flat ring, as ASTRA-sim runs those of communicator groups: twin of flatRing.wgsl. */
import { COLLECTIVE } from '../../workload/operation.js';
import { type Chunks, queuesOf, serversOf } from './chunks.js';
import type { Members } from './members.js';
import { GROUP_ENDPOINT_NS, reductionNs, type System } from './message.js';
import { ringReductions, ringSteps } from './phase.js';

/** A flat ring whose links may differ. */
export interface FlatRing {
  readonly system: System;
  readonly members: Members;
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
export function flatRingOf(system: System, members: Members, kind: number, chunk: Chunks): FlatRing {
  const npus = members.count;
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

/**
 * Time around a flat ring: every message waits for the one before it, and an NPU begins a chunk when it has ended the last, so
 * the time is the longest path of as many links as there are messages.
 */
export function flatRingNs({ system, members, messageBytes, rounds, steps, reductions }: FlatRing): number {
  const endpoints = (rounds + steps) * GROUP_ENDPOINT_NS;
  const links = members.links(system);
  links.readTimes(system, messageBytes);
  return endpoints + reductions * reductionNs(system, messageBytes) + links.longestNs(steps);
}
