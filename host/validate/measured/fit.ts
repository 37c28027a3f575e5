/** Fitting the constants of a machine and its software to measured rows. */
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

/** What is calibrated of Megatron-LM of 2021, whose many small rows tell the host and the network apart. */
const OF_2021: readonly Constant[] = [
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

/** What is calibrated of a machine of today, and of a framework on it. */
const OF_TODAY: readonly Constant[] = [
  constant('compute.gemmEfficiency', 0.2, 1),
  constant('compute.eightBitGemmEfficiency', 0.2, 1),
  constant('compute.fusedAttentionHalfDim', 10, 1500),
  constant('compute.memoryEfficiency', 0.05, 1),
  constant('compute.hostLaunchUs', 1, 500),
];

/** What is fitted of runs of one framework on one machine: what all of them use, and what is not 0, as of compiled steps. */
export function constantsFor(rows: readonly PreparedRow[]): readonly Constant[] {
  const { software, design } = rows[0]!;
  if (software === 'megatron-lm-2021') return OF_2021;
  return OF_TODAY.filter(({ slots }) => design[slots[0]!]! > 0);
}

/** The constants as the first row has them. */
export function constantsOf([first]: readonly PreparedRow[], constants: readonly Constant[]): number[] {
  return constants.map(({ slots }) => first!.design[slots[0]!]!);
}

/** Gives rows these constants. */
export function setConstants(
  rows: readonly PreparedRow[],
  constants: readonly Constant[],
  values: readonly number[],
): void {
  for (const { design } of rows) {
    constants.forEach(({ slots }, c) => {
      for (const slot of slots) design[slot] = values[c]!;
    });
  }
}

/** Errors from here on count with their size, smaller ones with its square: some runs were disturbed. */
const HUBER_DELTA = 0.03;

/** Most evaluations of all rows, for each constant. */
const EVALUATIONS_PER_CONSTANT = 20;

/** Pseudo-Huber loss of a row's logarithmic error (Charbonnier et al., IEEE TIP 6(2), 1997). */
function loss(row: PreparedRow): number {
  const { seconds } = predictRow(row);
  if (seconds === undefined) return 0;
  const error = Math.log(seconds / row.row.iteration_s);
  return Math.sqrt(1 + (error / HUBER_DELTA) ** 2) - 1;
}

/** Of more runs than this, every n-th is fitted to. */
const MOST_ROWS = 150;

function thinned<T>(items: readonly T[]): T[] {
  const step = Math.ceil(items.length / MOST_ROWS);
  return items.filter((_, i) => i % step === 0);
}

/**
 * Fits constants to rows, beginning with their present values; gives the rows the result.
 *
 * @param weightOf weight of a row
 */
export function fitConstants(
  rows: readonly PreparedRow[],
  constants: readonly Constant[],
  weightOf: (row: PreparedRow) => number,
): readonly number[] {
  const some = thinned(rows);
  const weights = some.map(weightOf);
  const totalLoss = (values: readonly number[]) => {
    if (constants.some(({ min, max }, c) => values[c]! < min || values[c]! > max)) return Infinity;
    setConstants(some, constants, values);
    return some.reduce((sum, row, i) => sum + weights[i]! * loss(row), 0);
  };
  const fitted = nelderMead(totalLoss, constantsOf(rows, constants), EVALUATIONS_PER_CONSTANT * constants.length);
  setConstants(rows, constants, fitted);
  return fitted;
}
