/** Fitting the constants of a machine and its software to measured rows. */
import { type ParameterName, slotOf } from '../../../psa/parameters.js';
import { nelderMead } from '../nelderMead.js';
import { pseudoHuber } from '../statistics.js';
import { kindOf } from './groups.js';
import { type PreparedRow, predictRow } from './prediction.js';

/** A constant that hardware and software decide, the same for all models and configurations. */
export interface Constant {
  readonly name: string;
  /** Slots of the design that take its value. */
  readonly slots: readonly number[];
  readonly min: number;
  readonly max: number;
  /** Of rows that have this, nothing is fitted. */
  readonly neutral: number;
}

/** One that machines or frameworks share. */
export interface SharedConstant extends Constant {
  /** Where a fit starts. */
  readonly typical: number;
  /** How widely it is spread over machines or frameworks, a standard deviation of its logarithm. */
  readonly width: number;
  /** The same of its mean around 1, where kernels by themselves tell that; nothing is known of the mean unless given. */
  readonly meanWidth?: number;
}

function constant(
  name: ParameterName,
  min: number,
  max: number,
  dimensions: readonly number[] = [0],
  neutral = 0,
): Constant {
  const brackets = dimensions.length === 1 && dimensions[0]! > 0 ? `[${dimensions[0]}]` : '';
  return { name: `${name}${brackets}`, slots: dimensions.map((d) => slotOf(name) + d), min, max, neutral };
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

/**
 * What is calibrated on steps of a machine of today, and of a framework on it. Rates of products and attention are those of single
 * kernels (docs/kernels.md), which no step has a say in; of machines without them, the clock stands for all of these.
 */
export const OF_TODAY: readonly SharedConstant[] = [
  { ...constant('compute.sustainedClock', 0.2, 1.5), typical: 0.85, width: 0.15 },
  { ...constant('compute.memoryEfficiency', 0.05, 1), typical: 0.3, width: 0.6 },
  { ...constant('compute.elementwiseShare', 0.05, 1, [0], 1), typical: 0.3, width: 0.6 },
  { ...constant('compute.hostLaunchUs', 1, 10_000), typical: 50, width: 0.3 },
  { ...constant('compute.expertEfficiency', 0.05, 1, [0], 1), typical: 0.5, width: 0.4 },
  { ...constant('network.exchangeEfficiency', 0.05, 1, [0], 1), typical: 0.8, width: 0.15, meanWidth: 0.2 },
];

const SHARE = slotOf('compute.elementwiseShare');
const MEMORY = slotOf('compute.memoryEfficiency');

/**
 * What is fitted of runs of one framework on one machine: what is not neutral, as the host of compiled steps is. Where its element-wise
 * kernels reach a share of what the machine's do, steps tell the product alone, and the machine's are those of single kernels.
 */
export function constantsFor(rows: readonly PreparedRow[]): readonly Constant[] {
  if (rows[0]!.software === 'megatron-lm-2021') return OF_2021;
  const decided = (slot: number, neutral: number) => rows.some(({ design }) => design[slot]! !== neutral);
  const constants = OF_TODAY.filter(({ slots, neutral }) => decided(slots[0]!, neutral));
  return decided(SHARE, 1) ? constants.filter(({ slots }) => slots[0] !== MEMORY) : constants;
}

/** The constants as each row has them: some jobs have a host of their own. */
export function constantsOf(rows: readonly PreparedRow[], constants: readonly Constant[]): number[][] {
  return rows.map(({ design }) => constants.map(({ slots }) => design[slots[0]!]!));
}

/** Gives rows their constants back. */
export function restoreConstants(
  rows: readonly PreparedRow[],
  constants: readonly Constant[],
  calibrated: readonly (readonly number[])[],
): void {
  for (const [r, row] of rows.entries()) setConstants(row, constants, calibrated[r]!);
}

function setConstants({ design }: PreparedRow, constants: readonly Constant[], values: readonly number[]): void {
  constants.forEach(({ slots }, c) => {
    for (const slot of slots) design[slot] = values[c]!;
  });
}

/** Gives rows so many times the constants that they had, within bounds. */
export function scaleConstants(
  rows: readonly PreparedRow[],
  constants: readonly Constant[],
  calibrated: readonly (readonly number[])[],
  factors: readonly number[],
): void {
  rows.forEach((row, r) => {
    const values = constants.map(({ max }, c) => Math.min(calibrated[r]![c]! * factors[c]!, max));
    setConstants(row, constants, values);
  });
}

/** Most evaluations of all rows, for each constant. */
const EVALUATIONS_PER_CONSTANT = 15;

/** What a row's logarithmic error costs. */
function loss(row: PreparedRow): number {
  const { seconds } = predictRow(row);
  if (seconds === undefined) return 0;
  return pseudoHuber(Math.log(seconds / row.row.iteration_s));
}

/** Each kind of run (a model in a source) counts alike, however many rows it has. */
export function weightsOf(rows: readonly PreparedRow[]): (row: PreparedRow) => number {
  const counts = new Map<string, number>();
  for (const { row } of rows) counts.set(kindOf(row), (counts.get(kindOf(row)) ?? 0) + 1);
  return ({ row }) => 1 / counts.get(kindOf(row))!;
}

/** Of more runs than this, every n-th is fitted to. */
const MOST_ROWS = 80;

/** So many of the runs that a fit takes no longer than it must. */
export function thinned<T>(items: readonly T[]): T[] {
  const step = Math.ceil(items.length / MOST_ROWS);
  return items.filter((_, i) => i % step === 0);
}

/**
 * Fits constants to rows: a factor of each, the same for all rows, of what they have. The rows have them again behind it.
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
  const calibrated = constantsOf(some, constants);
  const most = constants.map((_, c) => Math.max(...calibrated.map((values) => values[c]!)));
  const totalLoss = (factors: readonly number[]) => {
    const outside = constants.some(({ min, max }, c) => factors[c]! * most[c]! < min || factors[c]! * most[c]! > max);
    if (outside) return Infinity;
    scaleConstants(some, constants, calibrated, factors);
    return some.reduce((sum, row, i) => sum + weights[i]! * loss(row), 0);
  };
  const start = constants.map(() => 1);
  const fitted = nelderMead(totalLoss, start, EVALUATIONS_PER_CONSTANT * constants.length);
  restoreConstants(some, constants, calibrated);
  return fitted;
}
