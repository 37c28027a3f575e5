/** The network of a box: of each coefficient the least (or the most) that any allowed choice has, each by itself. */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { lowestBit } from '../bits.js';
import { dimensionFactor } from '../cost/cost.js';
import { linkCount, switchPasses, TOPOLOGY } from '../network/network.js';
import type { State } from '../state.js';
import type { SlotRanges } from './box.js';

const SLOT_TOPOLOGY = SLOT.network.topology;
const SLOT_NPUS = SLOT.network.npus;
const SLOT_BANDWIDTH_GBPS = SLOT.network.bandwidthGBps;
const SLOT_LATENCY_NS = SLOT.network.latencyNs;
const SLOT_EFFICIENCY = SLOT.network.efficiency;
const SLOT_IN_SWITCH_EFFICIENCY = SLOT.network.inSwitchEfficiency;

export const TOPOLOGY_COUNT = Object.keys(TOPOLOGY).length;

/** Which end of a range is looked for. */
export interface End {
  /** The neutral value: any other is nearer to this end. */
  readonly start: number;
  readonly pick: (a: number, b: number) => number;
}
export const LEAST: End = { start: Number.POSITIVE_INFINITY, pick: Math.min };
export const MOST: End = { start: 0, pick: Math.max };

/** What the topologies of a box have: a row of TOPOLOGY_COUNT numbers per dimension. */
export interface TopologyRates {
  readonly linkUsPerMB: Float64Array;
  readonly hopUs: Float64Array;
  readonly switchPasses: Float64Array;
  /** Allowed topologies of a dimension, as bits. */
  readonly allowed: Uint32Array;
  /** Ends of the bandwidth per NPU, GB/s, and of its price, $; below 0 where an allowed topology has none. */
  readonly leastGBps: Float64Array;
  readonly mostGBps: Float64Array;
  readonly leastUsd: Float64Array;
  readonly mostUsd: Float64Array;
  /** Was a topology without a price left out? */
  unpriced: boolean;
}

export function createTopologyRates(): TopologyRates {
  const perTopology = () => new Float64Array(MAX_DIMENSIONS * TOPOLOGY_COUNT);
  const perDimension = () => new Float64Array(MAX_DIMENSIONS);
  return {
    linkUsPerMB: perTopology(),
    hopUs: perTopology(),
    switchPasses: perTopology(),
    allowed: new Uint32Array(MAX_DIMENSIONS),
    leastGBps: perDimension(),
    mostGBps: perDimension(),
    leastUsd: perDimension(),
    mostUsd: perDimension(),
    unpriced: false,
  };
}

/**
 * Sets bandwidths and prices of the dimensions of a box, and the topologies that it allows.
 *
 * @param priced leaves out topologies that have no price
 */
export function boundPrices(s: State, { least, most, codes }: SlotRanges, rates: TopologyRates, priced: boolean): void {
  rates.unpriced = false;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const used = least[SLOT_NPUS + d]! > 1;
    rates.leastGBps[d] = used ? least[SLOT_BANDWIDTH_GBPS + d]! : 0;
    rates.mostGBps[d] = used ? most[SLOT_BANDWIDTH_GBPS + d]! : 0;
    let [leastFactor, mostFactor, allowed] = [Number.POSITIVE_INFINITY, 0, 0];
    for (let topology = 0; topology < TOPOLOGY_COUNT; topology++) {
      if (((codes[SLOT_TOPOLOGY + d]! >> topology) & 1) === 0) continue;
      // Prices have one value in a box.
      const factor = dimensionFactor(least, d, topology, s.tiers[d]!);
      if (priced && used && factor === 0) {
        rates.unpriced = true;
        continue;
      }
      allowed |= 1 << topology;
      leastFactor = Math.min(leastFactor, factor);
      mostFactor = Math.max(mostFactor, factor);
    }
    rates.allowed[d] = allowed;
    rates.leastUsd[d] = used ? leastFactor * rates.leastGBps[d]! : 0;
    rates.mostUsd[d] = used ? mostFactor * rates.mostGBps[d]! : 0;
  }
}

/** Sets the times of each topology of all dimensions to an end of what the box allows. */
export function boundRates({ least, most }: SlotRanges, rates: TopologyRates, end: End): void {
  const [fast, slow] = end === LEAST ? [most, least] : [least, most];
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    const npus = least[SLOT_NPUS + d]!;
    const peakGBps = fast[SLOT_BANDWIDTH_GBPS + d]! * fast[SLOT_EFFICIENCY + d]!;
    for (let topology = 0; topology < TOPOLOGY_COUNT; topology++) {
      const place = d * TOPOLOGY_COUNT + topology;
      rates.linkUsPerMB[place] = npus > 1 ? 1000 / (peakGBps / linkCount(topology, npus)) : 0;
      rates.switchPasses[place] = switchPasses(topology, fast[SLOT_IN_SWITCH_EFFICIENCY + d]!);
      rates.hopUs[place] = (topology === TOPOLOGY.switch ? 2 : 1) * slow[SLOT_LATENCY_NS + d]! * 1e-3;
    }
  }
}

/** Gives a dimension one of the topologies that the box allows it. */
export function takeTopology(s: State, rates: TopologyRates, d: number, topology: number): void {
  s.topology[d] = topology;
  s.hopUs[d] = rates.hopUs[d * TOPOLOGY_COUNT + topology]!;
  s.switchPasses[d] = rates.switchPasses[d * TOPOLOGY_COUNT + topology]!;
}

/** Does the switch of a dimension reduce: by some choice of the box (least), or by all (most)? */
export function reducesInSwitch({ switchPasses: passes, allowed }: TopologyRates, d: number, end: End): boolean {
  if (passes[d * TOPOLOGY_COUNT + TOPOLOGY.switch] === 0) return false;
  const onSwitch = 1 << TOPOLOGY.switch;
  return end === LEAST ? (allowed[d]! & onSwitch) !== 0 : allowed[d] === onSwitch;
}

/** Sets what a send takes over each dimension to an end over all its topologies. */
export function boundLinks(s: State, { linkUsPerMB, hopUs, allowed }: TopologyRates, end: End): void {
  const ring = 1 << TOPOLOGY.ring;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    s.linkUsPerMB[d] = end.start;
    s.hopUs[d] = end.start;
    for (let rest = allowed[d]!; rest !== 0; rest &= rest - 1) {
      const place = d * TOPOLOGY_COUNT + lowestBit(rest);
      s.linkUsPerMB[d] = end.pick(s.linkUsPerMB[d]!, linkUsPerMB[place]!);
      s.hopUs[d] = end.pick(s.hopUs[d]!, hopUs[place]!);
    }
    // Groups share the links of a Ring; elsewhere each has its own.
    const shares = end === LEAST ? allowed[d] === ring : (allowed[d]! & ring) !== 0;
    s.topology[d] = shares ? TOPOLOGY.ring : TOPOLOGY.switch;
  }
}
