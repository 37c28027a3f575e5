/** Pairs of steps of a source that are predicted in the wrong order, and whether they were measured apart at all. */
import { partsOf } from '../groups.js';
import { rankCorrelation } from './groups.js';
import type { RowCase } from './prediction.js';

export interface SourceOrder {
  readonly source: string;
  readonly rank: number;
  readonly pairs: number;
  readonly wrong: number;
  /** Of the wrong ones, those that were measured within {@link NEAR} of each other. */
  readonly near: number;
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

/** Of sources whose order is predicted badly, in the order in which they stand. */
export function lowOrders(cases: readonly RowCase[]): SourceOrder[] {
  return [...partsOf(cases, ({ row }) => row.source)].flatMap(([source, own]) => {
    const rank = rankCorrelation(own);
    if (rank === undefined || rank >= LOW) return [];
    const pairs = pairsOf(own.filter(({ got }) => got !== undefined));
    const wrong = pairs.filter(isWrong);
    return [{ source, rank, pairs: pairs.length, wrong: wrong.length, near: wrong.filter(isNear).length }];
  });
}
