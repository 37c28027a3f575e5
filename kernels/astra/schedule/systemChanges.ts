/** In what one network and its NPUs differ from those before, so that only the times are read again that depend on it. */
import type { Dimension, System } from '../collective/message.js';

/** All dimensions, as bits. */
export const ALL = -1;

/** Do computations take the same time in two systems? */
export function computesAlike(a: System | undefined, b: System): boolean {
  return a !== undefined && a.memoryBandwidth === b.memoryBandwidth && a.peak === b.peak;
}

/** Is the part of the two systems the same that is not of one dimension? */
function agreeBesideDimensions(a: System, b: System): boolean {
  return (
    a.npus === b.npus &&
    a.chunks === b.chunks &&
    a.activeChunks === b.activeChunks &&
    a.queues === b.queues &&
    a.localBandwidthAware === b.localBandwidthAware &&
    a.endpointNs === b.endpointNs &&
    computesAlike(a, b) &&
    a.dimensions.length === b.dimensions.length
  );
}

function isSame(a: Dimension, b: Dimension): boolean {
  return (
    a.topology === b.topology &&
    a.bytesPerNs === b.bytesPerNs &&
    a.latencyNs === b.latencyNs &&
    a.algorithms.every((algorithm, kind) => algorithm === b.algorithms[kind])
  );
}

/** Dimensions in which two systems differ, one bit each; ALL where they differ in more, as in the sizes of dimensions. */
export function changesOf(a: System | undefined, b: System): number {
  if (a === undefined || !agreeBesideDimensions(a, b)) return ALL;
  let changes = 0;
  for (let d = 0; d < b.dimensions.length; d++) {
    const [one, other] = [a.dimensions[d]!, b.dimensions[d]!];
    if (one === other) continue;
    if (one.npus !== other.npus) return ALL;
    if (!isSame(one, other)) changes |= 1 << d;
  }
  return changes;
}
