/** A section of docs/accuracy.md: rows that nobody fitted. */
import { formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { mean } from '../statistics/statistics.js';
import type { HeldGains, Unseen } from '../validate/measured/unseen.js';
import { percent } from './numbers.js';

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

function gainsText(gains: HeldGains | undefined): string {
  if (gains === undefined) return '';
  const { pairs, jobs, held, heldByJob } = gains;
  return ` Of ${formatNumber(pairs)} pairs of their runs, of ${formatNumber(jobs)} jobs, the 80 % interval of the ratio of the two times,
which pairs of fitted publications give, held ${percent(held)}, where each job counts alike ${percent(heldByJob)}.`;
}

/** The section, heading and all. */
export function unseenParts(unseen: Unseen): string[] {
  const { file, results, sources, gains } = unseen;
  const { cases, inexpressible, meanAbsRelError, sourcesAlike } = results;
  const [held, heldBySource] = heldOf(sources, 'held');
  const [fitted, fittedBySource] = heldOf(sources, 'heldByFitted');
  return [
    '## Rows that nobody fitted',
    `\`${file}\` has ${formatNumber(cases)} steps of ${sourcesAlike.sources} other publications, and ${formatNumber(inexpressible.rows)} that cannot be expressed. No constant
was fitted to them, and they were chosen by what they print, before any was predicted
([how, and what was mended since](../test/data/measured/README.md#rows-that-nobody-fitted)). Their mean error is ${percent(meanAbsRelError)}, where each source
counts alike ${percent(sourcesAlike.meanAbsRelError)}. *Said not to fit*: steps that ran though no setting was thought to fit in the memory.`,
    `Intervals of predictions hold what such publications differ by as a whole. With each publication kept out of its own intervals these hold
${percent(held)} of the steps, where each source counts alike ${percent(heldBySource)}; as fitted publications alone would have them, ${percent(fitted)} and ${percent(fittedBySource)}.${gainsText(gains)}`,
    markdownTable(COLUMNS, rows(unseen)),
  ];
}
