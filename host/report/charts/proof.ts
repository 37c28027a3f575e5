import type { Objective } from '../../../kernels/objective/objective.js';
import { formatNumber, formatShare, plural } from '../../display/format.js';
import { type CoursePoint, REASON_KINDS, type ReasonKind } from '../../proof/proofState.js';
import type { ExcludedParameter, ExcludedValue } from '../../proof/whereExcluded.js';
import { ACCENT, type Chart, COLORS, COMMON, MUTED, namedAbove, namedBelow, shortText, tooltip } from './chart.js';

/** Best and bound that are no farther apart than this share have met. */
const MET = 1e-6;

/** The best design and the bound of all that are open, over the boxes that a proof bounded; no chart where they met at once. */
export function proofCourseChart(course: readonly CoursePoint[], { label, unit }: Objective): Chart[] {
  // Where no best was known yet, the bound may have been at the last one all the same.
  const last = course.at(-1)?.best ?? Number.POSITIVE_INFINITY;
  const apart = ({ best = last, bound }: CoursePoint) => bound < best * (1 - MET);
  if (course.length < 2 || !course.some(apart)) return [];
  const line = (name: string, color: string, of: (point: CoursePoint) => number | undefined) => ({
    type: 'line' as const,
    name,
    color,
    step: 'end' as const,
    symbolSize: 5,
    data: course.flatMap((point) => {
      const value = of(point);
      if (value === undefined) return [];
      const gap = point.best === undefined ? '' : `${formatShare(1 - point.bound / point.best)} between best and bound`;
      return [
        {
          value: [point.boxes, value],
          tooltip: tooltip(`${name}: ${formatNumber(value)} ${unit}`, `after ${plural(point.boxes, 'box')}`, gap),
        },
      ];
    }),
  });
  const chart: Chart = {
    id: 'proof-course',
    title: 'The course of the proof',
    note: 'The best design that is known comes down, the bound of all that are not excluded goes up; where they meet, nothing better is left.',
    heightPx: 320,
    option: {
      ...COMMON,
      legend: { top: 0 },
      grid: { left: 8, right: 48, top: 56, bottom: 30, containLabel: true },
      xAxis: { type: 'value', scale: true, minInterval: 1, ...namedBelow('boxes bounded') },
      yAxis: { type: 'value', scale: true, ...namedAbove(`${label} (${unit})`) },
      series: [
        line('best', ACCENT, ({ best }) => best),
        line('bound', COLORS[0], ({ bound }) => (bound > 0 && Number.isFinite(bound) ? bound : undefined)),
      ],
    },
  };
  return [chart];
}

const WHY: Readonly<Record<ReasonKind, string>> = {
  infeasible: 'infeasible',
  limits: 'beyond the limits',
  bound: 'excluded by a bound',
  evaluated: 'evaluated',
  optimal: 'the best',
};

/** Bounds further above the best than this, in percent, have one colour. */
const FAR = 10;

/** How far above the best the designs with each value are at least, and why they are excluded. */
export function excludedChart(
  parameters: readonly ExcludedParameter[],
  best: number,
  { label, unit }: Objective,
): Chart {
  const shown = parameters.filter(({ values }) => values.length > 1);
  const excess = ({ bound }: ExcludedValue) => 100 * (bound / best - 1);
  const shareLines = ({ shares }: ExcludedValue) =>
    REASON_KINDS.filter((kind) => shares[kind] > 0).map((kind) => `${formatShare(shares[kind])} ${WHY[kind]}`);
  const cell = (value: ExcludedValue, name: string, row: number, column: number) => {
    const feasible = Number.isFinite(value.bound);
    return {
      value: [column, row, feasible ? Math.min(Math.max(excess(value), 0), FAR) : FAR],
      ...(feasible ? {} : { itemStyle: { color: MUTED } }),
      label: { show: true, fontSize: 10, formatter: shortText(value.value) },
      tooltip: tooltip(
        `${name} = ${value.value}${value.unit === '' ? '' : ` ${value.unit}`}`,
        feasible
          ? `no such design has less than ${formatNumber(Math.max(value.bound, best))} ${unit}, ${excess(value) > 0.05 ? `${formatNumber(excess(value), 3)} % above the best` : 'as the best'}`
          : 'no such design is feasible',
        ...shareLines(value),
      ),
    };
  };
  return {
    id: 'proof-excluded',
    title: 'Where the excluded designs lie',
    note: `A cell is all designs that have a value; its colour is how far above the best ${label} they are at least. Grey: none is feasible.`,
    heightPx: 90 + 24 * shown.length,
    option: {
      ...COMMON,
      grid: { left: 8, right: 24, top: 8, bottom: 66, containLabel: true },
      xAxis: { type: 'category', show: false },
      yAxis: {
        type: 'category',
        inverse: true,
        data: shown.map(({ name }) => name.replace(/^(workload|collective|network|compute)\./, '')),
      },
      visualMap: {
        type: 'continuous',
        min: 0,
        max: FAR,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        text: [`≥ ${FAR} % above the best`, 'the best'],
        inRange: { color: [COLORS[4], COLORS[1], COLORS[2]] },
      },
      series: [
        {
          type: 'heatmap',
          name: 'values',
          itemStyle: { borderWidth: 1, borderColor: 'transparent' },
          data: shown.flatMap(({ name, values }, row) => values.map((value, column) => cell(value, name, row, column))),
        },
      ],
    },
  };
}
