import { errorsOf } from '../cases.js';
import type { Errors } from '../statistics.js';
import {
  type Constant,
  constantsFor,
  constantsOf,
  fitConstants,
  restoreConstants,
  scaleConstants,
  weightsOf,
} from './fit.js';
import { modelName } from './groups.js';
import { byInstallation } from './installations.js';
import { casesOf } from './measured.js';
import { ownedConstants } from './owners.js';
import { type PreparedRow, predictRow, type RowCase } from './prediction.js';
import { isShared, type SharedFit, sharedFitOf } from './sharedFit.js';

/** Rows that were left out, and how well constants fitted to the others predict them. */
export interface Fold extends Errors {
  /** `megatron-core on h100-sxm` */
  readonly of: string;
  /** `model Llama3-8B (4096 × 32)`, or a source. */
  readonly leftOut: string;
  /** The fitted constants by their names, relative to those that all rows tell. */
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

/** What is left out, of which runs, and what the others say. */
interface Plan {
  readonly of: string;
  readonly name: KeyName;
  readonly value: string;
  readonly tested: readonly PreparedRow[];
  readonly constants: readonly Constant[];
  /** Factors of the constants. */
  readonly refit: () => readonly number[];
  /** Those that all rows tell. */
  readonly all: readonly number[];
}

function foldOf({ of, name, value, tested, constants, refit, all }: Plan): [Fold, RowCase[]] {
  const factors = refit();
  const calibrated = constantsOf(tested, constants);
  scaleConstants(tested, constants, calibrated, factors);
  const cases = casesOf(tested, tested.map(predictRow)).filter(({ got }) => got !== undefined);
  restoreConstants(tested, constants, calibrated);
  const named = Object.fromEntries(constants.map(({ name }, c) => [name, factors[c]! / all[c]!]));
  return [{ of, leftOut: `${name} ${value}`, ...errorsOf(cases), constants: named }, cases];
}

type KeyName = 'source' | 'model';

const KEYS: Readonly<Record<KeyName, (row: PreparedRow) => string>> = {
  source: ({ row }) => row.source,
  model: ({ row }) => modelName(row),
};

const KEY_NAMES = Object.keys(KEYS) as KeyName[];

/** Where the others are fewer, they fix nothing. */
export const LEAST_ROWS = 4;

/** Of rows of an installation: those with a value of a key, and those without, where these are enough. */
function splitsOf(rows: readonly PreparedRow[], name: KeyName) {
  return [...new Set(rows.map(KEYS[name]))].flatMap((value) => {
    const tested = rows.filter((row) => KEYS[name](row) === value);
    const others = rows.filter((row) => KEYS[name](row) !== value);
    return others.length < LEAST_ROWS ? [] : [{ value, tested, others }];
  });
}

/** Of an installation whose constants are its own. */
function ownPlans(of: string, rows: readonly PreparedRow[]): Plan[] {
  const constants = constantsFor(rows);
  return KEY_NAMES.flatMap((name) =>
    splitsOf(rows, name).map(({ value, tested, others }) => ({
      ...{ of, name, value, tested, constants },
      // Presets were fitted to all.
      all: constants.map(() => 1),
      refit: () => fitConstants(others, constants, weightsOf(others)),
    })),
  );
}

/** Of installations that share constants: what is left out is so everywhere. */
function sharedPlans(groups: ReadonlyMap<string, readonly PreparedRow[]>, shared: SharedFit): Plan[] {
  const whole = shared.fitTo(() => true);
  return KEY_NAMES.flatMap((name) => {
    const fits = new Map<string, ReturnType<SharedFit['fitTo']>>();
    const fitWithout = (value: string) => {
      const known = fits.get(value) ?? shared.fitTo((row) => KEYS[name](row) !== value);
      fits.set(value, known);
      return known;
    };
    return [...groups].flatMap(([of, rows]) => {
      const { system, software } = rows[0]!;
      const constants = ownedConstants(system, software!).map(({ constant }) => constant);
      return splitsOf(rows, name).map(({ value, tested }) => ({
        ...{ of, name, value, tested, constants },
        all: whole.factorsOf(system, software!),
        refit: () => fitWithout(value).factorsOf(system, software!),
      }));
    });
  });
}

/**
 * Fits constants anew without one source, then without one model, and predicts what was left out.
 *
 * @param onProgress called before each fit, with the number of fits that are done and of all
 */
export function crossValidate(
  rows: readonly PreparedRow[],
  onProgress: (done: number, all: number) => void = () => {},
): CrossValidation {
  const groups = byInstallation(rows);
  const own = [...groups].filter(([, group]) => !isShared(group[0]!));
  const shared = [...groups].filter(([, group]) => isShared(group[0]!));
  const plans = [
    ...own.flatMap(([of, group]) => ownPlans(of, group)),
    ...sharedPlans(new Map(shared), sharedFitOf(rows)),
  ];
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
