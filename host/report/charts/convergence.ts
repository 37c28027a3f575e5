import type { Objective } from '../../../kernels/objective/objective.js';
import { formatNumber, formatRatio, plural } from '../../display/format.js';
import { type Chart, COLORS, COMMON, MUTED, namedAbove, namedBelow, tooltip } from './chart.js';

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

/** Percent above the best that are not told apart: the best itself is drawn there, for a logarithmic axis has no 0. */
const FLOOR = 1e-3;

/** How far the best objective so far is above the best of all, over evaluations, a line per search. */
export function convergenceChart(
  courses: readonly Course[],
  { label, unit }: Objective,
  reference: number | undefined,
): Chart {
  const evaluations = Math.max(...courses.map((course) => course.evaluations));
  const best = Math.min(...courses.flatMap(({ history }) => history.map(([, value]) => value)));
  const excess = (value: number) => Math.max((100 * (value - best)) / Math.abs(best), FLOOR);
  const styles = lineStyles(courses);
  const told = courses.length > 1 ? `of ${plural(courses.length, 'search')}` : 'of the search';
  return {
    id: 'convergence',
    title: 'Convergence',
    note: `How far the ${label} of the best design so far ${told} is above the best of all, ${formatNumber(best)} ${unit}, over the designs evaluated. The best itself, and what is as good to ${FLOOR} %, lies on the axis.`,
    heightPx: 350,
    option: {
      ...COMMON,
      legend: { top: 0, type: 'scroll' },
      grid: { left: 8, right: 48, top: 56, bottom: 30, containLabel: true },
      xAxis: { type: 'log', ...namedBelow('designs evaluated'), min: 1 },
      yAxis: { type: 'log', ...namedAbove('above the best of all (%)'), min: FLOOR },
      series: [
        ...courses.map(({ agent, seed, history, evaluations: own }, i) => ({
          type: 'line' as const,
          ...styles[i]!,
          step: 'end' as const,
          symbolSize: 5,
          data: [...history, [own, history.at(-1)?.[1] ?? 0] as const].map(([count, value]) => ({
            value: [count, excess(value)],
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
                  [1, excess(reference)],
                  [evaluations, excess(reference)],
                ],
              },
            ]),
      ],
    },
  };
}
