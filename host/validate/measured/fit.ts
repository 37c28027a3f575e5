/** Fitting the constants of a system to measured rows. */
import { type ParameterName, slotOf } from '../../../psa/parameters.js';
import { nelderMead } from '../nelderMead.js';
import { type PreparedRow, predictRow } from './prediction.js';

/** A constant that hardware and software decide, the same for all models and configurations. */
export interface Constant {
  readonly name: string;
  /** Slots of the design that take its value. */
  readonly slots: readonly number[];
  readonly min: number;
  readonly max: number;
}

function constant(name: ParameterName, min: number, max: number, dimensions: readonly number[] = [0]): Constant {
  const brackets = dimensions.length === 1 && dimensions[0]! > 0 ? `[${dimensions[0]}]` : '';
  return { name: `${name}${brackets}`, slots: dimensions.map((d) => slotOf(name) + d), min, max };
}

/** What is calibrated on A100 systems; H100's few rows fix too little to be fitted again. */
export const CONSTANTS: readonly Constant[] = [
  constant('compute.gemmEfficiency', 0.4, 0.9),
  constant('compute.attentionHalfDim', 100, 1000),
  constant('compute.memoryEfficiency', 0.6, 0.95),
  constant('compute.hostLaunchUs', 10, 200),
  constant('compute.hostMicroBatchUs', 100, 10_000),
  constant('network.collectiveOverheadUs', 1, 50),
  constant('network.efficiency', 0.6, 0.95),
  constant('network.efficiency', 0.6, 0.98, [1]),
  constant('network.latencyNs', 500, 10_000, [0, 1]),
];

/** The constants as the first row's system has them. */
export function constantsOf([first]: readonly PreparedRow[]): number[] {
  return CONSTANTS.map(({ slots }) => first!.design[slots[0]!]!);
}

/** Gives rows these constants. */
export function setConstants(rows: readonly PreparedRow[], values: readonly number[]): void {
  for (const { design } of rows) {
    CONSTANTS.forEach(({ slots }, c) => {
      for (const slot of slots) design[slot] = values[c]!;
    });
  }
}

/** Errors from here on count with their size, smaller ones with its square: some runs were disturbed. */
const HUBER_DELTA = 0.03;

/** Most evaluations of all rows. */
const EVALUATIONS = 600;

/** Pseudo-Huber loss of a row's logarithmic error (Charbonnier et al., IEEE TIP 6(2), 1997). */
function loss(row: PreparedRow): number {
  const error = Math.log(predictRow(row).seconds! / row.row.iteration_s);
  return Math.sqrt(1 + (error / HUBER_DELTA) ** 2) - 1;
}

/**
 * Fits {@link CONSTANTS} to rows, beginning with their present values; gives the rows the result.
 *
 * @param weights weight of each row
 */
export function fitConstants(rows: readonly PreparedRow[], weights: readonly number[]): readonly number[] {
  const totalLoss = (values: readonly number[]) => {
    if (CONSTANTS.some(({ min, max }, c) => values[c]! < min || values[c]! > max)) return Infinity;
    setConstants(rows, values);
    return rows.reduce((sum, row, i) => sum + weights[i]! * loss(row), 0);
  };
  const fitted = nelderMead(totalLoss, constantsOf(rows), EVALUATIONS);
  setConstants(rows, fitted);
  return fitted;
}
