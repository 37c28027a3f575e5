/** How the predicted time of a measured run answers to constants, from few simulations: fits ask for it thousands of times. */
import { type Constant, constantsOf, restoreConstants, scaleConstants } from './fit.js';
import { type PreparedRow, predictRow } from './prediction.js';

/** Distance of the points that are simulated, in logarithms of constants. */
const GRID = 0.1;

/** Near a set of constants. */
export interface Answer {
  /** ln(predicted / measured); undefined where nothing can run. */
  readonly error: number | undefined;
  /** What a unit of each constant's logarithm adds to it. */
  readonly slopes: readonly number[];
}

/**
 * Points of a grid are simulated once each; between them a time is taken to be straight in logarithms. The grid is one of the constants'
 * values, wherever presets stand on it, so that what is fitted does not depend on these.
 */
export class Response {
  private readonly simulated = new Map<string, number | undefined>();
  private readonly calibrated: readonly (readonly number[])[];
  private readonly answers: readonly boolean[];

  constructor(
    readonly row: PreparedRow,
    private readonly constants: readonly Constant[],
  ) {
    this.calibrated = constantsOf([row], constants);
    this.answers = constants.map(({ neutral }, c) => this.calibrated[0]![c] !== neutral);
  }

  /** @param shifts ln of the factors by which the row's constants are multiplied */
  at(shifts: readonly number[]): Answer {
    const values = shifts.map((shift, c) => (this.answers[c] ? Math.log(this.calibrated[0]![c]!) + shift : 0));
    const point = values.map((value) => Math.round(value / GRID));
    const error = this.simulate(point);
    if (error === undefined) return { error, slopes: [] };
    const slopes = point.map((_, c) => (this.answers[c] ? this.slope(point, c) : 0));
    return {
      error: slopes.reduce((sum, slope, c) => sum + slope * (values[c]! - point[c]! * GRID), error),
      slopes,
    };
  }

  private slope(point: readonly number[], c: number): number {
    const beside = (steps: number) => this.simulate(point.map((at, i) => (i === c ? at + steps : at)));
    const [below, above] = [beside(-1), beside(1)];
    return below === undefined || above === undefined ? 0 : (above - below) / (2 * GRID);
  }

  private simulate(point: readonly number[]): number | undefined {
    const key = point.join();
    if (this.simulated.has(key)) return this.simulated.get(key);
    const factors = point.map((at, c) => (this.answers[c] ? Math.exp(at * GRID) / this.calibrated[0]![c]! : 1));
    scaleConstants([this.row], this.constants, this.calibrated, factors);
    const { seconds } = predictRow(this.row);
    restoreConstants([this.row], this.constants, this.calibrated);
    const error = seconds === undefined ? undefined : Math.log(seconds / this.row.row.iteration_s);
    this.simulated.set(key, error);
    return error;
  }
}
