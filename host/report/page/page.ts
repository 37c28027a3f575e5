/** Draws the charts of a report, in the colours of the reader's system, and in light ones on paper. */
import type * as ECharts from 'echarts';

declare const echarts: typeof ECharts;

interface ChartData {
  readonly id: string;
  readonly option: ECharts.EChartsOption;
}

/** Pixels that a slice has at least, so that short ones can be hovered; shorter ones are paler instead, down to a limit. */
const THINNEST_PX = 0.5;
const PALEST = 0.15;
/** Width of a page of A4 between its margins. */
const PAPER_PX = 700;

/** Draws a slice of a timeline: a bar from its begin to its end on its row, as opaque as it is busy. */
const drawSlice: ECharts.CustomSeriesRenderItem = (params, api) => {
  const row = api.value(0);
  const [x0, y] = api.coord([api.value(1), row]) as [number, number];
  const [x1] = api.coord([api.value(2), row]) as [number, number];
  const height = (api.size!([0, 1]) as [number, number])[1] * 0.7;
  const area = params.coordSys as unknown as { x: number; y: number; width: number; height: number };
  const shape = echarts.graphic.clipRectByRect(
    { x: x0, y: y - height / 2, width: Math.max(x1 - x0, THINNEST_PX), height },
    area,
  );
  const busy = api.value(3) as number;
  const opacity = Math.max(PALEST, busy * Math.min(1, (x1 - x0) / THINNEST_PX));
  return shape && { type: 'rect', shape, style: { fill: api.visual('color') as string, opacity } };
};

function withDrawing(option: ECharts.EChartsOption): ECharts.EChartsOption {
  const series = (option.series as ECharts.SeriesOption[]).map((one) =>
    one.type === 'custom' ? { ...one, renderItem: drawSlice } : one,
  );
  return { ...option, series };
}

const dark = matchMedia('(prefers-color-scheme: dark)');

function themeName(): string {
  return dark.matches ? 'dark' : 'default';
}

const charts = (JSON.parse(document.getElementById('charts')!.textContent!) as ChartData[]).map(({ id, option }) => {
  const chart = echarts.init(document.getElementById(id), themeName(), { renderer: 'svg' });
  chart.setOption(withDrawing(option));
  return chart;
});

function showIn(theme: string, width: number | 'auto'): void {
  for (const chart of charts) {
    chart.setTheme(theme);
    chart.resize({ width });
    // Paper does not wait for the next frame.
    chart.getZr().flush();
  }
}

dark.addEventListener('change', () => showIn(themeName(), 'auto'));
addEventListener('resize', () => showIn(themeName(), 'auto'));
addEventListener('beforeprint', () => showIn('default', PAPER_PX));
addEventListener('afterprint', () => showIn(themeName(), 'auto'));
document.documentElement.dataset.drawn = String(charts.length);
