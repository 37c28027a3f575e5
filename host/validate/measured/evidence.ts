/** From measured rows to what they say of steps that nobody has measured: how far predictions lie off, by kind. */

import {
  type Evidence,
  type EvidenceClass,
  FORMATS,
  type Format,
  MODEL_KINDS,
  type ModelKind,
  VALIDATED,
  type Validated,
} from '../../doubt/evidence.js';
import { endsOf } from '../../doubt/interval.js';
import type { Spread } from '../../doubt/spread.js';
import { mean } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import type { CrossValidation } from './crossValidation.js';
import { predictElsewhere } from './elsewhere.js';
import { gainPairs, gainsOf } from './gains.js';
import { modelName } from './groups.js';
import type { PreparedRow, RunRow } from './prediction.js';
import { MIDDLE, widestSpread } from './widest.js';

/** A row that was kept out of the fit, and how far its prediction lay off. */
export interface Residual {
  readonly validated: Validated;
  readonly model: ModelKind;
  readonly format: Format;
  /** The framework and the machine. */
  readonly installation: string;
  readonly modelName: string;
  /** A model of an installation: what counts alike, however many rows it has. */
  readonly unit: string;
  readonly source: string;
  /** ln(measured / predicted). */
  readonly value: number;
  /** The same, of a framework that nobody knows with the slowest host of all others: what the upper end of an interval starts from. */
  readonly above: number;
}

const isMixture = ({ experts = 1 }: RunRow): boolean => experts > 1;
const modelOf = (row: RunRow): ModelKind => (isMixture(row) ? 'mixture' : 'dense');

/** Half precision where nothing is said. */
const SIXTEEN_BIT: readonly RunRow['precision'][] = ['fp16', 'bf16', undefined];
const formatOf = ({ precision }: RunRow): Format => (SIXTEEN_BIT.includes(precision) ? 'sixteenBit' : 'narrow');

/**
 * How far a row lies off.
 *
 * @param of the framework and the machine
 * @param slowSeconds the time with the slowest host, of a framework that nobody knows
 */
export function residualOf(
  validated: Validated,
  of: string,
  row: RunRow,
  seconds: number,
  slowSeconds = seconds,
): Residual {
  const name = modelName(row);
  return {
    validated,
    model: modelOf(row),
    format: formatOf(row),
    installation: of,
    modelName: name,
    unit: `${of}, ${name}`,
    source: row.source,
    value: Math.log(row.iteration_s / seconds),
    above: Math.log(row.iteration_s / Math.max(seconds, slowSeconds)),
  };
}

const spreadOfResiduals = (residuals: readonly Residual[]): Spread =>
  widestSpread(
    residuals,
    ({ value }) => value,
    ({ above }) => above,
  );

/** Fewer models say little of others. */
const LEAST_MODELS = 3;

/** Four digits are more than a spread or a constant is known to. */
const rounded = (value: number): number => Number(value.toPrecision(4));

function classesOf(residuals: readonly Residual[]): EvidenceClass[] {
  const found = VALIDATED.flatMap((validated) =>
    MODEL_KINDS.flatMap((model) =>
      FORMATS.flatMap((format): EvidenceClass[] => {
        const own = residuals.filter((one) => isOfClass(one, { validated, model, format }));
        const models = new Set(own.map(({ unit }) => unit)).size;
        if (models < LEAST_MODELS) return [];
        const sources = new Set(own.map(({ source }) => source)).size;
        return [{ validated, model, format, steps: own.length, models, sources, spread: [...spreadOfResiduals(own)] }];
      }),
    ),
  );
  const together = found.filter(({ validated }) => validated === 'together');
  return found.map((one) => {
    const known = together.find(({ model, format }) => model === one.model && format === one.format);
    const spread = known === undefined ? one.spread : widened(one.spread, known.spread);
    return { ...one, spread: spread.map(rounded) };
  });
}

/** Whoever knows less is no surer: no quantile lies nearer to the median than where framework and machine are known together. */
function widened(own: Spread, known: Spread): Spread {
  return own.map((value, i) =>
    i < MIDDLE ? Math.min(value, known[i]!) : i > MIDDLE ? Math.max(value, known[i]!) : value,
  );
}

function isOfClass(one: Residual, { validated, model, format }: Pick<EvidenceClass, 'validated' | 'model' | 'format'>) {
  return one.validated === validated && one.model === model && one.format === format;
}

/** Constants of the fits without one model. */
export function fitsOf({ folds }: Pick<CrossValidation, 'folds'>): Evidence['fits'] {
  const withoutModel = folds.filter(({ leftOut }) => leftOut.startsWith('model'));
  return withoutModel.map(({ constants }) =>
    Object.fromEntries(Object.entries(constants).map(([name, factor]) => [name, rounded(factor)])),
  );
}

/** All that rows say of others, as host/doubt keeps it, but for what publications that nobody fitted say in their place. */
export function evidenceOf(
  { cases, folds }: CrossValidation,
  residuals: readonly Residual[],
  slowestLaunchUs: number,
  files: readonly string[],
  command: string,
): Evidence {
  return {
    files: [...files],
    command,
    installations: [...new Set(cases.map(({ of }) => of))],
    slowestLaunchUs,
    mostNpus: Math.max(...cases.map(({ row }) => row.gpus)),
    publications: [],
    classes: classesOf(residuals),
    gains: gainsOf(gainPairs(cases)),
    fits: fitsOf({ folds }),
  };
}

/** How often 90 % intervals held what was measured, of rows that had no say in them. */
export interface Coverage {
  /** What was kept out at a time. */
  readonly keptOut: 'model' | 'source' | 'installation';
  readonly levels: readonly LevelCoverage[];
}

/** Of rows of which so much of the installation is validated. */
export interface LevelCoverage extends Held {
  readonly validated: Validated;
  /** The mean over sources, each of which counts alike. */
  readonly heldBySource: number;
  readonly classes: readonly (Held & Pick<EvidenceClass, 'model' | 'format'>)[];
}

export interface Held {
  readonly steps: number;
  /** A share. */
  readonly held: number;
}

/** Does the 90 % interval of its kind hold what was measured? */
export function isHeld(
  { value, above }: Residual,
  kind: Pick<EvidenceClass, 'spread'>,
  publications: Evidence['publications'],
): boolean {
  const [low, high] = endsOf(kind, publications);
  return value >= low && above <= high;
}

const KEPT_OUT = {
  model: ({ modelName: name }: Residual) => name,
  source: ({ source }: Residual) => source,
  installation: ({ installation }: Residual) => installation,
} as const;

/**
 * Keeps one model, source or installation at a time out of the evidence, and counts how many of its measured times the intervals
 * hold that the others give. The constants of its predictions were fitted without the row's model, too, or to other installations.
 *
 * @param publications that nobody fitted
 */
export function coverageOf(
  residuals: readonly Residual[],
  keptOut: Coverage['keptOut'],
  publications: Evidence['publications'],
): Coverage {
  const key = KEPT_OUT[keptOut];
  const held = new Map<Residual, boolean>();
  for (const value of new Set(residuals.map(key))) {
    const classes = classesOf(residuals.filter((one) => key(one) !== value));
    for (const one of residuals.filter((residual) => key(residual) === value)) {
      const own = classes.find((known) => isOfClass(one, known));
      if (own !== undefined) held.set(one, isHeld(one, own, publications));
    }
  }
  return { keptOut, levels: VALIDATED.flatMap((validated) => levelCoverage(validated, held)) };
}

/** Nothing where no row is of the level. */
function levelCoverage(validated: Validated, held: ReadonlyMap<Residual, boolean>): LevelCoverage[] {
  const tested = [...held.keys()].filter((one) => one.validated === validated);
  if (tested.length === 0) return [];
  const heldOf = (some: readonly Residual[]): Held => ({
    steps: some.length,
    held: mean(some.map((one) => Number(held.get(one)))),
  });
  const bySource = [...partsOf(tested, ({ source }) => source).values()].map((own) => heldOf(own).held);
  const classes = MODEL_KINDS.flatMap((model) =>
    FORMATS.flatMap((format) => {
      const own = tested.filter((one) => one.model === model && one.format === format);
      return own.length === 0 ? [] : [{ model, format, ...heldOf(own) }];
    }),
  );
  return [{ validated, ...heldOf(tested), heldBySource: mean(bySource), classes }];
}

/** Of each row of a cross-validation how far its prediction lay off. */
export function crossedResiduals({ cases }: Pick<CrossValidation, 'cases'>): Residual[] {
  return cases.map(({ of, row, got }) => residualOf('together', of, row, got!));
}

/** All residuals of rows: those of {@link CrossValidation}, and those of installations that nothing would be known of. */
export function allResiduals(rows: readonly PreparedRow[], validation: CrossValidation): Residual[] {
  return [
    ...crossedResiduals(validation),
    ...predictElsewhere(rows).map(({ validated, of, row, seconds, slowSeconds }) =>
      residualOf(validated, of, row, seconds, slowSeconds),
    ),
  ];
}
