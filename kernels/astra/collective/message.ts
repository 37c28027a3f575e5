/** Messages of ASTRA-sim's congestion-unaware analytical network: whole nanoseconds, no contention. */
import { TOPOLOGY } from '../../network/network.js';

/** A system as ASTRA-sim reads it: GB/s of the network are GiB/s, those of the memory 1e9 bytes/s. */
export interface System {
  readonly dimensions: readonly Dimension[];
  /** NPUs of all dimensions. */
  readonly npus: number;
  /** preferred-dataset-splits */
  readonly chunks: number;
  /** active-chunks-per-dimension */
  readonly activeChunks: number;
  /** num-queues-per-dim */
  readonly queues: number;
  /** collective-optimization is localBWAware, not baseline. */
  readonly localBandwidthAware: boolean;
  readonly endpointNs: number;
  /** Bytes per second of local memory. */
  readonly memoryBandwidth: number;
  /** Operations per second. */
  readonly peak: number;
}

export interface Dimension {
  readonly topology: number;
  readonly npus: number;
  readonly bytesPerNs: number;
  readonly latencyNs: number;
  /** Algorithm of each collective, in the order of COLLECTIVE; undefined where a collective leaves the dimension out. */
  readonly algorithms: readonly (number | undefined)[];
}

/** Endpoint delay of a collective in a communicator group, whatever the configuration says. */
export const GROUP_ENDPOINT_NS = 10;

const GIBI = 2 ** 30;

/** Bytes per nanosecond of a link that the configuration gives `GBps`. */
export function linkBytesPerNs(GBps: number): number {
  return (GBps * GIBI) / 1e9;
}

/** Hops of a message to the NPU `distance` further in a dimension: a switch is two, a ring goes the shorter way. */
export function hopsOf({ topology, npus }: Dimension, distance: number): number {
  if (topology === TOPOLOGY.switch) return 2;
  if (topology === TOPOLOGY.fullyConnected) return 1;
  const forward = distance % npus;
  return Math.min(forward, npus - forward);
}

/** Time of a message of `bytes` over some hops of a dimension, ns: latency per hop, bandwidth once. */
export function messageNs(dimension: Dimension, hops: number, bytes: number): number {
  return Math.trunc(hops * dimension.latencyNs + bytes / dimension.bytesPerNs);
}

/** The dimension in which a message between two NPUs is charged: the innermost in which they differ; −1 where in none. */
export function chargedDimension({ dimensions }: System, from: number, to: number): number {
  let rest = from;
  let other = to;
  for (let d = 0; d < dimensions.length; d++) {
    const { npus } = dimensions[d]!;
    if (rest % npus !== other % npus) return d;
    rest = Math.floor(rest / npus);
    other = Math.floor(other / npus);
  }
  return -1;
}

/** Time of a message between two NPUs, ns: charged in the innermost dimension in which they differ, and nowhere else. */
export function routeNs(system: System, from: number, to: number, bytes: number): number {
  let rest = from;
  let other = to;
  for (const dimension of system.dimensions) {
    const distance = (other % dimension.npus) - (rest % dimension.npus);
    if (distance !== 0) return messageNs(dimension, hopsOf(dimension, Math.abs(distance)), bytes);
    rest = Math.floor(rest / dimension.npus);
    other = Math.floor(other / dimension.npus);
  }
  return 0;
}

/** Time to reduce a received message with the local data: two reads and a write, ns; nothing where no bandwidth is given. */
export function reductionNs(system: System, bytes: number): number {
  if (system.memoryBandwidth === 0) return 0;
  return 3 * Math.trunc((bytes / system.memoryBandwidth) * 1e9);
}
