import * as echarts from 'echarts';
import { COLORS, COMMON } from '../report/charts/chart.js';
import type { Regret } from './regret.js';
import type { SpaceStudy } from './study.js';

/** Smaller regrets are drawn here: a logarithmic axis has no 0. */
const FLOOR = 1e-6;

const PANEL_WIDTH = 480;
const PANEL_HEIGHT = 360;
const LEGEND_HEIGHT = 48;

/** Median regret over evaluations as SVG: a panel per space, a line per agent, both axes logarithmic. */
export function curvesSvg(studies: readonly SpaceStudy[]): string {
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: PANEL_WIDTH * studies.length,
    height: PANEL_HEIGHT + LEGEND_HEIGHT,
  });
  chart.setOption({
    ...COMMON,
    color: [...COLORS],
    backgroundColor: '#fff',
    legend: { top: 8 },
    title: studies.map(({ space, optimum }, i) => ({
      text: `${space}, ${Number(optimum.designs).toLocaleString('en-US')} designs`,
      left: i * PANEL_WIDTH + 64,
      top: LEGEND_HEIGHT - 8,
      textStyle: { fontSize: 13 },
    })),
    grid: studies.map((_, i) => ({
      left: i * PANEL_WIDTH + 64,
      width: PANEL_WIDTH - 96,
      top: LEGEND_HEIGHT + 24,
      height: PANEL_HEIGHT - 72,
    })),
    xAxis: studies.map((_, i) => ({
      type: 'log' as const,
      gridIndex: i,
      name: 'designs evaluated',
      nameLocation: 'middle' as const,
      nameGap: 26,
      min: 10,
    })),
    yAxis: studies.map((_, i) => ({
      type: 'log' as const,
      gridIndex: i,
      min: FLOOR,
      ...(i === 0 ? { name: 'median regret' } : {}),
    })),
    series: studies.flatMap(({ regrets }, i) =>
      longest(regrets).map(({ agent, curve }) => ({
        type: 'line' as const,
        name: agent,
        xAxisIndex: i,
        yAxisIndex: i,
        symbol: 'none',
        data: curve.filter(([, regret]) => Number.isFinite(regret)).map(([x, regret]) => [x, Math.max(FLOOR, regret)]),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Of each agent, the regret with the largest budget. */
function longest(regrets: readonly Regret[]): Regret[] {
  return [
    ...new Map([...regrets].sort((a, b) => a.budget - b.budget).map((regret) => [regret.agent, regret])).values(),
  ];
}
