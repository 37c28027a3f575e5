import type { EChartsOption } from 'echarts';
import { describeDesign } from '../../../psa/ordinals.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { entryName } from '../../designs/designs.js';
import { formatNumber } from '../../display/format.js';
import type { RunResult } from '../../runs/runResult.js';
import type { Winner } from '../../search/winners.js';
import { ACCENT, type Chart, COLORS, COMMON, MUTED, shortText, tooltip } from './chart.js';

type Value = number | string;

interface Axis {
  readonly name: string;
  readonly place: number;
  /** In order. */
  readonly values: readonly string[];
}

/** A value of each open parameter. */
function openValues(space: CompiledSpace, design: Float64Array): Value[] {
  return describeDesign(space, design)
    .filter(({ open }) => open)
    .map(({ value }) => (typeof value === 'string' ? shortText(value) : value));
}

function sorted(values: readonly Value[]): string[] {
  const distinct = [...new Set(values)];
  return distinct
    .sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))))
    .map(String);
}

/** An axis for each parameter in which any of the designs differ. */
function axesOf(space: CompiledSpace, designs: readonly (readonly Value[])[]): Axis[] {
  return describeDesign(space, space.fixed)
    .filter(({ open }) => open)
    .map((entry, place) => ({
      name: entryName(entry).replace(/^\w+\./, ''),
      place,
      values: sorted(designs.map((values) => values[place]!)),
    }))
    .filter(({ values }) => values.length > 1);
}

/** Axes below one another: their names have room beside them, however many there are and however narrow the page is. */
const NAMES_PX = 124;
const AXIS_PX = 32;
const AXIS_STYLE = {
  // Labels lie on the lines, with a rim (style.css).
  z: 3,
  nameLocation: 'start',
  nameGap: 14,
  nameTruncate: { maxWidth: NAMES_PX - 16 },
  nameTextStyle: { align: 'right', fontSize: 11 },
  axisLabel: { fontSize: 9, margin: 4, hideOverlap: true },
  areaSelectStyle: { width: 14 },
} as const;

/** The best design and others that a run kept, a line each over all that differs among them; no chart where nothing does. */
export function parallelChart({ space, kept, baseline, goal }: RunResult, best: Winner): Chart[] {
  const { label, unit } = goal.first;
  const others = kept.filter(({ ordinal }) => ordinal !== best.ordinal);
  const designs = [best, ...others].map(({ ordinal, design, objectives }) => ({
    values: openValues(space, design),
    objective: objectives[0]!,
    tip: tooltip(`${label} ${formatNumber(objectives[0]!)} ${unit}`, `design ${ordinal}`),
  }));
  const own = baseline && openValues(space, baseline.design);
  const axes = axesOf(space, [...designs.map(({ values }) => values), ...(own ? [own] : [])]);
  if (axes.length === 0) return [];
  const line = (values: readonly Value[], objective: Value, tip: { formatter: string }, lineStyle: object) => ({
    value: [...axes.map(({ place }) => String(values[place])), objective],
    tooltip: tip,
    lineStyle: { opacity: 1, ...lineStyle },
  });
  const parallelAxis: NonNullable<EChartsOption['parallelAxis']> = [
    ...axes.map(({ name, values }, dim) => ({ dim, name, type: 'category' as const, data: [...values] })),
    {
      dim: axes.length,
      name: label,
      type: 'value' as const,
      scale: true,
      // Within the axis, as its name stands before it.
      axisLabel: { ...AXIS_STYLE.axisLabel, alignMinLabel: 'left', alignMaxLabel: 'right' },
    },
  ];
  const [first, ...rest] = designs;
  const chart: Chart = {
    id: 'parallel',
    title: 'The best designs over all parameters',
    note: `${designs.length} of the best designs that the run kept, over the parameters in which they or the default differ. Drag along an axis to filter them; hover a line for its design. The best one is red, the default dashed.`,
    heightPx: 50 + AXIS_PX * axes.length,
    option: {
      ...COMMON,
      parallel: {
        layout: 'vertical',
        left: NAMES_PX,
        right: 40,
        top: 14,
        bottom: 30,
        parallelAxisDefault: AXIS_STYLE,
      },
      parallelAxis,
      series: [
        {
          type: 'parallel',
          name: 'kept',
          inactiveOpacity: 0.03,
          activeOpacity: 0.9,
          data: rest.map(({ values, objective, tip }) =>
            line(values, objective, tip, { width: 1, opacity: 0.35, color: COLORS[0] }),
          ),
        },
        {
          type: 'parallel',
          name: 'default and best',
          data: [
            ...(own ? [line(own, '-', tooltip('default'), { width: 2, type: 'dashed', color: MUTED })] : []),
            line(first!.values, first!.objective, first!.tip, { width: 3, color: ACCENT }),
          ],
        },
      ],
    },
  };
  return [chart];
}
