import { errorsOf } from '../cases.js';
import type { Errors } from '../statistics.js';
import { CONSTANTS, constantsOf, fitConstants, setConstants } from './fit.js';
import { kindOf, modelName } from './groups.js';
import { casesOf } from './measured.js';
import { type PreparedRow, predictRow } from './prediction.js';

/** Rows that were left out, and how well constants fitted to the others predict them. */
export interface Fold extends Errors {
  readonly leftOut: string;
  /** The fitted constants by their names. */
  readonly constants: Readonly<Record<string, number>>;
}

/** The system whose constants are fitted: the one with enough rows. */
const SYSTEM = 'a100-80gb';
const SOFTWARE = 'megatron-lm-2021';

/** Each kind of run (a model in a source) counts alike, however many rows it has. */
function weightsOf(rows: readonly PreparedRow[]): number[] {
  const counts = new Map<string, number>();
  for (const { row } of rows) counts.set(kindOf(row), (counts.get(kindOf(row)) ?? 0) + 1);
  return rows.map(({ row }) => 1 / counts.get(kindOf(row))!);
}

function foldOf(leftOut: string, tested: readonly PreparedRow[], others: readonly PreparedRow[]): Fold {
  const calibrated = constantsOf(others);
  const constants = fitConstants(others, weightsOf(others));
  setConstants(tested, constants);
  const errors = errorsOf(casesOf(tested, tested.map(predictRow)));
  setConstants([...tested, ...others], calibrated);
  return { leftOut, ...errors, constants: Object.fromEntries(CONSTANTS.map(({ name }, c) => [name, constants[c]!])) };
}

/**
 * Fits the constants of dgx-a100 anew without one source, then without one model, and predicts what was left out. Sharded
 * weights have a constant of their own, and H100 too few rows: neither takes part.
 *
 * @param onProgress called before each fit, with the number of fits that are done and of all
 */
export function crossValidate(
  rows: readonly PreparedRow[],
  onProgress: (done: number, all: number) => void = () => {},
): Fold[] {
  const fitted = rows.filter(
    ({ system, software, row }) => system === SYSTEM && software === SOFTWARE && row.weight_sharding === 'none',
  );
  const keys: [name: string, key: (one: PreparedRow) => string][] = [
    ['source', ({ row }) => row.source],
    ['model', ({ row }) => modelName(row)],
  ];
  const folds = keys.flatMap(([name, key]) => {
    const values = [...new Set(fitted.map(key))];
    return values.length < 2 ? [] : values.map((value) => ({ name, key, value }));
  });
  return folds.map(({ name, key, value }, done) => {
    onProgress(done, folds.length);
    const tested = fitted.filter((one) => key(one) === value);
    const others = fitted.filter((one) => key(one) !== value);
    return foldOf(`${name} ${value}`, tested, others);
  });
}
