/** A section of docs/accuracy.md: rows that nobody fitted. */
import { formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { mean } from '../statistics/statistics.js';
import type { HeldGains, ReliableChance, Share } from '../validate/measured/gains.js';
import type { Unseen } from '../validate/measured/unseen.js';
import { percent } from './numbers.js';

const LIST = new Intl.ListFormat('en-GB');

const COLUMNS = [
  ...['source', 'rows', 'not expressible', 'mean error', 'median', 'worst', 'rank correlation'],
  ...['held by their 90 % intervals', 'said not to fit'],
];

function rows({ results, sources }: Unseen): string[][] {
  return results.groups
    .filter(({ depth }) => depth === 0)
    .map(({ group, cases, inexpressible, meanAbsRelError, medianRelError, worst, spearman }) => {
      const own = sources.find(({ source }) => source === group);
      return [
        group,
        formatNumber(cases),
        inexpressible.rows === 0 ? '' : formatNumber(inexpressible.rows),
        percent(cases === 0 ? undefined : meanAbsRelError),
        percent(cases === 0 ? undefined : medianRelError),
        percent(worst?.relError),
        spearman?.toFixed(3) ?? '–',
        percent(own?.held),
        own === undefined || own.alarms === 0 ? '' : formatNumber(own.alarms),
      ];
    });
}

/** Of all sources' steps, and where each source counts alike. */
function heldOf(
  sources: Unseen['sources'],
  by: 'held' | 'heldByFitted',
): readonly [number | undefined, number | undefined] {
  const known = sources.flatMap(({ [by]: held, steps }) => (held === undefined ? [] : [{ held, steps }]));
  if (known.length === 0) return [undefined, undefined];
  const all = known.reduce((sum, { steps }) => sum + steps, 0);
  return [known.reduce((sum, one) => sum + one.held * one.steps, 0) / all, mean(known.map(({ held }) => held))];
}

const CHANCE_COLUMNS = [
  ...['chance that was told', 'pairs', 'jobs', 'told, in the mean', 'were faster', 'told, where jobs count alike'],
  ...['were faster', 'pairs of fitted publications', 'were faster', 'where jobs count alike'],
];

function chanceRow({ from, to, ...own }: ReliableChance, fitted: ReliableChance | undefined): string[] {
  return [
    from === 0 ? `below ${percent(to)}` : `${percent(from)} to ${percent(to)}`,
    ...[own.pairs, own.jobs].map((count) => formatNumber(count)),
    ...[own.said.pairs, own.faster.pairs, own.said.byJob, own.faster.byJob].map(percent),
    fitted === undefined ? '' : formatNumber(fitted.pairs),
    ...[fitted?.faster.pairs, fitted?.faster.byJob].map(percent),
  ];
}

const heldText = ({ pairs, byJob, bySource }: HeldGains['held']): string =>
  `${percent(pairs)} of them, where each job counts alike ${percent(byJob)}, where each publication does ${percent(bySource)}`;

const scoreText = ({ pairs, byJob }: Share): string =>
  `${pairs.toFixed(3)}, where jobs count alike ${byJob.toFixed(3)}`;

function gainsParts({ gains, fittedGains }: Unseen): string[] {
  if (gains === undefined) return [];
  const { pairs, jobs, publications, held, brier, logScore, chances } = gains;
  const fitted =
    fittedGains === undefined
      ? ''
      : ` Of ${formatNumber(fittedGains.pairs)} pairs of fitted publications, each run predicted without its model, the
same intervals hold ${heldText(fittedGains.held)}.`;
  return [
    `**Gains.** ${formatNumber(pairs)} pairs of their runs, ${formatNumber(jobs)} jobs of ${formatNumber(publications)} publications, are predicted to differ by half a percent or more. The 80 % interval
of the ratio of the two times, as the other publications of these give it, holds ${heldText(held)}.${fitted} The chances that are told of a
gain have a Brier score of ${scoreText(brier)} and a logarithmic score of ${scoreText(logScore)} (0.25 and 0.69 of a coin). So often the run that was
predicted to be faster was, by the chance that is told of it:`,
    markdownTable(
      CHANCE_COLUMNS,
      chances.map((one) =>
        chanceRow(
          one,
          fittedGains?.chances.find(({ from }) => from === one.from),
        ),
      ),
    ),
  ];
}

/** The section, heading and all. */
export function unseenParts(unseen: Unseen): string[] {
  const { files, results, sources } = unseen;
  const { cases, inexpressible, meanAbsRelError, sourcesAlike } = results;
  const [held, heldBySource] = heldOf(sources, 'held');
  const [fitted, fittedBySource] = heldOf(sources, 'heldByFitted');
  return [
    '## Rows that nobody fitted',
    `${LIST.format(files.map((file) => `\`${file}\``))} ${files.length > 1 ? 'have' : 'has'} ${formatNumber(cases)} steps of ${sourcesAlike.sources} other publications, and ${formatNumber(inexpressible.rows)} that cannot be expressed. No constant
was fitted to them, and they were chosen by what they print, before any was predicted
([how, and what was mended since](../test/data/measured/README.md#rows-that-nobody-fitted)). Their mean error is ${percent(meanAbsRelError)}, where each source
counts alike ${percent(sourcesAlike.meanAbsRelError)}. *Said not to fit*: steps that ran though no setting was thought to fit in the memory.`,
    `Intervals of predictions hold what such publications differ by as a whole. With each publication kept out of its own intervals these hold
${percent(held)} of the steps, where each source counts alike ${percent(heldBySource)}; as fitted publications alone would have them, ${percent(fitted)} and ${percent(fittedBySource)}.`,
    markdownTable(COLUMNS, rows(unseen)),
    ...gainsParts(unseen),
  ];
}
