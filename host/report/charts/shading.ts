import { formatShare } from '../../display/format.js';
import type { Bar } from './gantt.js';

/** Bars that begin in the same stretch of time. */
interface Bin {
  readonly first: Bar;
  endUs: number;
  busyUs: number;
  count: number;
}

function barOf({ first, endUs, busyUs, count }: Bin): Bar {
  if (count === 1) return first;
  const durationUs = endUs - first.startUs;
  const busy = durationUs === 0 ? 1 : Math.min(busyUs / durationUs, 1);
  return { ...first, name: `${count} short operations, busy ${formatShare(busy)} of the time`, durationUs, busy };
}

/** Bars of one row and colour, those shorter than `thinUs` as one for each stretch of so long, as opaque as it is busy. */
function shadeRow(bars: readonly Bar[], thinUs: number): Bar[] {
  const shaded: Bar[] = [];
  const bins = new Map<number, Bin>();
  for (const bar of [...bars].sort((a, b) => a.startUs - b.startUs)) {
    const { startUs, durationUs } = bar;
    if (durationUs >= thinUs) {
      shaded.push(bar);
      continue;
    }
    const place = Math.floor(startUs / thinUs);
    const bin = bins.get(place);
    if (bin === undefined) {
      bins.set(place, { first: bar, endUs: startUs + durationUs, busyUs: durationUs, count: 1 });
    } else {
      bin.endUs = Math.max(bin.endUs, startUs + durationUs);
      bin.busyUs += durationUs;
      bin.count++;
    }
  }
  return [...shaded, ...[...bins.values()].map(barOf)];
}

/**
 * Bars, of which those that are too short to see are joined with their neighbours into paler ones: on each row as much time is
 * drawn as passes.
 *
 * @param thinUs what is shorter is joined; longer ones are too where there are more than `most` bars
 */
export function shadeThin(bars: readonly Bar[], thinUs: number, most: number): Bar[] {
  const rows = new Map<string, Bar[]>();
  for (const bar of bars) {
    const key = `${bar.row} ${bar.color}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [bar]);
    else row.push(bar);
  }
  for (let limitUs = thinUs; ; limitUs *= 2) {
    const shaded = [...rows.values()].flatMap((row) => shadeRow(row, limitUs));
    if (shaded.length <= Math.max(most, rows.size)) return shaded;
  }
}
