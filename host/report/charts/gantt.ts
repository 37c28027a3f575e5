import type { Span } from '../../../kernels/schedule/passes.js';
import { displayUnit, formatNumber } from '../../display/format.js';
import { type Chart, COMMON, MUTED, namedBelow, tooltip } from './chart.js';

/** A slice on a row of a timeline. */
export interface Bar {
  readonly row: string;
  readonly name: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly color: string;
  /** Share of the time that it stands for; 1 unless given. */
  readonly busy?: number;
}

/** Lets the slices below it through, on white and on black. */
const BREAK_COLOR = 'rgba(128, 128, 128, 0.2)';
/** Share of the width that stands for a part that is left out. */
const GAP = '5%';

/** The parts that are left out, in the axis's unit, their ends as round as a label can be. */
function axisBreaks(gaps: readonly Span[], endUs: number, factor: number) {
  const shown = gaps.reduce((rest, span) => rest - (span.endUs - span.startUs), endUs) * factor;
  const step = 10 ** Math.floor(Math.log10(shown) - 2);
  const digits = Math.max(0, Math.round(-Math.log10(step)));
  const round = (multiple: number) => Number((multiple * step).toFixed(digits));
  return gaps.map((span) => ({
    start: round(Math.ceil((span.startUs * factor) / step)),
    end: round(Math.floor((span.endUs * factor) / step)),
    gap: GAP,
  }));
}

/**
 * Bars on rows over time.
 *
 * @param gaps parts that are left out: both sides of each are drawn to one scale
 */
export function ganttChart(
  bars: readonly Bar[],
  rows: readonly string[],
  text: Pick<Chart, 'id' | 'title' | 'note'>,
  gaps: readonly Span[] = [],
): Chart {
  const endUs = bars.reduce((latest, { startUs, durationUs }) => Math.max(latest, startUs + durationUs), 0);
  const { unit, factor } = displayUnit('us', [endUs]);
  return {
    ...text,
    heightPx: 130 + 26 * rows.length,
    option: {
      ...COMMON,
      grid: { left: 8, right: 24, top: 8, bottom: 80, containLabel: true },
      xAxis: {
        type: 'value',
        max: endUs * factor,
        axisLabel: { showMaxLabel: false },
        ...namedBelow(`time (${unit})`),
        splitNumber: 10,
        breaks: axisBreaks(gaps, endUs, factor),
        breakArea: { expandOnClick: false, itemStyle: { color: BREAK_COLOR, borderColor: MUTED, opacity: 1 } },
      },
      yAxis: { type: 'category', inverse: true, data: [...rows] },
      dataZoom: [
        { type: 'slider', filterMode: 'weakFilter', height: 20, bottom: 8 },
        { type: 'inside', filterMode: 'weakFilter', zoomOnMouseWheel: 'ctrl' },
      ],
      series: [
        {
          // The page adds what draws a slice: a function is no data.
          type: 'custom',
          name: 'slices',
          encode: { x: [1, 2], y: 0 },
          data: bars.map(({ row, name, startUs, durationUs, color, busy = 1 }) => ({
            value: [rows.indexOf(row), startUs * factor, (startUs + durationUs) * factor, busy],
            itemStyle: { color },
            tooltip: tooltip(
              name,
              `${formatNumber(durationUs * factor)} ${unit}, from ${formatNumber(startUs * factor)} to ${formatNumber((startUs + durationUs) * factor)} ${unit}`,
            ),
          })),
        },
      ],
    },
  };
}
