/** Pairs of steps of a source that are predicted in the wrong order, and whether they were measured apart at all. */
import { RandomStream } from '../../../agents/shared/stream.js';
import { median } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import { spearman } from '../ranks.js';
import { rankCorrelation } from './groups.js';
import type { PreparedRow, RowCase } from './prediction.js';
import { scatteredLogs } from './repeats.js';

export interface SourceOrder {
  readonly source: string;
  readonly rank: number;
  readonly pairs: number;
  readonly wrong: number;
  /** Of the wrong ones, those that were measured within {@link NEAR} of each other. */
  readonly near: number;
  /** What the scatter of the source's own repeats allows, as {@link allowedRank} has it; undefined where it repeats no step. */
  readonly allowed: number | undefined;
}

/** As far as releases of a framework lie apart on one configuration. */
const NEAR = 0.05;

/** Ranks below this are looked into. */
const LOW = 0.95;

function pairsOf(cases: readonly RowCase[]): (readonly [RowCase, RowCase])[] {
  return cases.flatMap((one, i) => cases.slice(i + 1).map((other) => [one, other] as const));
}

/** Or in none, as steps that are predicted alike. */
const isWrong = ([one, other]: readonly [RowCase, RowCase]) =>
  one.expected !== other.expected && (one.expected - other.expected) * (one.got! - other.got!) <= 0;

const isNear = ([one, other]: readonly [RowCase, RowCase]) =>
  Math.max(one.expected, other.expected) / Math.min(one.expected, other.expected) - 1 < NEAR;

const DRAWS = 200;

const SEED = 1;

/**
 * The rank correlation that a source's steps would have with themselves measured once more: each is moved by the scatter of a
 * step that was repeated, drawn with replacement, up or down alike. The median over {@link DRAWS}.
 *
 * @param seconds of steps as measured
 * @param logs how far repeats lie from their means, in logarithms; undefined comes of none
 */
export function allowedRank(seconds: readonly number[], logs: readonly number[]): number | undefined {
  if (logs.length === 0) return undefined;
  const stream = new RandomStream(SEED);
  const moved = (one: number) => one * Math.exp((stream.below(2) === 0 ? 1 : -1) * logs[stream.below(logs.length)]!);
  const ranks = Array.from({ length: DRAWS }, () => spearman(seconds, seconds.map(moved)) ?? []).flat();
  return ranks.length === 0 ? undefined : median(ranks);
}

/**
 * Of sources whose order is predicted badly, in the order in which they stand.
 *
 * @param rows those of the cases, and of others, which tell what a source scatters
 */
export function lowOrders(cases: readonly RowCase[], rows: readonly PreparedRow[]): SourceOrder[] {
  return [...partsOf(cases, ({ row }) => row.source)].flatMap(([source, own]) => {
    const rank = rankCorrelation(own);
    if (rank === undefined || rank >= LOW) return [];
    const known = own.filter(({ got }) => got !== undefined);
    const pairs = pairsOf(known);
    const wrong = pairs.filter(isWrong);
    const allowed = allowedRank(
      known.map(({ expected }) => expected),
      scatteredLogs(rows.filter(({ row }) => row.source === source)),
    );
    return [{ source, rank, pairs: pairs.length, wrong: wrong.length, near: wrong.filter(isNear).length, allowed }];
  });
}
