import { type CaseResults, summarize } from '../cases.js';
import { readCsv } from '../csv.js';
import { groupRows, type RowCase, type RowGroup, rankCorrelation } from './groups.js';
import { type Prediction, type PreparedRow, predictRow, prepareRow, reasonOf, Systems } from './prediction.js';
import { type TrainingColumn, trainingRow } from './row.js';

/** What to compare with a file of measured step times. */
export interface MeasuredRequest {
  /** A CSV file; test/data/measured/README.md describes its columns. */
  readonly file: string;
  /** Overrides for every row, as `--set` takes them. */
  readonly set?: readonly string[];
  /** A preset or a file that describes the machine of all rows; else presets stand for their GPUs. */
  readonly system?: string | undefined;
  /** Columns to group by, within a model. */
  readonly by?: readonly TrainingColumn[];
}

/** A row whose source leaves something open, or that cannot run. */
export interface RowNote {
  readonly id: string;
  readonly note: string;
}

export interface MeasuredResults extends CaseResults {
  readonly groups: readonly RowGroup[];
  /** Rank correlation over all rows. */
  readonly spearman: number | undefined;
  /** What is assumed of the machines and programs, by source. */
  readonly assumptions: Readonly<Record<string, readonly string[]>>;
  /** What is assumed of single rows. */
  readonly notes: readonly RowNote[];
}

/** Reads and compiles the rows of a file. */
export function prepareFile({ file, set, system }: MeasuredRequest): PreparedRow[] {
  const systems = new Systems(set, system);
  return readCsv(file, trainingRow).map((row) => prepareRow(row, systems));
}

function noteOf({ open }: PreparedRow, prediction: Prediction): string | undefined {
  const { seconds, setting, status } = prediction;
  if (seconds === undefined) return `cannot run: ${reasonOf(status)}`;
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
  const prepared = prepareFile(request);
  const predictions = prepared.map(predictRow);
  const cases = casesOf(prepared, predictions);
  return {
    ...summarize(cases),
    groups: groupRows(cases, request.by),
    spearman: rankCorrelation(cases),
    assumptions: assumptionsOf(prepared),
    notes: prepared.flatMap((one, i) => {
      const note = noteOf(one, predictions[i]!);
      return note === undefined ? [] : [{ id: one.row.id, note }];
    }),
  };
}
