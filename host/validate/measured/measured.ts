import { CosmicError } from '../../../psa/errors.js';
import { mean } from '../../statistics/statistics.js';
import { type CaseResults, summarize } from '../cases.js';
import { type CsvRow, readCsv } from '../csv.js';
import {
  countRefusals,
  groupRows,
  groupsBy,
  type Inexpressible,
  modelName,
  type Refusal,
  type RowGroup,
  rankCorrelation,
} from './groups.js';
import { withShape } from './hybrids.js';
import {
  type Prediction,
  type PreparedRow,
  predictRow,
  prepareRow,
  type RowCase,
  type RunRow,
  reasonOf,
  Systems,
} from './prediction.js';
import { withRecipe } from './recipes.js';
import { medianRegret } from './regret.js';
import { type TrainingColumn, type TrainingRow, trainingRow } from './row.js';
import { installationOf } from './runs.js';

/** What to compare with a file of measured step times. */
export interface MeasuredRequest {
  /** A CSV file; test/data/measured/README.md describes its columns. */
  readonly file: string;
  /** Overrides for every row, as `--set` takes them. */
  readonly set?: readonly string[];
  /** A preset or a file that describes the machine of all rows; else presets stand for their GPUs. */
  readonly system?: string | undefined;
  /** A preset or a file of the framework of all rows; else presets by their columns. */
  readonly software?: string | undefined;
  /** Columns to group by, within a model. */
  readonly by?: readonly TrainingColumn[];
}

/** A row whose source leaves something open. */
export interface RowNote {
  readonly id: string;
  readonly note: string;
}

export interface MeasuredResults extends CaseResults {
  readonly groups: readonly RowGroup[];
  /** Rank correlation over all rows. */
  readonly spearman: number | undefined;
  /** As {@link medianRegret} has it, over all rows. */
  readonly regret: number | undefined;
  readonly inexpressible: Inexpressible;
  /** Means over sources that have a prediction, each of which counts alike, however many rows it has. */
  readonly sourcesAlike: SourcesAlike;
  /** The rows by machine, framework, precision and model. */
  readonly by: Readonly<Record<'gpu' | 'framework' | 'precision' | 'model', readonly RowGroup[]>>;
  /** What is assumed of the machines and programs, by source. */
  readonly assumptions: Readonly<Record<string, readonly string[]>>;
  /** What is assumed of single rows. */
  readonly notes: readonly RowNote[];
}

export interface SourcesAlike {
  readonly sources: number;
  readonly meanAbsRelError: number;
  readonly medianRelError: number;
  readonly spearman: number | undefined;
}

/** Rows that can be predicted, and why others cannot. */
export interface Prepared {
  readonly rows: readonly PreparedRow[];
  readonly refusals: readonly Refusal[];
}

/** What a row says that nothing here can be; an override or an option that is wrong is no fault of a row. */
const ROW_FAULTS: readonly string[] = ['SCHEMA', 'VALUE_OUT_OF_RANGE', 'SPACE_EMPTY'];

/**
 * Reads and compiles the rows of a file.
 *
 * @throws CosmicError as {@link validateMeasured}
 */
export function prepareRows({ file, set, system, software }: MeasuredRequest): Prepared {
  return prepareAll(readCsv(file, trainingRow), new Systems(set, { system, software }));
}

/**
 * Compiles rows.
 *
 * @throws CosmicError as {@link validateMeasured}
 */
export function prepareAll(reads: readonly CsvRow<TrainingRow>[], systems: Systems): Prepared {
  const rows: PreparedRow[] = [];
  const faults: { refusal: Refusal; error: CosmicError }[] = [];
  const unlessRefused = <Value>({ row, file, line }: CsvRow<TrainingRow>, express: () => Value): Value | undefined => {
    try {
      return express();
    } catch (error) {
      if (!(error instanceof CosmicError) || !ROW_FAULTS.includes(error.code)) throw error;
      const { code, message, remedy } = error;
      faults.push({ error: new CosmicError(code, message, { remedy, file, line }), refusal: refusalOf(row, message) });
      return undefined;
    }
  };
  for (const read of reads) {
    const given = { ...read, row: withShape(withRecipe(read.row)) };
    const place = { file: given.file, line: given.line };
    const installation = unlessRefused(given, () => installationOf(given.row, systems.own, place));
    if (installation === undefined) continue;
    const base = systems.get(installation);
    const prepared = unlessRefused(given, () => prepareRow(given, installation, base, systems.set));
    if (prepared !== undefined) rows.push(prepared);
  }
  // Where no row can be expressed, the first reason is what the user has to mend.
  if (rows.length === 0) throw faults[0]!.error;
  return { rows, refusals: faults.map(({ refusal }) => refusal) };
}

/** The rows of a file that can be expressed. */
export function prepareFile(request: MeasuredRequest): readonly PreparedRow[] {
  return prepareRows(request).rows;
}

function refusalOf({ id, source }: TrainingRow, reason: string): Refusal {
  return { id, source, reason };
}

function noteOf({ open }: PreparedRow, { setting }: Prediction): string | undefined {
  if (!open) return undefined;
  const { microBatch, recompute, virtualStages } = setting;
  return `micro-batch ${microBatch}, recomputation ${recompute}, virtual stages ${virtualStages}`;
}

/** What is assumed of the rows of each source; where it is not the same of all of them, all of it. */
function assumptionsOf(prepared: readonly PreparedRow[]): Record<string, string[]> {
  const bySource = new Map<string, Set<string>>();
  for (const { row, assumptions } of prepared) {
    bySource.set(row.source, new Set([...(bySource.get(row.source) ?? []), ...assumptions]));
  }
  return Object.fromEntries([...bySource].map(([source, texts]) => [source, [...texts]]));
}

function sourcesAlike(sources: readonly RowGroup[]): SourcesAlike {
  const ranks = sources.flatMap(({ spearman }) => spearman ?? []);
  return {
    sources: sources.length,
    meanAbsRelError: mean(sources.map(({ meanAbsRelError }) => meanAbsRelError)),
    medianRelError: mean(sources.map(({ medianRelError }) => medianRelError)),
    spearman: ranks.length === 0 ? undefined : mean(ranks),
  };
}

/** The software that a row is predicted with; of some machines the preset is that of both. */
export function predictedWith(prepared: readonly PreparedRow[]): (row: RunRow) => string {
  const names = new Map(prepared.map(({ row, system, software }) => [row, software ?? system]));
  return (row) => names.get(row)!;
}

/** The rows as cases, by their sources. */
export function casesOf(prepared: readonly PreparedRow[], predictions: readonly Prediction[]): RowCase[] {
  return prepared.map(({ row }, i) => ({
    id: row.id,
    group: row.source,
    expected: row.iteration_s,
    got: predictions[i]!.seconds,
    row,
  }));
}

/**
 * Predicts each row of a file of measured training steps from its configuration, and compares, in seconds. `failures` are
 * all rows, as none is exact: the worst first.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA, VALUE_OUT_OF_RANGE
 * @example
 * validateMeasured({ file: 'training.csv' }).meanAbsRelError;
 */
export function validateMeasured(request: MeasuredRequest): MeasuredResults {
  return resultsOf(prepareRows(request), request.by);
}

/**
 * As {@link validateMeasured}, of rows that were prepared.
 *
 * @param all the predictions of the rows, where they were made before
 */
export function resultsOf(
  { rows, refusals: unprepared }: Prepared,
  by: readonly TrainingColumn[] = [],
  all: readonly Prediction[] = rows.map(predictRow),
): MeasuredResults {
  const refusals = [
    ...unprepared,
    ...rows.flatMap(({ row }, i) => {
      const { seconds, status } = all[i]!;
      return seconds === undefined ? [refusalOf(row, reasonOf(status))] : [];
    }),
  ];
  const prepared = rows.filter((_, i) => all[i]!.seconds !== undefined);
  const predictions = all.filter(({ seconds }) => seconds !== undefined);
  const cases = casesOf(prepared, predictions);
  const groups = groupRows(cases, by, refusals);
  return {
    ...summarize(cases),
    groups,
    spearman: rankCorrelation(cases),
    regret: medianRegret(cases),
    inexpressible: countRefusals(refusals),
    sourcesAlike: sourcesAlike(groups.filter(({ depth, cases: count }) => depth === 0 && count > 0)),
    by: {
      gpu: groupsBy(cases, ({ gpu }) => gpu),
      framework: groupsBy(cases, predictedWith(prepared)),
      precision: groupsBy(cases, ({ precision = 'not stated' }) => precision),
      model: groupsBy(cases, modelName),
    },
    assumptions: assumptionsOf(prepared),
    notes: prepared.flatMap((one, i) => {
      const note = noteOf(one, predictions[i]!);
      return note === undefined ? [] : [{ id: one.row.id, note }];
    }),
  };
}
