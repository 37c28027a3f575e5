import { STATUSES } from '../../../kernels/outputs.js';
import { formatNumber, formatShare } from '../../display/format.js';
import { type Chart, COLORS, COMMON, MUTED, namedBelow, tooltip } from './chart.js';

/** Feasible designs, and infeasible ones by reason. */
export function feasibilityChart(evaluated: bigint, feasible: bigint, byReason: readonly bigint[]): Chart {
  const bars = [
    { name: 'feasible', reason: 'feasible', count: feasible, color: COLORS[4] as string },
    ...STATUSES.map(({ name, reason }, bit) => ({ name, reason, count: byReason[bit]!, color: MUTED as string })),
  ].filter(({ count }, i) => i === 0 || count > 0n);
  return {
    id: 'feasibility',
    title: 'Feasibility',
    note: 'Designs evaluated, by the reason that makes them infeasible; a design may have several.',
    heightPx: 70 + 44 * bars.length,
    option: {
      ...COMMON,
      grid: { left: 8, right: 64, top: 8, bottom: 30, containLabel: true },
      xAxis: { type: 'value', ...namedBelow('designs') },
      yAxis: { type: 'category', inverse: true, data: bars.map(({ reason }) => reason) },
      series: [
        {
          type: 'bar',
          name: 'designs',
          barMaxWidth: 20,
          data: bars.map(({ name, count, color }) => ({
            value: Number(count),
            itemStyle: { color },
            label: {
              show: true,
              position: 'right',
              formatter: formatShare(Number(count) / Number(evaluated)),
            },
            tooltip: tooltip(`${formatNumber(count)} designs`, name),
          })),
        },
      ],
    },
  };
}
