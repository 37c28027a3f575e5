import { installationName } from '../../doubt/interval.js';
import { errorsOf } from '../cases.js';
import type { Errors } from '../statistics.js';
import { type Constant, constantsFor, constantsOf, fitConstants, restoreConstants, scaleConstants } from './fit.js';
import { kindOf, modelName } from './groups.js';
import { casesOf } from './measured.js';
import { type PreparedRow, predictRow, type RowCase } from './prediction.js';

/** Rows that were left out, and how well constants fitted to the others predict them. */
export interface Fold extends Errors {
  /** `megatron-core on h100-sxm` */
  readonly of: string;
  /** `model Llama3-8B (4096 × 32)`, or a source. */
  readonly leftOut: string;
  /** The fitted constants by their names, relative to those that the rows have. */
  readonly constants: Readonly<Record<string, number>>;
}

export interface CrossValidation {
  readonly folds: readonly Fold[];
  /** Every row whose model was left out once, as it was predicted then. */
  readonly cases: readonly CrossedCase[];
}

/** A row that was kept out of the fit. */
export interface CrossedCase extends RowCase {
  /** As {@link Fold.of}. */
  readonly of: string;
}

/** Each kind of run (a model in a source) counts alike, however many rows it has. */
export function weightsOf(rows: readonly PreparedRow[]): (row: PreparedRow) => number {
  const counts = new Map<string, number>();
  for (const { row } of rows) counts.set(kindOf(row), (counts.get(kindOf(row)) ?? 0) + 1);
  return ({ row }) => 1 / counts.get(kindOf(row))!;
}

/** What is left out, of which runs. */
interface Plan {
  readonly of: string;
  readonly name: 'source' | 'model';
  readonly value: string;
  readonly tested: readonly PreparedRow[];
  readonly others: readonly PreparedRow[];
  readonly constants: readonly Constant[];
}

function foldOf({ of, name, value, tested, others, constants }: Plan): [Fold, RowCase[]] {
  const factors = fitConstants(others, constants, weightsOf(others));
  const calibrated = constantsOf(tested, constants);
  scaleConstants(tested, constants, calibrated, factors);
  const cases = casesOf(tested, tested.map(predictRow)).filter(({ got }) => got !== undefined);
  restoreConstants(tested, constants, calibrated);
  const named = Object.fromEntries(constants.map(({ name }, c) => [name, factors[c]!]));
  return [{ of, leftOut: `${name} ${value}`, ...errorsOf(cases), constants: named }, cases];
}

/** Sharded weights of 2021 have a constant of their own, and three rows. */
const takesPart = ({ software, row }: PreparedRow): boolean =>
  software !== 'megatron-lm-2021' || row.weight_sharding === 'none';

/** Rows that take part, by the framework and the machine. */
export function byInstallation(rows: readonly PreparedRow[]): Map<string, PreparedRow[]> {
  const groups = new Map<string, PreparedRow[]>();
  for (const row of rows.filter(takesPart)) {
    const name = installationName(row.system, row.software);
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

const KEYS = [
  ['source', ({ row }: PreparedRow) => row.source],
  ['model', ({ row }: PreparedRow) => modelName(row)],
] as const;

/** Where the others are fewer, they fix nothing. */
export const LEAST_ROWS = 4;

function plansOf(of: string, rows: readonly PreparedRow[]): Plan[] {
  const constants = constantsFor(rows);
  return KEYS.flatMap(([name, key]) => {
    const values = [...new Set(rows.map(key))];
    return values.length < 2
      ? []
      : values.map((value) => ({
          of,
          name,
          value,
          tested: rows.filter((one) => key(one) === value),
          others: rows.filter((one) => key(one) !== value),
          constants,
        }));
  }).filter(({ others }) => others.length >= LEAST_ROWS);
}

/**
 * Fits the constants of each framework on each machine anew without one source, then without one model, and predicts what was
 * left out.
 *
 * @param onProgress called before each fit, with the number of fits that are done and of all
 */
export function crossValidate(
  rows: readonly PreparedRow[],
  onProgress: (done: number, all: number) => void = () => {},
): CrossValidation {
  const plans = [...byInstallation(rows)].flatMap(([of, group]) => plansOf(of, group));
  const results = plans.map((plan, done) => {
    onProgress(done, plans.length);
    return { plan, result: foldOf(plan) };
  });
  return {
    folds: results.map(({ result: [fold] }) => fold),
    cases: results.flatMap(({ plan, result: [, cases] }) =>
      plan.name === 'model' ? cases.map((one) => ({ ...one, of: plan.of })) : [],
    ),
  };
}
