import type { Objective } from '../../../kernels/objective/objective.js';
import { HISTOGRAM_LOW } from '../../../kernels/reduce/layout.js';
import { formatNumber, formatRatio, plural } from '../../cli/format.js';
import { axisScale, type Chart, COLORS, COMMON, MUTED, named, suitedScale, tooltip } from './chart.js';

/** How one search got on. */
export interface Course {
  readonly agent: string;
  readonly seed: number;
  readonly history: readonly (readonly [evaluations: number, objective: number])[];
  readonly evaluations: number;
}

/** More lines than this are told apart by their agents alone; the seed of each is in its tooltip. */
const NAMED = 8;

/** Several agents have a colour each, and so do the seeds of one. */
function lineStyles(courses: readonly Course[]): { name: string; color: string; opacity: number }[] {
  const agents = [...new Set(courses.map(({ agent }) => agent))];
  const crowded = courses.length > NAMED;
  return courses.map(({ agent, seed }, i) => ({
    name: crowded ? agent : `${agent}, seed ${seed}`,
    color: COLORS[(agents.length > 1 || crowded ? agents.indexOf(agent) : i) % COLORS.length]!,
    opacity: crowded ? 0.5 : 1,
  }));
}

/** Best objective so far over evaluations, a line per search. */
export function convergenceChart(
  courses: readonly Course[],
  { label, unit }: Objective,
  reference: number | undefined,
): Chart {
  const evaluations = Math.max(...courses.map((course) => course.evaluations));
  const values = courses.flatMap(({ history }) => history.map(([, value]) => value));
  const { factor, prefix } = axisScale([...values, reference ?? 0]);
  const styles = lineStyles(courses);
  return {
    id: 'convergence',
    title: 'Convergence',
    note:
      courses.length > 1
        ? `The best design so far of ${plural(courses.length, 'search')}, over the designs that each evaluated.`
        : 'The best design so far, over the designs evaluated.',
    heightPx: 340,
    option: {
      ...COMMON,
      legend: { top: 0, type: 'scroll' },
      grid: { left: 32, right: 48, top: 40, bottom: 30, containLabel: true },
      xAxis: { type: 'log', ...named('designs evaluated'), min: 1 },
      yAxis: { ...suitedScale([...values, reference ?? values[0]!]), ...named(`${label} (${prefix}${unit})`, 60) },
      series: [
        ...courses.map(({ agent, seed, history, evaluations: own }, i) => ({
          type: 'line' as const,
          name: styles[i]!.name,
          color: styles[i]!.color,
          lineStyle: { opacity: styles[i]!.opacity },
          step: 'end' as const,
          symbolSize: 5,
          data: [...history, [own, history.at(-1)?.[1] ?? 0] as const].map(([count, value]) => ({
            value: [count, value * factor],
            tooltip: tooltip(
              `${formatNumber(value)} ${unit}`,
              `${agent}, seed ${seed}, after ${formatNumber(count)} designs`,
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
                  [1, reference * factor],
                  [evaluations, reference * factor],
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
