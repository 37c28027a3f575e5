/** What is wide enough however much a number counts that others are like. */
import { LEVELS, type Spread, spreadOf } from '../../doubt/spread.js';
import { partsOf } from '../groups.js';

/** A number that is one of several of a kind, and of a publication. */
export interface Counted {
  /** What counts as the root of its numbers, which are alike and yet not the same. */
  readonly unit: string;
  readonly source: string;
}

/** The place of the median. */
export const MIDDLE = Math.floor(LEVELS.length / 2);

/** How much a number counts where a unit counts as the root of its numbers. */
export function rootOfUnit<One extends Counted>(all: readonly One[]): (one: One) => number {
  const units = partsOf(all, ({ unit }) => unit);
  return ({ unit }) => units.get(unit)!.length ** -0.5;
}

/** Quantiles where each number counts alike, where a unit counts as the root of its numbers, and sources alike. */
function spreadsOf<One extends Counted>(all: readonly One[], numberOf: (one: One) => number): readonly Spread[] {
  const rootOf = rootOfUnit(all);
  const sources = partsOf(all, ({ source }) => source);
  const weighted = (weightOf: (one: One) => number) =>
    spreadOf(all.map((one) => ({ value: numberOf(one), weight: weightOf(one) })));
  return [weighted(() => 1), weighted(rootOf), weighted(({ source }) => 1 / sources.get(source)!.length)];
}

/** Which of them the median is. */
const ROOT = 1;

/**
 * An interval is to hold numbers whichever way they count: those of a unit are alike, and yet not the same, and a source that nobody has
 * seen is no larger than others. Below the median a quantile is the least, above it the largest of them.
 *
 * @param all at least one
 * @param aboveOf the same numbers as the upper side of an interval starts from
 */
export function widestSpread<One extends Counted>(
  all: readonly One[],
  numberOf: (one: One) => number,
  aboveOf: (one: One) => number = numberOf,
): Spread {
  const values = spreadsOf(all, numberOf);
  const above = spreadsOf(all, aboveOf);
  let least = Number.NEGATIVE_INFINITY;
  return LEVELS.map((_, i) => {
    if (i < MIDDLE) return Math.min(...values.map((spread) => spread[i]!), values[ROOT]![MIDDLE]!);
    least = i === MIDDLE ? values[ROOT]![i]! : Math.max(least, ...above.map((spread) => spread[i]!));
    return least;
  });
}
