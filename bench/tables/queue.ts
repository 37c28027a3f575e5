/** A sweep over a queue beside one process. */

import { median } from '../../host/statistics/statistics.js';
import type { QueuePair, QueueResults } from '../queueResults.js';
import { digits, type ResultTable, table, whole } from './table.js';

interface Row {
  readonly what: string;
  readonly aloneSeconds: number;
  readonly queueSeconds: number;
  /** The queue's rate over the process's; of each pair. */
  readonly ratios: readonly number[];
  /** Designs by a second of the processor, the queue's with driver, workers and server over the process's; of each pair. */
  readonly processorRatios: readonly number[];
  /** Of a core, while the queue was at it; of each pair. */
  readonly driverShares: readonly number[];
}

type Measured = Omit<QueuePair, 'designs'>;

function rowOf(what: string, pairs: readonly Measured[]): Row {
  return {
    what,
    aloneSeconds: median(pairs.map(({ alone }) => alone.seconds)),
    queueSeconds: median(pairs.map(({ queue }) => queue.seconds)),
    ratios: pairs.map(({ alone, queue }) => alone.seconds / queue.seconds),
    processorRatios: pairs.map(
      ({ alone, queue, othersProcessorSeconds }) =>
        alone.processorSeconds / (queue.processorSeconds + othersProcessorSeconds),
    ),
    driverShares: pairs.map(({ queue }) => queue.processorSeconds / queue.seconds),
  };
}

/** What the long sweep of a round takes more than the short one. */
function beyond(short: QueuePair, long: QueuePair): Measured {
  const more = (of: 'alone' | 'queue') => ({
    seconds: long[of].seconds - short[of].seconds,
    processorSeconds: long[of].processorSeconds - short[of].processorSeconds,
  });
  const othersProcessorSeconds = long.othersProcessorSeconds - short.othersProcessorSeconds;
  return { alone: more('alone'), queue: more('queue'), othersProcessorSeconds };
}

function rowsOf(pairs: readonly QueuePair[]): Row[] {
  const [least, most] = [Math.min, Math.max].map((end) => end(...pairs.map(({ designs }) => designs))) as [
    number,
    number,
  ];
  const [short, long] = [least, most].map((size) => pairs.filter(({ designs }) => designs === size)) as [
    QueuePair[],
    QueuePair[],
  ];
  const rows = [short, long].map((of) => rowOf(`${whole(of[0]!.designs)} designs, from start to end`, of));
  const steady = long.map((pair, i) => beyond(short[i]!, pair));
  return [...rows, rowOf(`the ${whole(most - least)} designs between`, steady)];
}

export function queueTable({ workers, pairs }: QueueResults): ResultTable {
  const spread = (values: readonly number[], write: (value: number) => string): string =>
    `${write(median(values))} (${write(Math.min(...values))} … ${write(Math.max(...values))})`;
  const rows = rowsOf(pairs).map(({ what, aloneSeconds, queueSeconds, ratios, processorRatios, driverShares }) => [
    what,
    digits(aloneSeconds),
    digits(queueSeconds),
    spread(ratios, (ratio) => ratio.toFixed(2)),
    spread(processorRatios, (ratio) => ratio.toFixed(2)),
    spread(driverShares, (share) => (100 * share).toFixed(1)),
  ]);
  const heads = [
    'sweep of `cosmic-full`',
    `one process, ${workers} threads (s)`,
    `queue, ${workers} workers (s)`,
    'rate of the queue ÷ of the process',
    'by a second of the processor',
    "driver's share of a core (%)",
  ];
  return table('A queue beside one process', heads, rows);
}
