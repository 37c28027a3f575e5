/** The functions that formulas are made of: in f64, the names of their twins in functions.wgsl, and what they make of intervals. */
import { largestOf } from '../random/largest.js';
import { available, dalyGoodput, dalyInterval } from './failures.js';

/** The least and the most that something may be; nothing is below 0. */
export type Interval = readonly [least: number, most: number];

export interface FormulaFunction {
  readonly of: (...values: number[]) => number;
  /** As WGSL, of arguments in brackets where they need them. */
  readonly wgsl: (...texts: string[]) => string;
  readonly ends: (...intervals: Interval[]) => Interval;
}

/** Of a function that grows with some of its arguments (1) and falls with the others (−1). */
function monotone(of: FormulaFunction['of'], ...signs: readonly (1 | -1)[]): FormulaFunction['ends'] {
  const at = (end: 0 | 1, intervals: readonly Interval[]) =>
    of(...intervals.map((interval, i) => interval[signs[i] === 1 ? end : 1 - end]!));
  return (...intervals) => [at(0, intervals), at(1, intervals)];
}

/** What derived outputs are at the most, in their units: f32 has no number beyond 3.4·10³⁸, and what is so large is absurd. */
export const LARGEST = 3e38;

/** What nothing costs costs nothing however much there is of it: 0 · ∞ is 0. */
function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** What cannot be divided has no value, which is 0. */
function quotient(a: number, b: number): number {
  return b === 0 || a === 0 ? 0 : a / b;
}

const inverse = (x: number): number => quotient(1, x);
const given = (x: number, otherwise: number): number => (x > 0 ? x : otherwise);
const excess = (x: number, y: number): number => Math.max(x - y, 0);
const several = (x: number): number => (x > 1 ? 1 : 0);

function endsOfQuotient([a, aMost]: Interval, [b, bMost]: Interval): Interval {
  if (bMost === 0) return [0, 0];
  return [b === 0 ? 0 : quotient(a, bMost), b === 0 && aMost > 0 ? Number.POSITIVE_INFINITY : quotient(aMost, b)];
}

/** Daly's interval jumps by an eighth where checkpoints take twice the time between failures, up or down. */
const INTERVAL_JUMP = 9 / 8;

function endsOfInterval(write: Interval, mtbf: Interval): Interval {
  const least = mtbf[0] === 0 ? 0 : dalyInterval(write[0], mtbf[0]);
  const most = mtbf[1] === Number.POSITIVE_INFINITY ? mtbf[1] : dalyInterval(write[1], mtbf[1]);
  return least === most ? [least, most] : [least / INTERVAL_JUMP, most * INTERVAL_JUMP];
}

/** Daly's two branches meet within a twentieth of a percent: so much a goodput may rise with what should lower it. */
const BRANCHES_APART = 1e-3;

function endsOfGoodput(write: Interval, restart: Interval, mtbf: Interval): Interval {
  const least = mtbf[0] === 0 ? 0 : dalyGoodput(write[1], restart[1], mtbf[0]);
  const most = mtbf[1] === Number.POSITIVE_INFINITY ? 1 : dalyGoodput(write[0], restart[0], mtbf[1]);
  return least === most ? [least, most] : [least * (1 - BRANCHES_APART), Math.min(most * (1 + BRANCHES_APART), 1)];
}

function endsOfAvailable([spares, most]: Interval, [away, mostAway]: Interval): Interval {
  return [mostAway === Number.POSITIVE_INFINITY ? 0 : available(spares, mostAway), available(most, away)];
}

const call =
  (name: string) =>
  (...texts: string[]): string =>
    `${name}(${texts.join(', ')})`;

export const FUNCTIONS = {
  add: { of: (a, b) => a! + b!, wgsl: (a, b) => `(${a} + ${b})`, ends: monotone((a, b) => a! + b!, 1, 1) },
  multiply: {
    of: (a, b) => a! * b!,
    wgsl: (a, b) => `${a} * ${b}`,
    ends: monotone((a, b) => product(a!, b!), 1, 1),
  },
  divide: {
    of: (a, b) => quotient(a!, b!),
    wgsl: call('quotient'),
    ends: (a, b) => endsOfQuotient(a!, b!),
  },
  /** 1/x, and 0 where x is unknown. */
  inverse: { of: (x) => inverse(x!), wgsl: call('inverse'), ends: (x) => endsOfQuotient([1, 1], x!) },
  /** The first where it has a value, else the second. */
  given: {
    of: (x, otherwise) => given(x!, otherwise!),
    wgsl: call('given'),
    ends: ([least, most] = [0, 0], other = [0, 0]) => {
      if (least > 0) return [least, most];
      return most === 0 ? other : [0, Math.max(most, other[1])];
    },
  },
  /** What the first exceeds the second by. */
  excess: { of: (x, y) => excess(x!, y!), wgsl: call('excess_of'), ends: monotone((x, y) => excess(x!, y!), 1, -1) },
  /** 1 of more than one, else 0. */
  several: { of: (x) => several(x!), wgsl: call('several'), ends: monotone((x) => several(x!), 1) },
  dalyInterval: {
    of: (writeS, mtbfS) => dalyInterval(writeS!, mtbfS!),
    wgsl: call('daly_interval'),
    ends: (write, mtbf) => endsOfInterval(write!, mtbf!),
  },
  dalyGoodput: {
    of: (writeS, restartS, mtbfS) => dalyGoodput(writeS!, restartS!, mtbfS!),
    wgsl: call('daly_goodput'),
    ends: (write, restart, mtbf) => endsOfGoodput(write!, restart!, mtbf!),
  },
  /** Of so many normal numbers, in standard deviations above the mean. */
  largestOf: {
    of: (count) => largestOf(count!),
    wgsl: call('largest_of'),
    ends: monotone((count) => largestOf(count!), 1),
  },
  available: {
    of: (spares, away) => available(spares!, away!),
    wgsl: call('available'),
    ends: (spares, away) => endsOfAvailable(spares!, away!),
  },
} as const satisfies Readonly<Record<string, FormulaFunction>>;

export type FunctionName = keyof typeof FUNCTIONS;
