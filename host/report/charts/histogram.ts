import type { Objective } from '../../../kernels/objective/objective.js';
import { HISTOGRAM_LOW } from '../../../kernels/reduce/layout.js';
import { formatNumber, plural } from '../../display/format.js';
import type { RunSweep } from '../../runs/findings.js';
import { type Chart, COMMON, namedAbove, namedBelow, tooltip } from './chart.js';

/** Do two sweeps walk any positions of the same ordinals or samples? */
function overlap(a: RunSweep, b: RunSweep): boolean {
  if (JSON.stringify(a.settings.source) !== JSON.stringify(b.settings.source)) return false;
  const ends = ({ part }: RunSweep) => [part.start, part.start + part.evaluated] as const;
  const [[aStart, aEnd], [bStart, bEnd]] = [ends(a), ends(b)];
  return aStart < bEnd && bStart < aEnd;
}

/** How many designs of sweeps reach which objective: shards and samples on top of one another, else side by side. */
export function histogramChart(sweeps: readonly RunSweep[], { label, unit }: Objective): Chart {
  const edge = (bin: number) => 2 ** ((bin + HISTOGRAM_LOW) / 4);
  const filled = (bin: number) => sweeps.some(({ part }) => part.histogram[bin]! > 0n);
  const all = sweeps[0]!.part.histogram.map((_, bin) => bin).filter(filled);
  const [first, last] = [all[0]!, all.at(-1)!];
  const bins = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const apart = sweeps.some((sweep, i) => sweeps.slice(0, i).some((other) => overlap(sweep, other)));
  const told =
    sweeps.length === 1
      ? ''
      : apart
        ? ` The ${plural(sweeps.length, 'sweep')} share designs, which count for each, and stand side by side.`
        : ` The ${plural(sweeps.length, 'sweep')} stand on top of one another.`;
  return {
    id: 'histogram',
    title: 'All feasible designs',
    note: `How many designs have which ${label}; a bar is a quarter of an octave.${told}`,
    heightPx: sweeps.length === 1 ? 280 : 310,
    option: {
      ...COMMON,
      ...(sweeps.length === 1 ? {} : { legend: { top: 0, type: 'scroll' } }),
      grid: { left: 8, right: 16, top: sweeps.length === 1 ? 28 : 58, bottom: 30, containLabel: true },
      xAxis: {
        type: 'category',
        data: bins.map((bin) => formatNumber(edge(bin), 3)),
        ...namedBelow(`${label} (${unit}), from`),
      },
      yAxis: { type: 'value', ...namedAbove('designs') },
      series: sweeps.map(({ path, part, backend }) => ({
        type: 'bar',
        name: sweeps.length === 1 ? 'designs' : path,
        ...(apart ? { barGap: '0%' } : { stack: 'all' }),
        barCategoryGap: '10%',
        data: bins.map((bin) => ({
          value: Number(part.histogram[bin]!),
          tooltip: tooltip(
            `${formatNumber(part.histogram[bin]!)} designs`,
            `${formatNumber(edge(bin))} to ${formatNumber(edge(bin + 1))} ${unit}`,
            ...(sweeps.length === 1 ? [] : [`${path}, by ${backend.name}`]),
          ),
        })),
      })),
    },
  };
}
