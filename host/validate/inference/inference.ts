import { CosmicError } from '../../../psa/errors.js';
import {
  type Case,
  type CaseGroup,
  type CaseResults,
  errorsOf,
  occurrences,
  summarize,
  type WorstCase,
  worstOf,
} from '../cases.js';
import { readCsv } from '../csv.js';
import { type Key, type NestedGroup, nestedGroups } from '../groups.js';
import { type InferenceRow, inferenceRow } from './row.js';
import { type Machine, machineFrom, NoRates, predict, type Run, runOf } from './run.js';

/** What to compare with a file of measured inference. */
export interface InferenceRequest {
  /** A CSV file; test/data/inference/README.md describes its columns. */
  readonly file: string;
  /** Overrides for every row, as `--set` takes them. */
  readonly set?: readonly string[];
  /** A preset or a file that describes the machine of all rows; else presets stand for their GPUs. */
  readonly system?: string | undefined;
}

export interface InferenceGroup extends CaseGroup, NestedGroup {
  /** The row of the largest error. */
  readonly worst: WorstCase;
}

/** Rows that no run can stand for, by reason. */
export interface Inexpressible {
  readonly reason: string;
  readonly rows: number;
}

export interface InferenceResults extends CaseResults {
  readonly groups: readonly InferenceGroup[];
  readonly inexpressible: readonly Inexpressible[];
  /** What is assumed of machines and programs, by GPU. */
  readonly assumptions: Readonly<Record<string, readonly string[]>>;
}

interface InferenceCase extends Case {
  readonly row: InferenceRow;
}

/** Keys of the groups, from the outside in. Static batches are measured in tokens/s, first tokens in ms. */
const KEYS: readonly Key<InferenceCase>[] = [
  ({ row }) => row.mode,
  ({ row }) => `${row.gpu} ${row.precision}`,
  ({ row }) => row.version,
  ({ row }) => row.model,
];

/** A prediction, or why there is none. */
function predictionOf(run: Run, row: InferenceRow, set: readonly string[]): number | string {
  try {
    return predict(run, row, set);
  } catch (error) {
    if (error instanceof NoRates) return error.message;
    throw error;
  }
}

function counted(reasons: readonly string[]): Inexpressible[] {
  return occurrences(reasons).map(([reason, rows]) => ({ reason, rows }));
}

/**
 * Predicts each row of a file of measured inference from its configuration: throughput of static batches, tokens/s, and the time
 * to the first token, ms. Rows that cannot be expressed are counted by their reason.
 *
 * @throws CosmicError FILE_NOT_FOUND, FILE_UNREADABLE, SCHEMA, VALUE_OUT_OF_RANGE, UNKNOWN_PARAMETER
 * @example
 * validateInference({ file: 'inference.csv' }).groups[0].meanAbsRelError;
 */
export function validateInference({ file, set = [], system }: InferenceRequest): InferenceResults {
  const own = system === undefined ? undefined : machineFrom(system);
  const cases: InferenceCase[] = [];
  const reasons: string[] = [];
  const machines = new Map<string, Machine>();
  for (const { row } of readCsv(file, inferenceRow)) {
    const run = runOf(row, own);
    if (typeof run === 'string') {
      reasons.push(run);
      continue;
    }
    const got = predictionOf(run, row, set);
    if (typeof got === 'string') {
      reasons.push(got);
      continue;
    }
    machines.set(row.gpu, run.machine);
    cases.push({ id: row.id, group: row.mode, expected: run.measured, got, row });
  }
  if (cases.length === 0) {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `no row can be predicted: ${reasons[0]}`, {
      file,
      remedy: 'give static batches or first tokens of models that are presets',
    });
  }
  const { groups: _, ...results } = summarize(cases);
  return {
    ...results,
    groups: nestedGroups(cases, KEYS, (part) => ({ ...errorsOf(part), worst: worstOf(part)! })),
    inexpressible: counted(reasons),
    assumptions: Object.fromEntries([...machines].map(([gpu, { assumptions }]) => [gpu, assumptions])),
  };
}
