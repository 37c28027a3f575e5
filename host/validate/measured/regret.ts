/** How much slower a run was measured that predictions would choose than the best that was measured. */
import { quantile } from '../../statistics/statistics.js';
import type { RowCase } from './prediction.js';
import type { TrainingRow } from './row.js';

/** Fewer runs leave little to choose from. */
const LEAST_RUNS = 5;

/** What a user has to decide with: the model and the machines. */
export const jobOf = ({ row }: { readonly row: TrainingRow }): string => [modelOf(row), row.gpu, row.gpus].join();

/** A model by its name, where the file has one, and by its shape; a proxy with fewer layers is another model. */
export function modelOf({ model, hidden, layers, ffn }: TrainingRow): string {
  return [model ?? ffn, hidden, layers].join(' × ');
}

/** Seconds a token: runs of a job may differ in batch and sequence. */
const perToken = (seconds: number, { row: { global_batch, seq } }: RowCase): number => seconds / (global_batch * seq);

function regretOf(runs: readonly RowCase[]): number {
  const measured = (one: RowCase) => perToken(one.expected, one);
  const chosen = runs.reduce((best, one) => (perToken(one.got!, one) < perToken(best.got!, best) ? one : best));
  return measured(chosen) / Math.min(...runs.map(measured)) - 1;
}

/** Runs of a job, where there are enough that have a prediction. */
export function jobs(cases: readonly RowCase[]): RowCase[][] {
  const byJob = new Map<string, RowCase[]>();
  for (const one of cases) {
    if (one.got !== undefined) byJob.set(jobOf(one), [...(byJob.get(jobOf(one)) ?? []), one]);
  }
  return [...byJob.values()].filter((runs) => runs.length >= LEAST_RUNS);
}

/**
 * The median over jobs (a model on so many NPUs of a kind) of at least five runs: measured time a token of the run that is
 * predicted to be the fastest / of the fastest − 1. Undefined where there is no such job.
 */
export function medianRegret(cases: readonly RowCase[]): number | undefined {
  return quantile(jobs(cases).map(regretOf), 0.5);
}
