/** How ASTRA-sim cuts a collective's buffer into chunks, and which queues those take. */
import { COLLECTIVE } from '../../workload/operation.js';
import type { System } from './message.js';

export interface Chunks {
  readonly count: number;
  /** Each is simulated with the full chunk size, the last one too. */
  readonly bytes: number;
}

/** Chunks of a buffer; none where the program would never stop making them. */
export function chunksOf(system: System, kind: number, bytes: number): Chunks | undefined {
  let total = bytes;
  let size = Math.floor(bytes / system.chunks);
  if (kind !== COLLECTIVE.allGather && size < system.npus) {
    size = system.npus;
    total = system.chunks * size;
  }
  return size > 0 ? { count: Math.ceil(total / size), bytes: size } : undefined;
}

/** Queues of a dimension. */
export interface Queues {
  readonly first: number;
  readonly count: number;
}

/** Queues of a step: all, or the half that its side of an all-reduce has. */
export function queuesOf(system: System, kind: number, second: boolean): Queues {
  const { queues, localBandwidthAware } = system;
  if (kind !== COLLECTIVE.allReduce || !localBandwidthAware || queues === 1) return { first: 0, count: queues };
  const half = Math.floor(queues / 2);
  return second ? { first: half, count: queues - half } : { first: 0, count: half };
}

/** Chunks that a queue serves at once. */
export function serversOf({ activeChunks, queues }: System): number {
  return Math.ceil(activeChunks / queues);
}
