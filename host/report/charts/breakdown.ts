import { definitionOf, OUTPUT, partsOf } from '../../../kernels/outputs.js';
import { displayUnit, formatNumber, formatShare } from '../../display/format.js';
import { type Chart, COMMON, MUTED, namedBelow, tooltip } from './chart.js';

export interface NamedOutputs {
  readonly name: string;
  readonly outputs: Float64Array;
}

const TEXTS = {
  timeUs: { id: 'time', title: 'Where the time goes' },
  memoryMB: { id: 'memory', title: 'Where the memory goes' },
} as const;

/**
 * Step time or memory of some designs as stacked bars.
 *
 * @param bounds what there is of the whole, in its own unit: a dashed line each
 */
export function breakdownChart(
  whole: keyof typeof TEXTS,
  designs: readonly NamedOutputs[],
  note: string,
  bounds: readonly number[] = [],
): Chart {
  const { id, title } = TEXTS[whole];
  const { label, unit: own } = definitionOf(whole);
  const totals = designs.map(({ outputs }) => outputs[OUTPUT[whole]]!);
  const { unit, factor } = displayUnit(own, totals);
  const parts = partsOf(whole).filter((name) => designs.some(({ outputs }) => outputs[OUTPUT[name]]! > 0));
  return {
    id,
    title,
    note,
    heightPx: 160 + 34 * designs.length,
    option: {
      ...COMMON,
      legend: { bottom: 0 },
      grid: { left: 8, right: 24, top: 8, bottom: 84, containLabel: true },
      xAxis: { type: 'value', ...namedBelow(`${label} (${unit})`), ...endBehind(bounds, totals, factor) },
      yAxis: { type: 'category', inverse: true, data: designs.map(({ name }) => name) },
      series: parts.map((name, place) => ({
        type: 'bar',
        ...(place === 0 && bounds.length > 0 ? { markLine: boundLines(bounds, factor) } : {}),
        stack: 'whole',
        name: definitionOf(name).label,
        barMaxWidth: 26,
        data: designs.map(({ name: design, outputs }, i) => {
          const value = outputs[OUTPUT[name]]!;
          const share = formatShare(value / totals[i]!);
          return {
            value: value * factor,
            tooltip: tooltip(
              `${design}: ${definitionOf(name).label}`,
              `${formatNumber(value * factor)} ${unit} (${share})`,
            ),
          };
        }),
      })),
    },
  };
}

/** Ticks that an axis has at least. */
const TICKS = 4;

/** The widest step of an axis, 1, 2 or 5 of a power of ten, that has as many ticks up to its end. */
function stepUpTo(end: number): number {
  const power = 10 ** Math.floor(Math.log10(end / TICKS));
  return [5, 2, 1].map((digit) => digit * power).find((step) => end / step >= TICKS)!;
}

/** The end of an axis on which a bound is further out than all bars: a tick behind it, with room for its line. */
function endBehind(
  bounds: readonly number[],
  totals: readonly number[],
  factor: number,
): { max?: number; interval?: number } {
  const furthest = Math.max(0, ...bounds);
  if (furthest <= Math.max(...totals)) return {};
  const end = furthest * factor * 1.02;
  const interval = stepUpTo(end);
  return { max: Math.ceil(end / interval) * interval, interval };
}

function boundLines(bounds: readonly number[], factor: number) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { type: 'dashed' as const, color: MUTED },
    label: { formatter: 'capacity', position: 'insideEndTop' as const },
    data: bounds.map((bound) => ({ xAxis: bound * factor })),
  };
}
