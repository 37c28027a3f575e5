import * as echarts from 'echarts';
import { formatNumber } from '../display/format.js';
import { COLORS, COMMON } from '../report/charts/chart.js';
import type { Regret } from './regret.js';
import type { SpaceStudy } from './study.js';

/** Smaller regrets are drawn here: a logarithmic axis has no 0. */
const FLOOR = 1e-6;

/** Panels lie in two columns. */
const COLUMNS = 2;
const PANEL_WIDTH = 520;
const PANEL_HEIGHT = 320;
const LEGEND_HEIGHT = 40;
const MARGIN = { left: 80, right: 24, top: 40, bottom: 56 };

/** Where the panel of a space begins. */
function corner(place: number): { left: number; top: number } {
  return {
    left: (place % COLUMNS) * PANEL_WIDTH,
    top: LEGEND_HEIGHT + Math.floor(place / COLUMNS) * PANEL_HEIGHT,
  };
}

/** `0.01 %`; the floor stands for less, too. */
function percentText(regret: number): string {
  const percent = Number((100 * regret).toPrecision(1));
  return `${regret <= FLOOR * 1.001 ? '≤ ' : ''}${percent.toLocaleString('en-US', { maximumFractionDigits: 6 })} %`;
}

/** Median regret over evaluations as SVG: a panel per space, a line per agent, both axes logarithmic. */
export function curvesSvg(studies: readonly SpaceStudy[]): string {
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: PANEL_WIDTH * Math.min(COLUMNS, studies.length),
    height: LEGEND_HEIGHT + PANEL_HEIGHT * Math.ceil(studies.length / COLUMNS),
  });
  chart.setOption({
    ...COMMON,
    color: [...COLORS],
    backgroundColor: '#fff',
    legend: { top: 8 },
    title: studies.map(({ space, optimum }, i) => ({
      text: `${space}, ${formatNumber(BigInt(optimum.designs))} designs`,
      left: corner(i).left + MARGIN.left - 8,
      top: corner(i).top + 8,
      textStyle: { fontSize: 13 },
    })),
    grid: studies.map((_, i) => ({
      left: corner(i).left + MARGIN.left,
      width: PANEL_WIDTH - MARGIN.left - MARGIN.right,
      top: corner(i).top + MARGIN.top,
      height: PANEL_HEIGHT - MARGIN.top - MARGIN.bottom,
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
      name: 'median regret',
      nameLocation: 'middle' as const,
      nameGap: 64,
      axisLabel: { formatter: percentText },
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
