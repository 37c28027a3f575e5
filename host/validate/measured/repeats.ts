/** Steps that were measured more than once: how far they scatter, which no prediction can follow. */

import { mean, median } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import type { PreparedRow } from './prediction.js';
import { trainingColumns } from './row.js';

/** What was measured, and where it is told. */
const NOT_CONFIGURED: readonly string[] = [
  ...['id', 'source', 'iteration_s', 'tokens_per_s_per_gpu', 'tflops_per_gpu_reported', 'flop_convention'],
  ...['framework_version', 'url_or_repo_path', 'notes'],
];

const CONFIGURED = trainingColumns.filter((column) => !NOT_CONFIGURED.includes(column));

/** Rows that agree in this are predicted alike: what they say of their configuration, and what their words are taken to mean. */
function configurationOf({ row, system, software, design }: PreparedRow): string {
  return [system, software, ...CONFIGURED.map((column) => row[column]), ...design].join();
}

/** Of steps that stand in sets of repeats. */
export interface Scatter {
  readonly sets: number;
  readonly steps: number;
  /** The slowest of a set over the fastest − 1: the median over sets. */
  readonly spread: number;
  /** The mean error of the steps if each set were predicted by its own median. */
  readonly least: number;
}

export interface SourceScatter {
  readonly source: string;
  /** Of steps that the source itself has more than once. */
  readonly within: Scatter | undefined;
  /** Of those of its steps that another source has, too: an earlier release, say. */
  readonly across: Scatter | undefined;
}

type Repeats = readonly PreparedRow[];

const seconds = ({ row }: PreparedRow): number => row.iteration_s;

/** @param counts of a set, which steps count */
function scatterOf(sets: readonly Repeats[], counts: (row: PreparedRow) => boolean = () => true): Scatter | undefined {
  if (sets.length === 0) return undefined;
  const errors = sets.flatMap((set) => {
    const middle = median(set.map(seconds));
    return set.filter(counts).map((row) => Math.abs(middle / seconds(row) - 1));
  });
  const spreads = sets.map((set) => Math.max(...set.map(seconds)) / Math.min(...set.map(seconds)) - 1);
  return { sets: sets.length, steps: errors.length, spread: median(spreads), least: mean(errors) };
}

const setsOf = (rows: readonly PreparedRow[]): Repeats[] =>
  [...partsOf(rows, configurationOf).values()].filter(({ length }) => length > 1);

/** ln of seconds over the geometric mean of the step's own set, as wide as of a mean that is known (Bessel's correction). */
export function scatteredLogs(rows: readonly PreparedRow[]): number[] {
  return setsOf(rows).flatMap((set) => {
    const logs = set.map((row) => Math.log(seconds(row)));
    const middle = mean(logs);
    return logs.map((log) => (log - middle) * Math.sqrt(set.length / (set.length - 1)));
  });
}

/** By source, where any of its steps was measured again. */
export function scatterBySource(rows: readonly PreparedRow[]): SourceScatter[] {
  const sets = setsOf(rows);
  return [...new Set(rows.map(({ row }) => row.source))].flatMap((source) => {
    const isOwn = ({ row }: PreparedRow) => row.source === source;
    const own = sets.map((set) => set.filter(isOwn)).filter(({ length }) => length > 1);
    const shared = sets.filter((set) => set.some(isOwn) && !set.every(isOwn));
    const [within, across] = [scatterOf(own), scatterOf(shared, isOwn)];
    return within === undefined && across === undefined ? [] : [{ source, within, across }];
  });
}
