/** Measured rows of one kind, and how well constants explain them. */
import { threefry2x32 } from '../../kernels/random/threefry.js';
import { quantile } from '../statistics/statistics.js';
import { nelderMead } from '../validate/nelderMead.js';
import { type Errors, pseudoHuber, statistics } from '../validate/statistics.js';
import type { MachineConstant } from './constants.js';

export interface EvidenceRow {
  readonly id: string;
  /** Rows that are left out of a fit together, as those of one model. */
  readonly family: string;
}

/** What rows of one kind say of constants. */
export interface Evidence {
  /** `products in bf16`, `collectives between nodes` */
  readonly name: string;
  /** Files of the rows. */
  readonly files: readonly string[];
  readonly rows: readonly EvidenceRow[];
  /** Constants that so many rows decide. */
  readonly constants: readonly MachineConstant[];
  /** Their values before. */
  readonly start: readonly number[];
  /** log(predicted / measured) of rows, by their numbers. */
  logErrors(values: readonly number[], rows: readonly number[]): number[];
}

/** Fewer rows than this for each constant decide it by chance. */
const ROWS_PER_CONSTANT = 4;

/** As many of the constants as so many rows decide. */
export function decidable(constants: readonly MachineConstant[], rows: number): readonly MachineConstant[] {
  return constants.slice(0, Math.floor(rows / ROWS_PER_CONSTANT));
}

/** A constant as rows have it. */
export interface CalibratedConstant {
  readonly name: string;
  readonly before: number;
  readonly value: number;
  /** Nine of ten fits to resampled rows lie between. */
  readonly interval: readonly [low: number, high: number];
}

/** What a kind of rows came to. */
export interface Calibration {
  readonly evidence: string;
  readonly files: readonly string[];
  readonly constants: readonly CalibratedConstant[];
  /** Errors with the constants of before, with those that were fitted to all rows, and of rows that were left out of a fit. */
  readonly before: Errors;
  readonly fitted: Errors;
  readonly leftOut: Errors | undefined;
}

const EVALUATIONS_PER_CONSTANT = 60;

/**
 * What is known of the machine before counts as one more row for each constant, which is off where that is changed twofold: what
 * rows do not decide stays.
 */
function change(factor: number): number {
  return Math.log2(factor) ** 2;
}

/** The constants that explain rows best. */
function bestConstants(evidence: Evidence, rows: readonly number[], start: readonly number[]): readonly number[] {
  const { constants } = evidence;
  const valuesOf = (factors: readonly number[]) => start.map((value, c) => value * factors[c]!);
  const loss = (factors: readonly number[]) => {
    const values = valuesOf(factors);
    if (constants.some(({ min, max }, c) => values[c]! < min || values[c]! > max)) return Number.POSITIVE_INFINITY;
    const known = values.reduce((sum, value, c) => sum + change(value / evidence.start[c]!), 0);
    return evidence.logErrors(values, rows).reduce((sum, error) => sum + pseudoHuber(error), known);
  };
  const limit = EVALUATIONS_PER_CONSTANT * constants.length;
  const first = nelderMead(
    loss,
    start.map(() => 1),
    limit,
  );
  // A simplex that has become flat begins anew where it is.
  return valuesOf(nelderMead(loss, first, limit));
}

function errorsOf(logErrors: readonly number[]): Errors {
  return statistics(
    Float64Array.from(logErrors, (error) => Math.abs(Math.exp(error) - 1)),
    logErrors.filter((error) => error === 0).length,
  );
}

/** Most fits with rows left out. */
const MOST_FOLDS = 10;

/** Of one family alone, rows are left out by their numbers. */
function foldsOf(rows: readonly EvidenceRow[]): readonly (readonly number[])[] {
  const families = [...new Set(rows.map(({ family }) => family))];
  const foldOf = ({ family }: EvidenceRow, i: number) => (families.length > 1 ? families.indexOf(family) : i);
  const folds = Array.from({ length: MOST_FOLDS }, (): number[] => []);
  rows.forEach((row, i) => {
    folds[foldOf(row, i) % MOST_FOLDS]!.push(i);
  });
  return folds.filter((fold) => fold.length > 0);
}

function leftOutErrors(evidence: Evidence, fitted: readonly number[]): Errors | undefined {
  const all = evidence.rows.map((_, i) => i);
  const folds = foldsOf(evidence.rows);
  const errors = folds.flatMap((fold) => {
    const others = all.filter((i) => !fold.includes(i));
    // Fewer rows decide fewer constants well; what they would leave open says nothing of the fit to all.
    if (others.length < evidence.constants.length) return [];
    return evidence.logErrors(bestConstants(evidence, others, fitted), fold);
  });
  return errors.length === 0 ? undefined : errorsOf(errors);
}

/** Rows drawn with replacement (Efron, The Annals of Statistics 7(1), 1979): families of them, as rows of one model err alike. */
function resampled(rows: readonly EvidenceRow[], seed: number, resample: number): number[] {
  const words = new Uint32Array(2);
  const drawn = (i: number, count: number): number => {
    threefry2x32(seed, resample, i, 0, words);
    return Math.floor((words[0]! / 2 ** 32) * count);
  };
  const families = [...new Set(rows.map(({ family }) => family))];
  if (families.length === 1) return rows.map((_, i) => drawn(i, rows.length));
  const members = families.map((family) => rows.flatMap((row, i) => (row.family === family ? [i] : [])));
  return families.flatMap((_, i) => members[drawn(i, families.length)]!);
}

export interface FitOptions {
  /** Fits to resampled rows that intervals are of. */
  readonly resamples: number;
  readonly seed: number;
  /** Called after each fit to resampled rows. */
  readonly onResample?: () => void;
}

/** Fits constants to rows, with what is known of the fit. */
export function calibrateTo(evidence: Evidence, { resamples, seed, onResample }: FitOptions): Calibration {
  const { constants, start, rows, name, files } = evidence;
  const all = rows.map((_, i) => i);
  const values = constants.length === 0 ? start : bestConstants(evidence, all, start);
  const fits = Array.from({ length: constants.length === 0 ? 0 : resamples }, (_, resample) => {
    const again = bestConstants(evidence, resampled(rows, seed, resample), values);
    onResample?.();
    return again;
  });
  const interval = (c: number): [number, number] => {
    const fitted = fits.map((one) => one[c]!);
    return [quantile(fitted, 0.05) ?? values[c]!, quantile(fitted, 0.95) ?? values[c]!];
  };
  return {
    evidence: name,
    files,
    constants: constants.map((one, c) => ({
      name: one.name,
      before: start[c]!,
      value: values[c]!,
      interval: interval(c),
    })),
    before: errorsOf(evidence.logErrors(start, all)),
    fitted: errorsOf(evidence.logErrors(values, all)),
    leftOut: constants.length === 0 ? undefined : leftOutErrors(evidence, values),
  };
}
