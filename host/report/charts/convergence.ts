import type { Objective } from '../../../kernels/objective/objective.js';
import { HISTOGRAM_LOW } from '../../../kernels/reduce/layout.js';
import { formatNumber, formatRatio, plural } from '../../cli/format.js';
import { axisScale, type Chart, COLORS, COMMON, MUTED, namedAbove, namedBelow, suitedScale, tooltip } from './chart.js';

/** How one search got on. */
export interface Course {
  readonly agent: string;
  readonly seed: number;
  readonly history: readonly (readonly [evaluations: number, objective: number])[];
  readonly evaluations: number;
}

/** More lines than this are told apart by their agents alone; the seed of each is in its tooltip. */
const NAMED = 8;

const LINE_TYPES = ['solid', 'dashed', 'dotted'] as const;

/** Several agents have a colour each and their seeds kinds of lines; the seeds of one agent have a colour each. */
function lineStyles(courses: readonly Course[]) {
  const agents = [...new Set(courses.map(({ agent }) => agent))];
  const crowded = courses.length > NAMED;
  const byAgent = agents.length > 1 || crowded;
  return courses.map(({ agent, seed }, i) => {
    const earlier = courses.slice(0, i).filter((course) => course.agent === agent).length;
    return {
      name: crowded ? agent : `${agent}, seed ${seed}`,
      color: COLORS[(byAgent ? agents.indexOf(agent) : i) % COLORS.length]!,
      lineStyle: {
        opacity: crowded ? 0.5 : 1,
        type: byAgent && !crowded ? LINE_TYPES[earlier % LINE_TYPES.length]! : ('solid' as const),
      },
    };
  });
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
    heightPx: 350,
    option: {
      ...COMMON,
      legend: { top: 0, type: 'scroll' },
      grid: { left: 8, right: 48, top: 56, bottom: 30, containLabel: true },
      xAxis: { type: 'log', ...namedBelow('designs evaluated'), min: 1 },
      yAxis: { ...suitedScale([...values, reference ?? values[0]!]), ...namedAbove(`${label} (${prefix}${unit})`) },
      series: [
        ...courses.map(({ agent, seed, history, evaluations: own }, i) => ({
          type: 'line' as const,
          ...styles[i]!,
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
      grid: { left: 8, right: 16, top: 28, bottom: 30, containLabel: true },
      xAxis: {
        type: 'category',
        data: bins.map(({ from }) => formatNumber(from, 3)),
        ...namedBelow(`${label} (${unit}), from`),
      },
      yAxis: { type: 'value', ...namedAbove('designs') },
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
