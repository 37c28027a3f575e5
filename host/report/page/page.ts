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
/** Charts that are narrower have no room for long labels in one line, and for a legend of many. */
const NARROW_PX = 560;
/** Width and height of a line of such a label. */
const LABEL_PX = 130;
const LABEL_LINE_PX = 13;

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

type Axis = ECharts.XAXisComponentOption | ECharts.YAXisComponentOption;

/** An axis whose labels do not run into one another; in a narrow chart long ones break, and its name ends where it does. */
function fittedAxis(axis: Axis, narrow: boolean): Axis {
  const { type, nameLocation, axisLabel } = axis;
  const lines =
    narrow && type === 'category'
      ? { width: LABEL_PX, overflow: 'break', fontSize: 11, lineHeight: LABEL_LINE_PX }
      : {};
  const atEnd = {
    nameLocation: 'end',
    nameGap: 0,
    nameTextStyle: { align: 'right', verticalAlign: 'top', padding: [26, 0, 0, 0] },
  };
  const name = narrow && nameLocation === 'middle' ? atEnd : {};
  return { ...axis, ...name, axisLabel: { ...axisLabel, hideOverlap: type !== 'category', ...lines } } as Axis;
}

function fitted(option: ECharts.EChartsOption, narrow: boolean): ECharts.EChartsOption {
  const { xAxis, yAxis, legend } = option as Record<'xAxis' | 'yAxis' | 'legend', object | undefined>;
  return {
    ...option,
    ...(xAxis === undefined ? {} : { xAxis: fittedAxis(xAxis, narrow) as ECharts.XAXisComponentOption }),
    ...(yAxis === undefined ? {} : { yAxis: fittedAxis(yAxis, narrow) as ECharts.YAXisComponentOption }),
    ...(legend === undefined || !narrow ? {} : { legend: { ...legend, type: 'scroll' } }),
  };
}

const dark = matchMedia('(prefers-color-scheme: dark)');

function themeName(): string {
  return dark.matches ? 'dark' : 'default';
}

const charts = (JSON.parse(document.getElementById('charts')!.textContent!) as ChartData[]).map(({ id, option }) => {
  const element = document.getElementById(id)!;
  const chart = echarts.init(element, themeName(), { renderer: 'svg' });
  const whole = withDrawing(option);
  let drawnNarrow: boolean | undefined;
  const fitWidth = () => {
    const narrow = chart.getWidth() < NARROW_PX;
    if (narrow !== drawnNarrow) chart.setOption(fitted(whole, narrow), { notMerge: true });
    drawnNarrow = narrow;
  };
  fitWidth();
  for (const button of element.parentElement!.querySelectorAll<HTMLButtonElement>('button[data-save]')) {
    const kind = button.dataset.save as keyof typeof FORMATS;
    button.addEventListener('click', async () => download(`${id}.${kind}`, await FORMATS[kind](chart, option)));
  }
  return { chart, fitWidth };
});

/** The files that a chart can be saved as. */
const FORMATS = {
  svg: async (chart: ECharts.ECharts) => new Blob([chart.renderToSVGString()], { type: 'image/svg+xml' }),
  png: pngOf,
  csv: async (_: ECharts.ECharts, option: ECharts.EChartsOption) => new Blob([csvOf(option)], { type: 'text/csv' }),
} as const;

/** Dots of a picture for each on the screen. */
const PNG_SCALE = 2;

async function pngOf(chart: ECharts.ECharts): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(chart.renderToSVGString())}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = PNG_SCALE * chart.getWidth();
  canvas.height = PNG_SCALE * chart.getHeight();
  const context = canvas.getContext('2d')!;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--card');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!)));
}

/** What a chart draws, a row for each mark: its series, its category where the axis has some, its values. */
function csvOf({ series, xAxis, yAxis }: ECharts.EChartsOption): string {
  const categories = [xAxis, yAxis].flatMap((axis) => (axis as { data?: unknown[] } | undefined)?.data ?? []);
  const rows = (series as { name?: string; data?: unknown[] }[]).flatMap(({ name = '', data = [] }) =>
    data.map((mark, i) => {
      const value = (mark as { value?: unknown } | null)?.value ?? mark;
      return Array.isArray(value) ? [name, '', ...value] : [name, categories[i] ?? '', value];
    }),
  );
  const quoted = (cell: unknown) => `"${String(cell).replaceAll('"', '""')}"`;
  return rows
    .map((row) => `${row.map((cell) => (typeof cell === 'number' ? String(cell) : quoted(cell))).join(',')}\n`)
    .join('');
}

function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function showIn(theme: string, width: number | 'auto'): void {
  for (const { chart, fitWidth } of charts) {
    chart.setTheme(theme);
    chart.resize({ width });
    fitWidth();
    // Paper does not wait for the next frame.
    chart.getZr().flush();
  }
}

dark.addEventListener('change', () => showIn(themeName(), 'auto'));
addEventListener('resize', () => showIn(themeName(), 'auto'));
addEventListener('beforeprint', () => showIn('default', PAPER_PX));
addEventListener('afterprint', () => showIn(themeName(), 'auto'));
document.documentElement.dataset.drawn = String(charts.length);
