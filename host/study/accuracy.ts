/** How close predictions are to measured steps: the document, and its plot. */
import * as echarts from 'echarts';
import { formatNumber } from '../display/format.js';
import { COLORS, COMMON } from '../report/charts/chart.js';
import type { CrossValidation, Fold } from '../validate/measured/crossValidation.js';
import { groupsBy, type RowGroup } from '../validate/measured/groups.js';
import type { MeasuredResults } from '../validate/measured/measured.js';
import type { RowCase } from '../validate/measured/prediction.js';
import { markdownTable } from './markdown.js';

export interface Accuracy {
  readonly results: MeasuredResults;
  readonly validation: CrossValidation;
  /** Names of the files of rows. */
  readonly files: readonly string[];
  /** The command that wrote it. */
  readonly command: string;
  /** Name of the plot, beside the document. */
  readonly plot: string;
}

const percent = (error: number | undefined): string =>
  error === undefined ? '–' : `${(100 * error).toFixed(Math.abs(error) < 0.0995 ? 1 : 0)} %`;

const known = ({ cases }: RowGroup): boolean => cases > 0;

/** What else left out of the fit says of a group: a heading, and the mean error. */
interface LeftOut {
  readonly heading: string;
  readonly meanOf: (group: string) => number | undefined;
}

function row(one: RowGroup, leftOut: readonly LeftOut[]): string[] {
  return [
    one.group,
    formatNumber(one.cases),
    one.inexpressible.rows === 0 ? '' : formatNumber(one.inexpressible.rows),
    percent(known(one) ? one.meanAbsRelError : undefined),
    percent(known(one) ? one.medianRelError : undefined),
    percent(one.worst?.relError),
    one.spearman?.toFixed(3) ?? '–',
    percent(one.regret),
    ...leftOut.map(({ meanOf }) => percent(meanOf(one.group))),
  ];
}

function table(heading: string, groups: readonly RowGroup[], leftOut: readonly LeftOut[]): string {
  const columns = [
    ...[heading, 'rows', 'not expressible', 'mean error', 'median', 'worst', 'rank correlation', 'regret'],
    ...leftOut.map((one) => one.heading),
  ];
  return markdownTable(
    columns,
    groups.map((one) => row(one, leftOut)),
  );
}

function modelLeftOut(crossed: readonly RowGroup[]): LeftOut {
  return {
    heading: 'model left out',
    meanOf: (name) => crossed.find(({ group }) => group === name)?.meanAbsRelError,
  };
}

/** Of all frameworks and machines that a source has rows of. */
function sourceLeftOut(folds: readonly Fold[]): LeftOut {
  return {
    heading: 'source left out',
    meanOf: (name) => {
      const own = folds.filter(({ leftOut, cases }) => leftOut === `source ${name}` && cases > 0);
      const rows = own.reduce((sum, { cases }) => sum + cases, 0);
      return rows === 0 ? undefined : own.reduce((sum, fold) => sum + fold.cases * fold.meanAbsRelError, 0) / rows;
    },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function summary({ results, validation }: Accuracy): string {
  const { cases, inexpressible, sourcesAlike, regret } = results;
  const crossed = groupsBy(validation.cases, ({ source }) => source);
  return `${formatNumber(cases)} steps of ${sourcesAlike.sources} sources; ${formatNumber(inexpressible.rows)} more cannot be expressed. Where
each source counts alike the mean error is ${percent(sourcesAlike.meanAbsRelError)}, of the ${crossed.length} sources of which a model could be left out
${percent(mean(crossed.map(({ meanAbsRelError }) => meanAbsRelError)))} on that. The median regret is ${percent(regret)}.`;
}

/** Spread of each constant over the fits without one model. */
function constantRows(folds: readonly Fold[]): string[][] {
  const installations = [...new Set(folds.map(({ of }) => of))];
  return installations.flatMap((of) => {
    const fits = folds.filter((fold) => fold.of === of && fold.leftOut.startsWith('model'));
    return Object.keys(fits[0]?.constants ?? {}).map((name) => {
      const values = fits.map(({ constants }) => constants[name]!);
      return [of, `\`${name}\``, formatNumber(Math.min(...values), 3), formatNumber(Math.max(...values), 3)];
    });
  });
}

/** The document in Markdown. */
export function accuracyMarkdown(accuracy: Accuracy): string {
  const { results, validation, command, plot } = accuracy;
  const crossedBy = (key: Parameters<typeof groupsBy>[1]) => groupsBy(validation.cases, key);
  const { reasons } = results.inexpressible;
  const parts = [
    '# How close predictions are to measured steps',
    `Written by \`${command}\`. A row is a training step that
somebody measured and published; it is predicted from its configuration alone. What machines and frameworks are said to be stands in
psa/presets/machines and psa/presets/software.`,
    `**What was fitted.** Rates of products, attention and collectives are those of single kernels and of NCCL's tests
([kernels.md](kernels.md)), in which no step has a say; of machines without such tables they are peaks times a factor. The clock of a
machine under the load of whole steps, the memory efficiency and the host of a framework, and what words of a row stand for (a job's
own network and host, waits of a version) were fitted to all rows in these files, so *mean error* is that of a fit. *Model left out*:
clock, memory efficiency and host of the framework on the machine are fitted anew to rows of other models alone; *source left out*:
to those of other sources. What words of a row stand for stays as it is.`,
    `*Regret*: how much slower the run that is predicted to be the fastest was measured than the fastest; the median over jobs (a model
on so many NPUs of a kind) of at least five runs.`,
    summary(accuracy),
    `![Predicted and measured seconds a step](${plot})`,
    '## By source',
    table(
      'source',
      results.groups.filter(({ depth }) => depth === 0),
      [modelLeftOut(crossedBy(({ source }) => source)), sourceLeftOut(validation.folds)],
    ),
    '## By machine',
    table('gpu', results.by.gpu, [modelLeftOut(crossedBy(({ gpu }) => gpu))]),
    '## By precision',
    table('precision', results.by.precision, [modelLeftOut(crossedBy(({ precision = 'not stated' }) => precision))]),
    '## What cannot be expressed',
    markdownTable(
      ['rows', 'why', 'such as'],
      reasons.map(({ reason, rows, example }) => [formatNumber(rows), reason, `\`${example}\``]),
    ),
    '## Constants, and how much they depend on which model is left out',
    'Relative to those of psa/presets.',
    markdownTable(['framework and machine', 'constant', 'least', 'most'], constantRows(validation.folds)),
    '## What is assumed',
    markdownTable(
      ['source', 'assumptions'],
      Object.entries(results.assumptions).map(([source, texts]) => [source, texts.join('; ')]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

const SIDE = 640;

/** Three digits are more than a dot's place shows. */
const rounded = (seconds: number): number => Number(seconds.toPrecision(3));

/** Predicted over measured seconds as SVG, both axes logarithmic, a colour per kind of machine. */
export function accuracySvg(cases: readonly RowCase[]): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: SIDE, height: SIDE });
  const machines = [...new Set(cases.map(({ row: { gpu } }) => gpu.split('-')[0]!))];
  const measured = cases.map(({ expected }) => expected);
  const ends = [Math.min(...measured), Math.max(...measured)];
  const axis = (name: string, gap: number) =>
    ({ type: 'log', name, nameLocation: 'middle', nameGap: gap, min: 0.1, max: 1000 }) as const;
  chart.setOption({
    ...COMMON,
    color: [...COLORS],
    backgroundColor: '#fff',
    legend: { top: 8 },
    grid: { left: 70, right: 24, top: 56, bottom: 56 },
    xAxis: axis('measured s', 30),
    yAxis: axis('predicted s', 46),
    series: [
      ...machines.map((machine) => ({
        type: 'scatter' as const,
        name: machine,
        symbolSize: 3,
        // One path for all dots of a kind.
        large: true,
        largeThreshold: 0,
        data: cases
          .filter(({ row: { gpu } }) => gpu.split('-')[0] === machine)
          .map(({ expected, got }) => [rounded(expected), rounded(got!)]),
      })),
      { type: 'line' as const, symbol: 'none', lineStyle: { color: '#888' }, data: ends.map((end) => [end, end]) },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
