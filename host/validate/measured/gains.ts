/** Gains: how far the ratio of the times of two runs of one job lies from the predicted one, and how often intervals hold it. */
import type { Evidence } from '../../doubt/evidence.js';
import { shareOfOneMore } from '../../doubt/oneMore.js';
import { chanceOf, LEAST_GAIN } from '../../doubt/sureness.js';
import { mean, weightedQuantiles } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import type { CrossedCase } from './crossValidation.js';
import { modelName } from './groups.js';
import { type Counted, rootOfUnit } from './widest.js';

/** Two runs of one job, of which one is predicted to be faster. */
export interface GainPair extends Counted {
  /** ln of predicted time of the slower one / that of the faster one. */
  readonly predicted: number;
  /** The same as measured: below 0 where the other one was faster. */
  readonly measured: number;
}

type Gains = NonNullable<Evidence['gains']>;

/** What a user chooses among: one model on so many NPUs of a kind, in one source and format. */
const jobOf = ({ of, row }: CrossedCase): string => [row.source, of, row.gpus, modelName(row), row.precision].join();

/** Per token, as runs of a job may differ in batch. Runs that are predicted alike, such as repeats, are nothing to choose among. */
function pairsOfJob(job: string, runs: readonly CrossedCase[]): GainPair[] {
  const tokens = ({ row }: CrossedCase) => row.global_batch * row.seq;
  return runs.flatMap((one, i) =>
    runs.slice(i + 1).flatMap((other): GainPair[] => {
      const perTokens = Math.log(tokens(one) / tokens(other));
      const predicted = Math.log(other.got! / one.got!) + perTokens;
      const measured = Math.log(other.expected / one.expected) + perTokens;
      if (Math.exp(-Math.abs(predicted)) >= 1 - LEAST_GAIN) return [];
      const sign = Math.sign(predicted);
      return [{ unit: job, source: one.row.source, predicted: sign * predicted, measured: sign * measured }];
    }),
  );
}

/** All pairs of runs of a job that differ by as much as is called a gain. */
export function gainPairs(cases: readonly CrossedCase[]): GainPair[] {
  const predicted = cases.filter(({ got }) => got !== undefined);
  return [...partsOf(predicted, jobOf)].flatMap(([job, runs]) => pairsOfJob(job, runs));
}

const offBy = ({ predicted, measured }: GainPair): number => measured - predicted;

const distinct = (pairs: readonly GainPair[], by: 'unit' | 'source'): number =>
  new Set(pairs.map((one) => one[by])).size;

/** The middle 80 %. */
const MIDDLE = [0.1, 0.9];

/** What pairs say of others; undefined of none. */
export function gainsOf(pairs: readonly GainPair[]): Gains | undefined {
  if (pairs.length === 0) return undefined;
  const publications = distinct(pairs, 'source');
  const weightOf = rootOfUnit(pairs);
  const quantiles = (numberOf: (pair: GainPair) => number, shares: readonly number[]) =>
    weightedQuantiles(
      pairs.map((pair) => ({ value: numberOf(pair), weight: weightOf(pair) })),
      shares,
    ).map((value) => Number(value.toPrecision(4)));
  const [half] = quantiles((pair) => Math.abs(offBy(pair)), [0.5]);
  const [low, high] = quantiles(
    offBy,
    MIDDLE.map((share) => shareOfOneMore(share, publications)),
  );
  return {
    ...{ publications, jobs: distinct(pairs, 'unit'), pairs: pairs.length },
    ...{ half: half!, middle: [low!, high!] },
  };
}

/** Of pairs, what was promised of each and whether it came true. */
interface Promised {
  readonly pair: GainPair;
  /** Was the ratio within its 80 % interval? */
  readonly held: boolean;
  /** The chance that was told of the one being faster which is predicted to be. */
  readonly chance: number;
}

function promisedBy(gains: Gains, pairs: readonly GainPair[]): Promised[] {
  const [low, high] = gains.middle;
  return pairs.map((pair) => ({
    pair,
    held: offBy(pair) >= low && offBy(pair) <= high,
    chance: chanceOf(gains, Math.exp(-pair.predicted)),
  }));
}

/** A share of pairs, and where each of their jobs counts alike. */
export interface Share {
  readonly pairs: number;
  readonly byJob: number;
}

/** Of gains of which a chance between two was told. */
export interface ReliableChance {
  readonly from: number;
  readonly to: number;
  readonly pairs: number;
  readonly jobs: number;
  /** The mean of what was told, and the share that was faster. */
  readonly said: Share;
  readonly faster: Share;
}

export interface HeldGains {
  readonly pairs: number;
  readonly jobs: number;
  readonly publications: number;
  /** How often the 80 % interval of the ratio held it; the last where publications count alike. */
  readonly held: Share & { readonly bySource: number };
  /** Mean square and mean logarithm of what chances were off by (Brier 1950; Good 1952): 0.25 and 0.69 of a coin, less is better. */
  readonly brier: Share;
  readonly logScore: Share;
  readonly chances: readonly ReliableChance[];
}

function shareOf(promised: readonly Promised[], numberOf: (one: Promised) => number): Share {
  const byJob = [...partsOf(promised, ({ pair }) => pair.unit).values()].map((own) => mean(own.map(numberOf)));
  return { pairs: mean(promised.map(numberOf)), byJob: mean(byJob) };
}

const isFaster = ({ measured }: GainPair): boolean => measured > 0;

/** A score of the chance that was told of what did not happen. */
function missedBy(score: (missed: number) => number): (one: Promised) => number {
  return ({ pair, chance }) => score(isFaster(pair) ? 1 - chance : chance);
}

/** Ends of the rows in which chances are told; whatever is below the second end is a coin. */
const ENDS: readonly number[] = [0, 0.6, 0.7, 0.8, 0.9, 1];

function chancesOf(promised: readonly Promised[]): ReliableChance[] {
  return ENDS.slice(1).flatMap((to, i) => {
    const from = ENDS[i]!;
    const own = promised.filter(({ chance }) => chance >= from && chance < to);
    if (own.length === 0) return [];
    const pairs = own.map(({ pair }) => pair);
    return [
      {
        ...{ from, to, pairs: own.length, jobs: distinct(pairs, 'unit') },
        said: shareOf(own, ({ chance }) => chance),
        faster: shareOf(own, ({ pair }) => Number(isFaster(pair))),
      },
    ];
  });
}

/**
 * How often gains were what was promised of them by others: each publication by the pairs of all others.
 *
 * @param tested pairs of which promises are tried
 * @param known pairs that say what is promised, such as those of publications that nobody fitted
 */
export function heldGains(tested: readonly GainPair[], known: readonly GainPair[]): HeldGains | undefined {
  const promised = [...partsOf(tested, ({ source }) => source)].flatMap(([source, own]) => {
    const gains = gainsOf(known.filter((one) => one.source !== source));
    return gains === undefined ? [] : promisedBy(gains, own);
  });
  if (promised.length === 0) return undefined;
  const pairs = promised.map(({ pair }) => pair);
  const isHeld = ({ held }: Promised) => Number(held);
  const bySource = [...partsOf(promised, ({ pair }) => pair.source).values()].map((own) => mean(own.map(isHeld)));
  return {
    pairs: pairs.length,
    jobs: distinct(pairs, 'unit'),
    publications: distinct(pairs, 'source'),
    held: { ...shareOf(promised, isHeld), bySource: mean(bySource) },
    brier: shareOf(
      promised,
      missedBy((missed) => missed ** 2),
    ),
    logScore: shareOf(
      promised,
      missedBy((missed) => -Math.log(1 - missed)),
    ),
    chances: chancesOf(promised),
  };
}
