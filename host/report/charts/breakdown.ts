import { definitionOf, OUTPUT, partsOf } from '../../../kernels/outputs.js';
import { displayUnit, formatNumber, formatShare } from '../../display/format.js';
import { type Chart, COMMON, namedBelow, tooltip } from './chart.js';

export interface NamedOutputs {
  readonly name: string;
  readonly outputs: Float64Array;
}

const TEXTS = {
  timeUs: { id: 'time', title: 'Where the time goes' },
  memoryMB: { id: 'memory', title: 'Where the memory goes' },
} as const;

/** Step time or memory of some designs as stacked bars. */
export function breakdownChart(whole: keyof typeof TEXTS, designs: readonly NamedOutputs[], note: string): Chart {
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
      xAxis: { type: 'value', ...namedBelow(`${label} (${unit})`) },
      yAxis: { type: 'category', inverse: true, data: designs.map(({ name }) => name) },
      series: parts.map((name) => ({
        type: 'bar',
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
