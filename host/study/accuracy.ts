/** How close predictions are to measured steps: the document, and its plot. */

import * as echarts from 'echarts';
import { formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { FORMATS, MODEL_KINDS } from '../doubt/evidence.js';
import { FORMAT_TEXT, VALIDATED_TEXT } from '../doubt/text.js';
import { COLORS, COMMON } from '../report/charts/chart.js';
import { mean } from '../statistics/statistics.js';
import type { AimResult } from '../validate/measured/aims.js';
import type { CrossValidation, Fold } from '../validate/measured/crossValidation.js';
import type { Coverage } from '../validate/measured/evidence.js';
import { groupsBy, type RowGroup } from '../validate/measured/groups.js';
import type { MeasuredResults } from '../validate/measured/measured.js';
import type { SourceOrder } from '../validate/measured/orders.js';
import type { RowCase } from '../validate/measured/prediction.js';
import type { SourceScatter } from '../validate/measured/repeats.js';
import type { RobustRegret } from '../validate/measured/robustRegret.js';
import type { Unseen } from '../validate/measured/unseen.js';
import { aimsTable, leastErrors, orderTable, scatterTable } from './accuracyAims.js';
import { unseenParts } from './accuracyUnseen.js';
import { percent } from './numbers.js';

export interface Accuracy {
  readonly results: MeasuredResults;
  readonly validation: CrossValidation;
  /** The rows as they are predicted with the presets. */
  readonly cases: readonly RowCase[];
  readonly predictedWith: (row: RowCase['row']) => string;
  /** How often intervals held what was measured, by what was kept out at a time. */
  readonly coverage: readonly Coverage[];
  readonly aims: readonly AimResult[];
  readonly orders: readonly SourceOrder[];
  /** Of steps that were measured more than once. */
  readonly scatter: readonly SourceScatter[];
  /** Whether the choice that stays good is a better one; undefined where no job has runs enough. */
  readonly robust: RobustRegret | undefined;
  /** Rows that had no say; undefined where no file of such is given. */
  readonly unseen: Unseen | undefined;
  /** Names of the files of rows. */
  readonly files: readonly string[];
  /** The command that wrote it. */
  readonly command: string;
  /** Name of the plot, beside the document. */
  readonly plot: string;
}

const known = ({ cases }: RowGroup): boolean => cases > 0;

/** What else is said of a group, such as with it left out of the fit: a heading, and the mean error. */
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

/** Of groups the mean error where each of their sources counts alike. */
function sourcesAlike(heading: string, cases: readonly RowCase[], key: (row: RowCase['row']) => string): LeftOut {
  return {
    heading,
    meanOf: (name) => {
      const sources = groupsBy(
        cases.filter(({ row }) => key(row) === name),
        ({ source }) => source,
      );
      return sources.length === 0 ? undefined : mean(sources.map(({ meanAbsRelError }) => meanAbsRelError));
    },
  };
}

function summary({ results, validation }: Accuracy): string {
  const { cases, inexpressible, sourcesAlike, regret } = results;
  const crossed = groupsBy(validation.cases, ({ source }) => source);
  return `${formatNumber(cases)} steps of ${sourcesAlike.sources} sources; ${formatNumber(inexpressible.rows)} more cannot be expressed. Where
each source counts alike the mean error is ${percent(sourcesAlike.meanAbsRelError)}, of the ${crossed.length} sources of which a model could be left out
${percent(mean(crossed.map(({ meanAbsRelError }) => meanAbsRelError)))} on that. The median regret is ${percent(regret)}.`;
}

function coverageRows(coverage: readonly Coverage[]): string[][] {
  return coverage.flatMap(({ keptOut, levels }) =>
    levels.map(({ validated, steps, held, heldBySource, classes }) => {
      const of = (model: string, format: string) =>
        percent(classes.find((one) => one.model === model && one.format === format)?.held);
      return [
        KEPT_OUT_TEXT[keptOut],
        VALIDATED_TEXT[validated],
        formatNumber(steps),
        percent(held),
        percent(heldBySource),
        ...MODEL_KINDS.flatMap((model) => FORMATS.map((format) => of(model, format))),
      ];
    }),
  );
}

const KEPT_OUT_TEXT = { model: 'a model', source: 'a source', installation: 'an installation' } as const;

const COVERAGE_COLUMNS = [
  ...['kept out', 'validated', 'steps', 'held', 'mean of sources'],
  ...MODEL_KINDS.flatMap((model) => FORMATS.map((format) => `${model}, ${FORMAT_TEXT[format]}`)),
];

function robustText(robust: RobustRegret | undefined): string {
  if (robust === undefined) return 'No job has eight runs, of which the best could be chosen.';
  const { jobs, runs, sets, single, robust: stays, differs, better } = robust;
  return `Of ${formatNumber(jobs)} jobs of at least eight runs (${formatNumber(runs)}) the run that is predicted to be the fastest was ${percent(single)} slower than the
fastest in the mean, the one that stays good under ${formatNumber(sets)} plausible sets of constants (\`--robust\`) ${percent(stays)}. In ${formatNumber(differs)} of the jobs the two
are not the same; in ${formatNumber(better)} of these the latter was faster.`;
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

const publicationsText = (unseen: Unseen | undefined): string =>
  unseen === undefined
    ? 'of which these files say nothing'
    : `the median of each of those [that nobody fitted](#rows-that-nobody-fitted): those that were fitted do not tell it, as
physics and reading were made with them in sight`;

/** The document in Markdown. */
export function accuracyMarkdown(accuracy: Accuracy): string {
  const { results, validation, cases, predictedWith, command, plot } = accuracy;
  const crossedBy = (key: Parameters<typeof groupsBy>[1]) => groupsBy(validation.cases, key);
  const { reasons } = results.inexpressible;
  const parts = [
    '# How close predictions are to measured steps',
    `Written by \`${command}\`. A row is a training step that
somebody measured and published; it is predicted from its configuration alone. What machines and frameworks are said to be stands in
psa/presets/machines and psa/presets/software.`,
    `**What was fitted.** Rates of products, attention, the loss and collectives are those of single kernels and of NCCL's tests
([kernels.md](kernels.md)), in which no step has a say; of machines without such tables they are peaks times a factor. The clock of a
machine under the load of whole steps, the memory efficiency and the host of a framework are those of one fit to all rows in these
files (\`cosmic study constants --write\`), and what words of a row stand for (a job's own network and host, waits of a version) was fitted,
too, so *mean error* is that of a fit. *Model left out*:
the clocks of all machines and the memory efficiency, the host and, where they have rates of their own, the experts and their exchanges of
all frameworks are fitted anew, together, to the rows of other models alone; *source left out*: to those of other sources. No framework has a clock and no
machine a host of its own, and a constant that few rows tell is drawn to the mean of its kind
([how](../CONTRIBUTING.md#constants-of-steps)). Hybrids of state-space layers have no say in the fit, for no table tells how fast their scans
are by themselves. What words of a row stand for, how much of the traffic of
sharded weights runs beside compute, and the host's time for experts stay as they are. Of a framework on a machine at least four rows
must be left; of MegaScale's mixture, say, none would be, and what was fitted to it has been tried nowhere else.`,
    `*Regret*: how much slower the run that is predicted to be the fastest was measured than the fastest; the median over jobs (a model
on so many NPUs of a kind) of at least five runs.`,
    summary(accuracy),
    `![Predicted and measured seconds a step](${plot})`,
    '## What was aimed at',
    `Each source of a kind counts alike; a bar is met by rows whose model was left out. Ranks are the correlations of single sources, of
the same rows, and a source of five or six rows loses 0.1 by two neighbours that change places.`,
    aimsTable(accuracy.aims),
    `Sources whose steps are predicted in another order than they were measured, a rank correlation below 0.95, by pairs of their steps.
*Scatter allows* is the rank correlation of what was measured with the same times moved once more by what the source's own repeats of a
step differ by, the median of 200 draws: so well the source agrees with itself, measured again (– where it repeats no step):`,
    orderTable(accuracy.orders),
    ...(accuracy.unseen === undefined ? [] : unseenParts(accuracy.unseen)),
    '## What no prediction can follow',
    `Some steps stand in a source twice, or in two: releases of a framework, jobs on other nodes. *Spread* is the slowest over the fastest of
such a set less one, the median over sets; *least error* what the steps would be off in the mean if each set were predicted by its own
median: where each source counts alike, ${leastErrors(accuracy.scatter)}. Rows are repeats if they say the same of their configuration and
are predicted alike; their words may still tell more, such as the version of a library.`,
    scatterTable(accuracy.scatter),
    '## By source',
    table(
      'source',
      results.groups.filter(({ depth }) => depth === 0),
      [modelLeftOut(crossedBy(({ source }) => source)), sourceLeftOut(validation.folds)],
    ),
    '## By machine',
    table('gpu', results.by.gpu, [modelLeftOut(crossedBy(({ gpu }) => gpu))]),
    '## By framework',
    `As each row counts, and as each source of a framework does.`,
    table('framework', results.by.framework, [
      modelLeftOut(crossedBy(predictedWith)),
      sourcesAlike('sources alike', cases, predictedWith),
      sourcesAlike('sources alike, model left out', validation.cases, predictedWith),
    ]),
    '## By precision',
    table('precision', results.by.precision, [modelLeftOut(crossedBy(({ precision = 'not stated' }) => precision))]),
    '## How far to trust a prediction',
    `The 90 % interval of a predicted time has two parts. The first is ln(measured / predicted) of steps of its kind that
were kept out of the fit, as quantiles (the widest of three: where each step counts alike, where a model of an installation counts as the root of its
steps, which are alike but not the same, and where each source counts alike): the framework on the machine validated together, each with
others, one of them or neither; a dense model or a mixture; products in 16 bits or fewer. The second is what a publication as a whole
differs by, ${publicationsText(accuracy.unseen)}. The interval reaches from the 5 % to the 95 % quantile of the sums. Where nothing is known of the framework, the upper end
starts from the time with the slowest host of all others. So often the intervals hold what was measured of fitted publications' steps that had no say in them, with one model, source or installation (a framework on a machine) kept out at a time:`,
    markdownTable(COVERAGE_COLUMNS, coverageRows(accuracy.coverage)),
    robustText(accuracy.robust),
    '## What cannot be expressed',
    markdownTable(
      ['rows', 'why', 'such as'],
      reasons.map(({ reason, rows, example }) => [formatNumber(rows), reason, `\`${example}\``]),
    ),
    '## Constants, and how much they depend on which model is left out',
    'Relative to those that all rows tell (`cosmic study constants`).',
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
