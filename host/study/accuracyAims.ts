/** Two tables of docs/accuracy.md: what was aimed at, and what repeats of a step scatter. */
import { formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { mean } from '../statistics/statistics.js';
import type { AimResult, Reached } from '../validate/measured/aims.js';
import type { SourceOrder } from '../validate/measured/orders.js';
import type { Scatter, SourceScatter } from '../validate/measured/repeats.js';
import { percent } from './numbers.js';

const rank = (value: number | undefined): string => value?.toFixed(3) ?? '–';

/** Digits of the table count: an error of 8.04 % is shown as 8.0 %, and meets a bar of 8. */
const meets = ({ error, rank: least }: AimResult, reached: Reached): boolean =>
  Math.round(1000 * reached.error) <= Math.round(1000 * error) &&
  (least === undefined || reached.rank === undefined || reached.rank >= least);

function aimRow(one: AimResult): string[] {
  const { name, fitted, leftOut, error, rank: least, regret } = one;
  const held = leftOut ?? fitted;
  const sources = [fitted, leftOut].map((reached) => formatNumber(reached?.groups.length ?? 0)).join(', ');
  return [
    name,
    sources,
    percent(fitted.error),
    percent(leftOut?.error),
    percent(error),
    rank(held.rank),
    rank(held.leastRank),
    rank(least),
    percent(regret),
    `${meets(one, held) ? 'yes' : 'no'}${leftOut === undefined ? ', as fitted' : ''}`,
  ];
}

const AIM_COLUMNS = [
  ...['sources of', 'sources: all, left out', 'mean error', 'model left out', 'bar'],
  ...['mean rank', 'least rank', 'bar', 'regret', 'met'],
];

export function aimsTable(aims: readonly AimResult[]): string {
  return markdownTable(AIM_COLUMNS, aims.map(aimRow));
}

const cells = (scatter: Scatter | undefined): string[] =>
  scatter === undefined ? ['', '', ''] : [formatNumber(scatter.steps), percent(scatter.spread), percent(scatter.least)];

const SCATTER_COLUMNS = [
  ...['source', 'steps repeated in it', 'spread', 'least error'],
  ...['steps repeated elsewhere', 'spread', 'least error'],
];

export function scatterTable(scatter: readonly SourceScatter[]): string {
  return markdownTable(
    SCATTER_COLUMNS,
    scatter.map(({ source, within, across }) => [source, ...cells(within), ...cells(across)]),
  );
}

const ORDER_COLUMNS = [
  'source',
  'rank correlation',
  'scatter allows',
  'pairs',
  'in the wrong order or none',
  'of these measured within 5 %',
];

export function orderTable(orders: readonly SourceOrder[]): string {
  return markdownTable(
    ORDER_COLUMNS,
    orders.map(({ source, rank: of, allowed, pairs, wrong, near }) => [
      ...[source, rank(of), rank(allowed)],
      ...[pairs, wrong, near].map(String),
    ]),
  );
}

/** Where each source counts alike. */
export function leastErrors(scatter: readonly SourceScatter[]): string {
  const least = (of: 'within' | 'across') => percent(mean(scatter.flatMap((one) => one[of]?.least ?? [])));
  return `${least('within')} in a source and ${least('across')} across sources`;
}
