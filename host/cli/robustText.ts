import { displayUnit, formatNumber, formatPercent } from '../display/format.js';
import type { RunResult } from '../runs/runResult.js';
import { formatTable, left, right } from './table.js';

/** Designs that are printed; robust.csv has all. */
const SHOWN = 10;

const percent = (value: number): string => (Number.isFinite(value) ? formatPercent(value) : 'breaks a limit');

/** The best designs under plausible constants: the first ones, and the one that stays good. */
export function robustLines({ winners, robust, goal }: RunResult): string[] {
  if (robust === undefined) return [];
  const { sets, seed, designs, choice } = robust;
  const places = [...new Set([choice, ...designs.keys()])].slice(0, SHOWN).sort((a, b) => a - b);
  const { unit, factor } = displayUnit(
    'us',
    places.flatMap((i) => designs[i]!.interval?.highUs ?? []),
  );
  const table = formatTable(
    [
      right('#', 5),
      right('chance to be best (%)', 4),
      right('mean regret (%)', 3),
      right('median (%)', 2),
      right('90 % (%)', 2),
      right(`90 % interval of the time (${unit})`, 1),
      left('', 3),
      right('ordinal', 5),
    ],
    places.map((i) => {
      const { chance, regretMean, regretMedian, regret90, interval } = designs[i]!;
      const ends = interval === undefined ? [] : [interval.lowUs, interval.highUs];
      return [
        String(i + 1),
        formatPercent(chance),
        ...[regretMean, regretMedian, regret90].map(percent),
        ends.map((timeUs) => formatNumber(timeUs * factor)).join(' to '),
        i === choice ? 'stays good' : '',
        winners[i]!.ordinal.toString(),
      ];
    }),
  );
  const only = choice === 0 ? 'The best design is also the one that stays good' : `Design ${choice + 1} stays good`;
  return [
    `${only}: of ${formatNumber(designs.length)} designs none has clearly less regret in ${goal.first.label} under ${formatNumber(sets)} plausible sets of constants (seed ${seed}):`,
    '',
    table,
    ...(places.length < designs.length ? [`${formatNumber(designs.length - places.length)} more in robust.csv`] : []),
    '',
  ];
}
