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

/** The end of an axis on which a bound is further out than all bars. */
function endBehind(bounds: readonly number[], totals: readonly number[], factor: number): { max?: number } {
  const furthest = Math.max(0, ...bounds);
  return furthest > Math.max(...totals) ? { max: Number((furthest * factor * 1.05).toPrecision(2)) } : {};
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
