import { formatNumber } from '../display/format.js';
import { median, quantile } from '../statistics/statistics.js';
import type { Optimum } from './optimum.js';
import { type History, relativeRegret, type Trial } from './trials.js';

/** How far from the optimum searches ended, relative to it: 0.01 is one percent worse. */
export interface Regret extends Trial {
  readonly seeds: number;
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  /** Searches that found the optimum. */
  readonly solved: number;
  /** Median regret after some numbers of evaluations. */
  readonly curve: readonly (readonly [evaluations: number, regret: number])[];
}

/** Numbers of evaluations in a curve for each factor of ten. */
const POINTS_PER_DECADE = 8;

/** The regret of one agent over some seeds, at least one. */
export function regretOf(trial: Trial, histories: readonly History[], { value }: Optimum): Regret {
  const at = (evaluations: number) => histories.map((history) => regretAfter(history, evaluations, value));
  const last = at(trial.budget);
  return {
    ...trial,
    seeds: histories.length,
    median: median(last),
    p10: quantile(last, 0.1)!,
    p90: quantile(last, 0.9)!,
    solved: last.filter((regret) => regret === 0).length,
    curve: curvePoints(trial.budget).map((evaluations) => [evaluations, median(at(evaluations))] as const),
  };
}

function regretAfter(history: History, evaluations: number, optimum: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const [done, objective] of history) if (done <= evaluations) best = objective;
  return relativeRegret(best, optimum);
}

function curvePoints(budget: number): number[] {
  const points = new Set<number>([budget]);
  for (let i = 0; ; i++) {
    const point = Math.round(10 ** (1 + i / POINTS_PER_DECADE));
    if (point >= budget) break;
    points.add(point);
  }
  return [...points].sort((a, b) => a - b);
}

/** Of searches the median in percent, the 10th and 90th percentile, and how many found the optimum: `0 [0 … 0.875], 12/20`. */
export function regretText({ median, p10, p90, solved, seeds }: Regret): string {
  // Infinite where no feasible design was found.
  const percent = (regret: number) => (Number.isFinite(regret) ? formatNumber(100 * regret, 3) : 'none');
  return `${percent(median)} [${percent(p10)} … ${percent(p90)}], ${solved}/${seeds}`;
}
