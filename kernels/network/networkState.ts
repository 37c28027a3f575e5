import { MAX_DIMENSIONS } from '../../psa/parameters.js';
import type { Workload } from '../../psa/space.js';
import { CHANNEL_COUNT, GROUP_COUNT } from '../workload/operation.js';
import { routedShares, routedWeights } from '../workload/routing.js';

/** The network of a design and what collectives cost on it: the same for all graphs. */
export interface Network {
  // per dimension
  readonly npus: Float64Array;
  readonly topology: Float64Array;
  readonly linkUsPerMB: Float64Array;
  readonly hopUs: Float64Array;
  /** Times that an all-reduce within the switch of a dimension crosses a link, but for what dimension 0 adds; 0: it cannot. */
  readonly switchPasses: Float64Array;
  /** NPUs of a group in a dimension, and the width of NPU numbers that they span there; GROUP_COUNT × MAX_DIMENSIONS. */
  readonly groupFactor: Float64Array;
  readonly groupSpan: Float64Array;
  /** NPUs of a group, and a bit for each dimension in which it has several. */
  readonly groupSize: Float64Array;
  readonly groupDimensions: Uint32Array;
  /** The groups that have several NPUs in a dimension, as bits. */
  readonly dimensionGroups: Uint32Array;
  /**
   * Of a channel, that is a kind of collective in a group: the time of a collective is us + usPerMB · MB and these times the sum
   * and the longest of its stations. CHANNEL_COUNT.
   */
  readonly channelUs: Float64Array;
  readonly channelUsPerMB: Float64Array;
  readonly channelSum: Float64Array;
  readonly channelLongest: Float64Array;
  /** And this times the root of MB: what the pieces of a buffer cost that overlap. */
  readonly channelUsPerRootMB: Float64Array;
  /** Hops that pieces have before them one behind the other, and what they cost at most, us. */
  readonly channelPieceHops: Float64Array;
  readonly channelMostPiecesUs: Float64Array;
  /** An all-reduce by two trees in the place of its ring: hops one behind the other, us, us per MB and per root of MB; 0 without trees. */
  readonly treeHops: Float64Array;
  readonly treeUs: Float64Array;
  readonly treeUsPerMB: Float64Array;
  readonly treeUsPerRootMB: Float64Array;
  /** The same by trees over nodes whose switches reduce: us, and us per MB, 0 without. */
  readonly switchTreeUs: Float64Array;
  readonly switchTreeUsPerMB: Float64Array;
  /**
   * Its stations, one per dimension: each is busy for us + usPerMB · MB, the latter from the times that data cross a link and
   * what is reduced. CHANNEL_COUNT × MAX_DIMENSIONS.
   */
  readonly stationUs: Float64Array;
  readonly stationUsPerMB: Float64Array;
  readonly stationLinks: Float64Array;
  readonly stationReductionUsPerMB: Float64Array;
  /** Of the copies of a token, one for each of its experts, those that reach different ones of so many equal parts of all experts. */
  readonly routedShare: ReadonlyMap<number, number>;
  /** As `routedWeights`. */
  readonly routedWeights: number;
  /** Bandwidth per NPU in a dimension where it has several, and its price: $ per NPU, below 0 where there is none. */
  readonly dimensionGBps: Float64Array;
  readonly dimensionUsd: Float64Array;
}

/** Numbers per network dimension, for `rows` of something. */
export const perDimension = (rows = 1): Float64Array => new Float64Array(rows * MAX_DIMENSIONS);

/** A network before any design was read. */
export function createNetwork(workload: Workload): Network {
  return {
    npus: perDimension(),
    topology: perDimension(),
    linkUsPerMB: perDimension(),
    hopUs: perDimension(),
    switchPasses: perDimension(),
    groupFactor: perDimension(GROUP_COUNT),
    groupSpan: perDimension(GROUP_COUNT),
    groupSize: new Float64Array(GROUP_COUNT),
    groupDimensions: new Uint32Array(GROUP_COUNT),
    dimensionGroups: new Uint32Array(MAX_DIMENSIONS),
    channelUs: new Float64Array(CHANNEL_COUNT),
    channelUsPerMB: new Float64Array(CHANNEL_COUNT),
    channelSum: new Float64Array(CHANNEL_COUNT),
    channelLongest: new Float64Array(CHANNEL_COUNT),
    channelUsPerRootMB: new Float64Array(CHANNEL_COUNT),
    channelPieceHops: new Float64Array(CHANNEL_COUNT),
    channelMostPiecesUs: new Float64Array(CHANNEL_COUNT),
    treeHops: new Float64Array(CHANNEL_COUNT),
    treeUs: new Float64Array(CHANNEL_COUNT),
    treeUsPerMB: new Float64Array(CHANNEL_COUNT),
    treeUsPerRootMB: new Float64Array(CHANNEL_COUNT),
    switchTreeUs: new Float64Array(CHANNEL_COUNT),
    switchTreeUsPerMB: new Float64Array(CHANNEL_COUNT),
    stationUs: perDimension(CHANNEL_COUNT),
    stationUsPerMB: perDimension(CHANNEL_COUNT),
    stationLinks: perDimension(CHANNEL_COUNT),
    stationReductionUsPerMB: perDimension(CHANNEL_COUNT),
    routedShare: routedShares(workload.phases),
    routedWeights: routedWeights(workload.phases),
    dimensionGBps: perDimension(),
    dimensionUsd: perDimension(),
  };
}
