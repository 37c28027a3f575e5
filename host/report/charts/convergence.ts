import type { Objective } from '../../../kernels/objective/objective.js';
import { HISTOGRAM_LOW } from '../../../kernels/reduce/layout.js';
import { formatNumber, formatRatio } from '../../cli/format.js';
import { type Chart, COMMON, MUTED, named, tooltip } from './chart.js';

/** How one search got on. */
export interface Course {
  /** Agent and seed. */
  readonly name: string;
  readonly history: readonly (readonly [evaluations: number, objective: number])[];
  readonly evaluations: number;
}

/** Best objective so far over evaluations, a line per search. */
export function convergenceChart(
  courses: readonly Course[],
  { label, unit }: Objective,
  reference: number | undefined,
): Chart {
  const evaluations = Math.max(...courses.map((course) => course.evaluations));
  return {
    id: 'convergence',
    title: 'Convergence',
    note: 'The best design so far, over the designs evaluated; both axes are logarithmic.',
    heightPx: 320,
    option: {
      ...COMMON,
      legend: { top: 0 },
      grid: { left: 16, right: 48, top: 40, bottom: 30, containLabel: true },
      xAxis: { type: 'log', ...named('designs evaluated'), min: 1 },
      yAxis: { type: 'log', ...named(`${label} (${unit})`, 84) },
      series: [
        ...courses.map(({ name, history, evaluations: own }) => ({
          type: 'line' as const,
          name,
          step: 'end' as const,
          symbolSize: 7,
          data: [...history, [own, history.at(-1)?.[1] ?? 0] as const].map(([count, value]) => ({
            value: [count, value],
            tooltip: tooltip(
              `${formatNumber(value)} ${unit}`,
              `${name}, after ${formatNumber(count)} designs`,
              ...(reference === undefined ? [] : [`${formatRatio(value, reference)} of the default`]),
            ),
          })),
        })),
        ...(reference === undefined
          ? []
          : [
              {
                type: 'line' as const,
                name: 'default',
                symbol: 'none',
                color: MUTED,
                lineStyle: { type: 'dashed' as const },
                data: [
                  [1, reference],
                  [evaluations, reference],
                ],
              },
            ]),
      ],
    },
  };
}

/** How many of a sweep's designs reach which objective. */
export function histogramChart(histogram: readonly bigint[], { label, unit }: Objective): Chart {
  const edge = (bin: number) => 2 ** ((bin + HISTOGRAM_LOW) / 4);
  const first = histogram.findIndex((count) => count > 0n);
  const last = histogram.findLastIndex((count) => count > 0n);
  const bins = histogram
    .slice(first, last + 1)
    .map((count, i) => ({ count, from: edge(first + i), to: edge(first + i + 1) }));
  return {
    id: 'histogram',
    title: 'All feasible designs',
    note: `How many designs have which ${label}; a bar is a quarter of an octave.`,
    heightPx: 280,
    option: {
      ...COMMON,
      grid: { left: 16, right: 16, top: 16, bottom: 30, containLabel: true },
      xAxis: {
        type: 'category',
        data: bins.map(({ from }) => formatNumber(from, 3)),
        ...named(`${label} (${unit}), from`),
      },
      yAxis: { type: 'value', ...named('designs', 60) },
      series: [
        {
          type: 'bar',
          name: 'designs',
          barCategoryGap: '10%',
          data: bins.map(({ count, from, to }) => ({
            value: Number(count),
            tooltip: tooltip(`${formatNumber(count)} designs`, `${formatNumber(from)} to ${formatNumber(to)} ${unit}`),
          })),
        },
      ],
    },
  };
}
