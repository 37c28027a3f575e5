/**
 * Price of the network, $: LIBRA (arXiv 2109.11762) as COSMIC's code has it, where a switch's links count twice.
 * N NPUs in N/n blocks of a dimension, link bandwidth b: Ring 2·n·b·link; FullyConnected n(n − 1)·b·link; Switch
 * 2·n·b·link + n·b·switch + n·b·NIC. All three are N · (bandwidth per NPU) · a factor, which a design's own prices replace.
 */
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';
import { ALL_DIMENSIONS } from '../changes.js';
import { TOPOLOGY } from '../network/network.js';
import { STATUS } from '../outputs.js';
import type { State } from '../state.js';

const SLOT_LINKS_USD = SLOT.prices.linksUsdPerGBps;
const SLOT_SWITCH_USD = SLOT.prices.switchUsdPerGBps;

const NO_PRICE = -1;

/** $ per GB/s: chiplet, package, node, pod. A switch of chiplets has no price. */
export const LINK_PRICE = [2, 4, 4, 7.8] as const;
export const SWITCH_PRICE = [0, 13, 13, 18] as const;
export const NIC_PRICE = [0, 0, 0, 31.6] as const;

/** $ per GB/s of an NPU's bandwidth in a dimension, 0 where there is no price. */
function priceFactor(topology: number, tier: number): number {
  if (topology !== TOPOLOGY.switch) return LINK_PRICE[tier]!;
  if (SWITCH_PRICE[tier] === 0) return 0;
  return 2 * LINK_PRICE[tier]! + SWITCH_PRICE[tier]! + NIC_PRICE[tier]!;
}

/**
 * The same where a design may have prices of its own.
 *
 * @param design SLOT_COUNT numbers
 */
export function dimensionFactor(design: Float64Array, d: number, topology: number, tier: number): number {
  const own = design[(topology === TOPOLOGY.switch ? SLOT_SWITCH_USD : SLOT_LINKS_USD) + d]!;
  return own > 0 ? own : priceFactor(topology, tier);
}

/** Prices dimensions (bits, by default all), after readNetwork. */
export function readPrices(s: State, dimensions = ALL_DIMENSIONS): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    if (((dimensions >> d) & 1) === 0) continue;
    s.dimensionUsd[d] = 0;
    if (s.npus[d]! <= 1) continue;
    const factor = dimensionFactor(s.design, d, s.topology[d]!, s.tiers[d]!);
    s.dimensionUsd[d] = factor === 0 ? NO_PRICE : factor * s.dimensionGBps[d]!;
  }
}

/** The network's price, $; 0 with STATUS.PRICE where a dimension has none. */
export function costUsd(s: State): number {
  let npus = 1;
  let perNpu = 0;
  for (let d = 0; d < MAX_DIMENSIONS; d++) {
    npus *= s.npus[d]!;
    perNpu += s.dimensionUsd[d]!;
    if (s.dimensionUsd[d]! >= 0) continue;
    s.status |= STATUS.PRICE;
    return 0;
  }
  return npus * perNpu;
}
