import { OUTPUT, OUTPUTS } from '../../../kernels/outputs.js';
import { displayUnit, formatNumber, formatShare } from '../../display/format.js';
import { OUTPUT_LABELS } from '../../display/outputRows.js';
import { type Chart, COMMON, namedBelow, tooltip } from './chart.js';

export interface NamedOutputs {
  readonly name: string;
  readonly outputs: Float64Array;
}

const TEXTS = {
  timeUs: { id: 'time', title: 'Where the time goes', axis: 'step time' },
  memoryMB: { id: 'memory', title: 'Where the memory goes', axis: 'memory per NPU' },
} as const;

/** Step time or memory of some designs as stacked bars. */
export function breakdownChart(whole: keyof typeof TEXTS, designs: readonly NamedOutputs[], note: string): Chart {
  const { id, title, axis } = TEXTS[whole];
  const totals = designs.map(({ outputs }) => outputs[OUTPUT[whole]]!);
  const { unit, factor } = displayUnit(OUTPUTS[OUTPUT[whole]]!.unit, totals);
  const parts = OUTPUTS.filter(({ partOf }) => partOf === whole).filter(({ name }) =>
    designs.some(({ outputs }) => outputs[OUTPUT[name]]! > 0),
  );
  return {
    id,
    title,
    note,
    heightPx: 160 + 34 * designs.length,
    option: {
      ...COMMON,
      legend: { bottom: 0 },
      grid: { left: 8, right: 24, top: 8, bottom: 84, containLabel: true },
      xAxis: { type: 'value', ...namedBelow(`${axis} (${unit})`) },
      yAxis: { type: 'category', inverse: true, data: designs.map(({ name }) => name) },
      series: parts.map(({ name }) => ({
        type: 'bar',
        stack: 'whole',
        name: OUTPUT_LABELS[name].trim(),
        barMaxWidth: 26,
        data: designs.map(({ name: design, outputs }, i) => {
          const value = outputs[OUTPUT[name]]!;
          const share = formatShare(value / totals[i]!);
          return {
            value: value * factor,
            tooltip: tooltip(
              `${design}: ${OUTPUT_LABELS[name].trim()}`,
              `${formatNumber(value * factor)} ${unit} (${share})`,
            ),
          };
        }),
      })),
    },
  };
}
